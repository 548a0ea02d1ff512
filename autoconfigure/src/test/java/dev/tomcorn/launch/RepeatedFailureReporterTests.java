package dev.tomcorn.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import dev.tomcorn.core.arbiter.Placement;
import dev.tomcorn.logs.KnownFailures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.io.support.SpringFactoriesLoader;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class RepeatedFailureReporterTests {

	private static final Placement PLACEMENT = new Placement(1, 1, 7, 1);

	@TempDir
	private Path directory;

	private final GenericApplicationContext context = new GenericApplicationContext();

	private static Exception failure(String message) {
		return new IllegalStateException("Cannot create bean", new IOException(message));
	}

	@Test
	void failureThatAnotherWorkerHasReportedIsALine(CapturedOutput output) throws IOException {
		this.context.refresh();
		RepeatedFailureReporter reporter = new RepeatedFailureReporter(this.context);
		assertThat(reporter.report(failure("refused"), KnownFailures.of(this.directory, PLACEMENT))).isFalse();
		failedInAnotherProcess(failure("refused"));
		KnownFailures known = KnownFailures.of(this.directory, PLACEMENT);
		assertThat(reporter.report(failure("refused"), known)).isTrue();
		assertThat(reporter.report(failure("wrong password"), known)).isFalse();
		// Test classes that run at the same time also log
		assertThat(output.getOut().lines().filter((line) -> line.contains("Application run failed"))).singleElement()
			.asString()
			.contains("ERROR", "Application run failed: java.io.IOException: refused (reported in full by worker 1 "
					+ "(pid 0) at ");
	}

	@Test
	void applicationThatIsNoWorkersIsLeftToBoot() {
		assertThat(new RepeatedFailureReporter(null).reportException(failure("refused"))).isFalse();
		assertThat(new RepeatedFailureReporter(this.context).reportException(failure("refused"))).isFalse();
		this.context.getEnvironment()
			.getPropertySources()
			.addFirst(new MapPropertySource(LogsEnvironmentPostProcessor.SOURCE, Map.of("tomcorn.worker.index", 1)));
		assertThat(new RepeatedFailureReporter(this.context).reportException(failure("refused")))
			.as("its arbiter is gone")
			.isFalse();
	}

	@Test
	void bootAsksItFirst() {
		assertThat(SpringFactoriesLoader.forDefaultResourceLocation().load(SpringBootExceptionReporter.class)).first()
			.isInstanceOf(RepeatedFailureReporter.class);
	}

	private void failedInAnotherProcess(Exception failure) throws IOException {
		KnownFailures failures = KnownFailures.of(this.directory, PLACEMENT);
		failures.seen(failure);
		failures.keep();
		Path file = this.directory.resolve("boot-failures");
		Files.writeString(file, Files.readString(file).replace(" " + ProcessHandle.current().pid() + " ", " 0 "));
	}

}
