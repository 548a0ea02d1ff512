package dev.tomcorn.ecosystem;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.joran.spi.JoranException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the warnings of logs, with Logback as an application configures it.
 */
class LogWarningsTests {

	private static final String GROUP = "APPLICATION_GROUP";

	private static final Path DIRECTORY = Path.of("target", "log-warnings");

	private static final String APPENDED = """
			<appender name="PLAIN" class="ch.qos.logback.core.FileAppender">
				<file>%s/plain.log</file>
				<encoder><pattern>%%m%%n</pattern></encoder>
			</appender>
			<logger name="audit"><appender-ref ref="PLAIN"/></logger>
			""".formatted(DIRECTORY);

	private static final String NAMELESS = """
			<appender name="JSON" class="ch.qos.logback.core.ConsoleAppender">
				<encoder class="ch.qos.logback.classic.encoder.JsonEncoder">
					<withContext>false</withContext>
				</encoder>
			</appender>
			<logger name="audit"><appender-ref ref="JSON"/></logger>
			""";

	static Stream<WarningExample> examples() {
		return Stream.of(
				new WarningExample(List.of("log-file"), () -> warnings("worker-1", rolling("audit.log")),
						() -> warnings("worker-1", rolling("audit-1.log"), APPENDED),
						List.of("audit.log of appender 'AUDIT'", "tomcorn.worker.label",
								"tomcorn.warnings.log-file=false")),
				new WarningExample(List.of("log-lines"), () -> warnings("worker-1", NAMELESS),
						() -> warnings("worker-1"), List.of("The lines of appender 'JSON'", "${PID}")));
	}

	@Test
	void lineThatIsNotToNameTheProcessIsNotToldOf() throws Exception {
		assertThat(warnings(null, NAMELESS)).doesNotContainKey("log-lines");
	}

	/**
	 * Return the warnings of an application with some appenders, and no others.
	 * @param group the name of the process in its lines, if they have one
	 * @param appenders the appenders
	 */
	private static Map<String, String> warnings(@Nullable String group, String... appenders) throws Exception {
		LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
		Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
		List<Appender<ILoggingEvent>> console = new ArrayList<>();
		root.iteratorForAppenders().forEachRemaining(console::add);
		console.forEach(root::detachAppender);
		if (group != null) {
			System.setProperty(GROUP, group);
		}
		try {
			for (String appender : appenders) {
				configure(appender);
			}
			return TestWorker.warningsOf(new ApplicationContextRunner().withPropertyValues("tomcorn.worker.index=1",
					"tomcorn.worker.label=1"));
		}
		finally {
			System.clearProperty(GROUP);
			context.getLogger("audit").detachAndStopAllAppenders();
			console.forEach(root::addAppender);
		}
	}

	private static String rolling(String name) {
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
				""".formatted(DIRECTORY, name);
	}

	/**
	 * Add to the configuration of the tests.
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
