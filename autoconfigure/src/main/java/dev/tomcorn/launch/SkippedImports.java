package dev.tomcorn.launch;

import java.util.List;
import java.util.regex.Pattern;

import org.springframework.boot.context.config.ConfigDataLocation;
import org.springframework.boot.context.config.ConfigDataLocationResolver;
import org.springframework.boot.context.config.ConfigDataLocationResolverContext;
import org.springframework.boot.context.config.ConfigDataResource;

/**
 * {@link ConfigDataLocationResolver} that skips sources on other machines, such as a
 * configuration server: the command makes no connection.
 */
final class SkippedImports implements ConfigDataLocationResolver<ConfigDataResource> {

	private static final Pattern ELSEWHERE = Pattern
		.compile("(?!(?:file|classpath|resource|configtree|env)\\*?:)[a-zA-Z][\\w+*.-]*:.*", Pattern.DOTALL);

	@Override
	public boolean isResolvable(ConfigDataLocationResolverContext context, ConfigDataLocation location) {
		return ELSEWHERE.matcher(location.getValue()).matches();
	}

	@Override
	public List<ConfigDataResource> resolve(ConfigDataLocationResolverContext context, ConfigDataLocation location) {
		return List.of();
	}

}
