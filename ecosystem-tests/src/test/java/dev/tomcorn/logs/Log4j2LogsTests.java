package dev.tomcorn.logs;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.ConfigurationSource;
import org.apache.logging.log4j.core.config.xml.XmlConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the appenders that are found in Log4j2, with the real library.
 */
class Log4j2LogsTests {

	private static final ProcessName WORKER = new ProcessName("worker-1", "1", 4711);

	private final LoggerContext context = new LoggerContext("test");

	@TempDir
	private Path directory;

	@AfterEach
	void stop() {
		this.context.stop();
	}

	@Test
	void filesThatAreRolledOrTruncatedAreFound() throws Exception {
		Log4j2Logs logs = logs("""
				<RollingFile name="ROLLING" fileName="%1$s/rolling.log" filePattern="%1$s/rolling-%%i.log">
					<SizeBasedTriggeringPolicy size="1MB"/>
				</RollingFile>
				<RollingRandomAccessFile name="RANDOM" fileName="%1$s/random.log" filePattern="%1$s/random-%%i.log">
					<SizeBasedTriggeringPolicy size="1MB"/>
				</RollingRandomAccessFile>
				<File name="TRUNCATED" fileName="%1$s/truncated.log" append="false"/>
				<File name="APPENDED" fileName="%1$s/appended.log"/>
				<Console name="CONSOLE"/>
				""".formatted(this.directory));
		assertThat(logs.files()).extracting(LogFile::appender)
			.containsExactlyInAnyOrder("ROLLING", "RANDOM", "TRUNCATED");
		assertThat(logs.files()).allMatch((file) -> file.file().startsWith(this.directory.toString()));
	}

	@Test
	void consoleWhosePatternHasNeitherNameNorProcessIdIsFound() throws Exception {
		assertThat(logs(console("%d %m%n")).nameless(WORKER)).isEqualTo("CONSOLE");
		assertThat(logs(console("%d [worker-1] %m%n")).nameless(WORKER)).isNull();
		assertThat(logs(console("%d 4711 %m%n")).nameless(WORKER)).isNull();
		assertThat(logs(console("%d %pid %m%n")).nameless(WORKER)).isNull();
	}

	@Test
	void otherLoggingSystemHasNothing() {
		assertThat(Log4j2Logs.of(null).files()).isEmpty();
		assertThat(Log4j2Logs.of("not a context").nameless(WORKER)).isNull();
		assertThat(Log4j2Logs.current().files()).as("Log4j's interface before Logback").isEmpty();
	}

	private static String console(String pattern) {
		return "<Console name=\"CONSOLE\"><PatternLayout pattern=\"%s\"/></Console>".formatted(pattern);
	}

	private Log4j2Logs logs(String appenders) throws Exception {
		String xml = "<Configuration><Appenders>" + appenders + "</Appenders></Configuration>";
		this.context.start(new XmlConfiguration(this.context,
				new ConfigurationSource(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)))));
		return Log4j2Logs.of(this.context);
	}

}
