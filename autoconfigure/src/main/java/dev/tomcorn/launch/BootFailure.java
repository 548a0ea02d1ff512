package dev.tomcorn.launch;

import java.util.List;

import dev.tomcorn.logs.RootCause;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;
import org.springframework.util.StringUtils;

/**
 * Describes why an application could not start. The first line is the cause in one
 * sentence, from a failure analyzer or the deepest exception. Then follows what Boot
 * logs: the description and the action.
 */
final class BootFailure {

	private BootFailure() {
	}

	static String describe(@Nullable ConfigurableApplicationContext context, Throwable failure) {
		for (FailureAnalyzer analyzer : analyzers(context)) {
			try {
				FailureAnalysis analysis = analyzer.analyze(failure);
				if (analysis != null && StringUtils.hasText(analysis.getDescription())) {
					return describe(analysis.getDescription().strip(), analysis.getAction());
				}
			}
			catch (RuntimeException | LinkageError ex) {
				// The next analyzer may succeed
			}
		}
		String sentence = RootCause.sentence(failure);
		return (failure.getCause() == null) ? sentence : sentence + "\nFailed with: " + failure;
	}

	private static String describe(String description, @Nullable String action) {
		String sentence = RootCause.oneLine(description);
		String text = sentence.equals(description) ? sentence : sentence + "\n" + description;
		return (action != null) ? text + "\n" + action : text;
	}

	/**
	 * Return the first sentence of a description.
	 */
	static String sentence(String description) {
		return description.lines().findFirst().orElse("");
	}

	private static List<FailureAnalyzer> analyzers(@Nullable ConfigurableApplicationContext context) {
		ClassLoader classLoader = (context != null) ? context.getClassLoader() : null;
		ArgumentResolver resolver = (context == null) ? ArgumentResolver.none()
				: ArgumentResolver.of(BeanFactory.class, context.getBeanFactory())
					.and(Environment.class, context.getEnvironment());
		return SpringFactoriesLoader.forDefaultResourceLocation(classLoader)
			.load(FailureAnalyzer.class, resolver, (type, name, ex) -> {
				// Skip an analyzer whose dependencies are missing
			});
	}

}
