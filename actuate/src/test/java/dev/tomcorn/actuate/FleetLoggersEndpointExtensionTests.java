package dev.tomcorn.actuate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.logging.LoggersEndpoint;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggerGroups;
import org.springframework.boot.logging.LoggingSystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The extension in worker 2.
 */
class FleetLoggersEndpointExtensionTests {

	private final List<String> set = new ArrayList<>();

	@TempDir
	private Path directory;

	private FleetLoggersEndpointExtension extension() {
		LoggersEndpoint loggers = new LoggersEndpoint(new Recording(), new LoggerGroups());
		return new FleetLoggersEndpointExtension(loggers, new LoggerLevels(this.directory, loggers::configureLogLevel),
				2);
	}

	@Test
	void levelIsForAllWorkersOrForThisOne() {
		extension().configureLogLevel("a", LogLevel.DEBUG, null);
		assertThat(this.directory.resolve("loggers")).content().endsWith("DEBUG a\n");
		extension().configureLogLevel("b", LogLevel.DEBUG, "2");
		assertThat(this.directory.resolve("loggers")).content().doesNotContain("b");
		assertThat(this.set).containsExactly("a DEBUG", "b DEBUG");
	}

	/**
	 * A body may have the parameter. The request is not forwarded.
	 */
	@Test
	void levelThatIsForAnotherWorkerIsNotSetHere() {
		assertThatExceptionOfType(InvalidEndpointRequestException.class)
			.isThrownBy(() -> extension().configureLogLevel("a", LogLevel.DEBUG, "1"))
			.withMessageContaining("?worker=2");
		assertThat(this.set).isEmpty();
	}

	private final class Recording extends LoggingSystem {

		@Override
		public void beforeInitialize() {
		}

		@Override
		public void setLogLevel(@Nullable String loggerName, @Nullable LogLevel level) {
			FleetLoggersEndpointExtensionTests.this.set.add(loggerName + " " + level);
		}

	}

}
