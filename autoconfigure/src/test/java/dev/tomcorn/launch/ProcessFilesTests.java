package dev.tomcorn.launch;

import java.util.Map;

import dev.tomcorn.core.process.WorkerLabel;
import org.junit.jupiter.api.Test;

import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ProcessFiles}.
 */
class ProcessFilesTests {

	private final MockEnvironment environment = new MockEnvironment();

	private Map<String, Object> ofWorker() {
		return ProcessFiles.ofWorker(this.environment, new WorkerLabel(2, 1));
	}

	private Map<String, Object> ofArbiter() {
		return ProcessFiles.ofOther(this.environment, "arbiter");
	}

	@Test
	void withoutFilesNothingChanges() {
		assertThat(ofWorker()).isEmpty();
		assertThat(ofArbiter()).isEmpty();
	}

	@Test
	void logFileOfAWorkerCarriesItsLabel() {
		this.environment.setProperty("logging.file.name", "logs/app.log");
		assertThat(ofWorker()).containsOnly(Map.entry("logging.file.name", "logs/app-2b.log"));
		assertThat(ofArbiter()).isEmpty();
	}

	@Test
	void placeholderIsReplacedWhereverItStands() {
		this.environment.setProperty("logging.file.name", "{worker}/app.log");
		assertThat(ofWorker()).containsOnly(Map.entry("logging.file.name", "2b/app.log"));
		assertThat(ofArbiter()).containsOnly(Map.entry("logging.file.name", "arbiter/app.log"));
	}

	@Test
	void logFileInADirectoryCarriesTheLabel() {
		this.environment.setProperty("logging.file.path", "/var/log");
		assertThat(ofWorker()).containsOnly(Map.entry("logging.file.name", "/var/log/spring-2b.log"));
		assertThat(ofArbiter()).isEmpty();
	}

	@Test
	void directoryWithThePlaceholderIsEnough() {
		this.environment.setProperty("logging.file.path", "/var/log/{worker}");
		assertThat(ofWorker()).containsOnly(Map.entry("logging.file.path", "/var/log/2b"));
		assertThat(ofArbiter()).containsOnly(Map.entry("logging.file.path", "/var/log/arbiter"));
	}

	@Test
	void rolledFilesCarryTheLabelUnlessTheyAreNamedAfterTheLogFile() {
		this.environment.setProperty("logging.logback.rollingpolicy.file-name-pattern", "old/%d{yyyy-MM-dd}.%i.log");
		assertThat(ofWorker())
			.containsOnly(Map.entry("logging.logback.rollingpolicy.file-name-pattern", "old/%d{yyyy-MM-dd}.%i-2b.log"));
		MockEnvironment named = new MockEnvironment();
		named.setIgnoreUnresolvableNestedPlaceholders(true);
		named.setProperty("logging.logback.rollingpolicy.file-name-pattern", "${LOG_FILE}.%d{yyyy-MM-dd}.%i");
		assertThat(ProcessFiles.ofWorker(named, new WorkerLabel(2, 1))).isEmpty();
	}

	@Test
	void accessLogCarriesTheLabelOnceItIsWritten() {
		this.environment.setProperty("server.tomcat.accesslog.prefix", "access");
		assertThat(ofWorker()).isEmpty();
		this.environment.setProperty("server.tomcat.accesslog.enabled", "true");
		assertThat(ofWorker()).containsOnly(Map.entry("server.tomcat.accesslog.prefix", "access-2b"));
		assertThat(ofArbiter()).isEmpty();
	}

	@Test
	void accessLogWithThePlaceholderHasTheLabelOnce() {
		this.environment.setProperty("server.tomcat.accesslog.enabled", "true");
		this.environment.setProperty("server.tomcat.accesslog.directory", "logs/{worker}");
		assertThat(ofWorker()).containsOnly(Map.entry("server.tomcat.accesslog.directory", "logs/2b"));
		this.environment.setProperty("server.tomcat.accesslog.prefix", "a{worker}");
		assertThat(ofWorker()).contains(Map.entry("server.tomcat.accesslog.prefix", "a2b"));
	}

	@Test
	void streamsStayWhatTheyAre() {
		this.environment.setProperty("logging.file.name", "/dev/stdout");
		this.environment.setProperty("server.tomcat.accesslog.enabled", "true");
		this.environment.setProperty("server.tomcat.accesslog.directory", "/dev");
		this.environment.setProperty("server.tomcat.accesslog.prefix", "stdout");
		this.environment.setProperty("server.tomcat.accesslog.suffix", "");
		assertThat(ofWorker()).isEmpty();
	}

}
