package dev.tomcorn.ecosystem;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the warnings of logs, with Logback as an application configures it.
 */
class LogWarningsTests {

	private static final String GROUP = "APPLICATION_GROUP";

	private final Logger audit = ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger("audit");

	@TempDir
	private Path directory;

	@BeforeEach
	void nameTheProcess() {
		System.setProperty(GROUP, "worker-1");
	}

	@AfterEach
	void cleanUp() {
		System.clearProperty(GROUP);
		this.audit.detachAndStopAllAppenders();
	}

	@Test
	void rollingFileWithOneNameForAllIsToldOf() throws Exception {
		configure(rolling("audit.log"));
		assertThat(warnings()).containsKey("log-file");
		assertThat(warnings().get("log-file")).contains("audit.log of appender 'AUDIT'", "tomcorn.worker.label",
				"tomcorn.warnings.log-file=false");
	}

	@Test
	void fileOfTheWorkersOwnAndOneThatIsOnlyAppendedToAreNot() throws Exception {
		configure(rolling("audit-1.log"));
		configure("""
				<appender name="PLAIN" class="ch.qos.logback.core.FileAppender">
					<file>%s/plain.log</file>
					<encoder><pattern>%%m%%n</pattern></encoder>
				</appender>
				<logger name="audit"><appender-ref ref="PLAIN"/></logger>
				""".formatted(this.directory));
		assertThat(warnings()).doesNotContainKey("log-file");
	}

	@Test
	void consoleWhoseLayoutNothingCanBeAddedToIsToldOf() throws Exception {
		configure("""
				<appender name="JSON" class="ch.qos.logback.core.ConsoleAppender">
					<encoder class="ch.qos.logback.classic.encoder.JsonEncoder">
						<withContext>false</withContext>
					</encoder>
				</appender>
				<logger name="audit"><appender-ref ref="JSON"/></logger>
				""");
		assertThat(warnings().get("log-lines")).contains("The lines of appender '", "${PID}");
		System.clearProperty(GROUP);
		assertThat(warnings()).as("not wanted").doesNotContainKey("log-lines");
	}

	private static Map<String, String> warnings() {
		return TestWorker.warningsOf(
				new ApplicationContextRunner().withPropertyValues("tomcorn.worker.index=1", "tomcorn.worker.label=1"));
	}

	private String rolling(String name) {
		return """
				<appender name="AUDIT" class="ch.qos.logback.core.rolling.RollingFileAppender">
					<file>%1$s/%2$s</file>
					<rollingPolicy class="ch.qos.logback.core.rolling.SizeAndTimeBasedRollingPolicy">
						<fileNamePattern>%1$s/%2$s.%%d.%%i.gz</fileNamePattern>
						<maxFileSize>64KB</maxFileSize>
					</rollingPolicy>
					<encoder><pattern>%%m%%n</pattern></encoder>
				</appender>
				<logger name="audit"><appender-ref ref="AUDIT"/></logger>
				""".formatted(this.directory, name);
	}

	/**
	 * Add to the configuration that the tests run with.
	 */
	private static void configure(String xml) throws JoranException, IOException {
		JoranConfigurator configurator = new JoranConfigurator();
		configurator.setContext((LoggerContext) LoggerFactory.getILoggerFactory());
		try (ByteArrayInputStream stream = new ByteArrayInputStream(
				("<configuration>" + xml + "</configuration>").getBytes(StandardCharsets.UTF_8))) {
			configurator.doConfigure(stream);
		}
	}

}
