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
 * Why an application could not start. The first line is the cause in one sentence, by a
 * failure analyzer or the deepest exception. Then comes what Boot logs: what is wrong and
 * what to do about it.
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
				// The next may know
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
	 * Return the sentence of a failure that has been described.
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
				// One that needs what is not there
			});
	}

}
