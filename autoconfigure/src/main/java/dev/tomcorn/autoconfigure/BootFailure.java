package dev.tomcorn.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;

/**
 * Why an application could not start, in the words that Boot logs: what is wrong and what
 * to do about it.
 */
final class BootFailure {

	private BootFailure() {
	}

	static String describe(@Nullable ConfigurableApplicationContext context, Throwable failure) {
		for (FailureAnalyzer analyzer : analyzers(context)) {
			try {
				FailureAnalysis analysis = analyzer.analyze(failure);
				if (analysis != null) {
					return (analysis.getAction() != null) ? analysis.getDescription() + "\n" + analysis.getAction()
							: analysis.getDescription();
				}
			}
			catch (RuntimeException | LinkageError ex) {
				// The next may know
			}
		}
		Throwable root = failure;
		while (root.getCause() != null) {
			root = root.getCause();
		}
		return (root == failure) ? failure.toString() : failure + "\nRoot cause: " + root;
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
