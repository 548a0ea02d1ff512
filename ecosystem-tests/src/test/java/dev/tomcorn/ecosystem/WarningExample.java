package dev.tomcorn.ecosystem;

import java.util.List;
import java.util.Map;

import org.springframework.boot.test.context.runner.AbstractApplicationContextRunner;

/**
 * An application that gets some warnings, and a similar one that does not.
 *
 * @param names names of the warnings
 * @param told the application with the warnings
 * @param silent the application without them
 * @param text a part of the warnings
 */
record WarningExample(List<String> names, Application told, Application silent, List<String> text) {

	/**
	 * Create an example of applications in two workers.
	 */
	static WarningExample of(AbstractApplicationContextRunner<?, ?, ?> told,
			AbstractApplicationContextRunner<?, ?, ?> silent, String... names) {
		return new WarningExample(List.of(names), () -> TestWorker.warningsOf(told),
				() -> TestWorker.warningsOf(silent), List.of());
	}

	WarningExample saying(String... newText) {
		return new WarningExample(this.names, this.told, this.silent, List.of(newText));
	}

	@Override
	public String toString() {
		return String.join(", ", this.names);
	}

	/**
	 * Starts an application and returns its warnings.
	 */
	@FunctionalInterface
	interface Application {

		Map<String, String> warnings() throws Exception;

	}

}
