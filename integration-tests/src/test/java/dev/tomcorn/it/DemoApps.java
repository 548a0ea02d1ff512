package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Starts demos and ends all their processes after the test, or after the class if it is
 * registered in a static field. Their output is kept and, when a test fails, shown.
 */
final class DemoApps implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

	private final List<DemoProcess> processes = new ArrayList<>();

	private String name = "";

	private boolean perClass;

	@Override
	public void beforeAll(ExtensionContext context) {
		this.perClass = true;
		this.name = context.getRequiredTestClass().getSimpleName();
	}

	@Override
	public void beforeEach(ExtensionContext context) {
		this.name = context.getRequiredTestClass().getSimpleName() + "-" + context.getRequiredTestMethod().getName();
	}

	/**
	 * Start a demo.
	 */
	DemoProcess start(Launch launch) {
		try {
			Path log = Files.createTempFile(Files.createDirectories(Launch.LOGS), this.name + "-", ".log");
			DemoProcess process = DemoProcess.start(launch, log);
			this.processes.add(process);
			return process;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void afterEach(ExtensionContext context) {
		showFailure(context);
		if (!this.perClass) {
			endAll();
		}
	}

	private void showFailure(ExtensionContext context) {
		if (context.getExecutionException().isPresent()) {
			this.processes.forEach(
					(process) -> Figures.print("failed: %s, output: %s", context.getDisplayName(), process.tail()));
		}
	}

	@Override
	public void afterAll(ExtensionContext context) {
		// If the start itself failed, no test has the process
		showFailure(context);
		endAll();
	}

	private void endAll() {
		List<DemoProcess> ending = List.copyOf(this.processes);
		this.processes.clear();
		List<AssertionError> failures = new ArrayList<>();
		for (DemoProcess process : ending) {
			try {
				process.end();
			}
			catch (ConditionTimeoutException ex) {
				failures.add(new AssertionError(process.tree() + " did not end", ex));
			}
		}
		if (!failures.isEmpty()) {
			throw failures.getFirst();
		}
	}

}
