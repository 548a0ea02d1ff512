package dev.tomcorn.logs;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class LogbackLogsTests {

	private static final ProcessName WORKER = new ProcessName("worker-2", "2", 4711);

	private static final String GUIDE = "%d{HH:mm:ss.SSS} [%thread] %-5level %logger{36} - %msg%n";

	private final LoggerContext context = new LoggerContext();

	private final Logger root = this.context.getLogger(Logger.ROOT_LOGGER_NAME);

	private final LogbackLogs logs = new LogbackLogs(this.context);

	private final ByteArrayOutputStream out = new ByteArrayOutputStream();

	@TempDir
	private Path directory;

	LogbackLogsTests() {
		this.context.setMDCAdapter(new LogbackMDCAdapter());
	}

	@AfterEach
	void stop() {
		this.context.stop();
	}

	@Test
	void linesOfAForeignPatternNameTheProcessInFrontOfTheMessage() {
		this.root.addAppender(console(pattern(GUIDE)));
		this.logs.nameLines(WORKER);
		this.context.getLogger("shop").info("Order {} accepted", 7);
		assertThat(output()).matches("(?s)[\\d:.]+ \\[.+] INFO  shop - \\[worker-2] Order 7 accepted\\R");
		assertThat(this.logs.nameless(WORKER)).isNull();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			%d %m%n                          | %d [w] %m%n
			%d %-5.10message %ex             | %d [w] %-5.10message %ex
			%d %mdc{a} %M %method %marker %m | %d %mdc{a} %M %method %marker [w] %m
			%crlf(%m){red} %n                | %crlf([w] %m){red} %n
			%d %maskedMsg%n                  | [w] %d %maskedMsg%n
			""")
	void nameComesBeforeTheMessageOrElseFirst(String pattern, String named) {
		assertThat(LogbackLogs.named(pattern, "w")).isEqualTo(named);
	}

	@ParameterizedTest
	@ValueSource(strings = { "%d 4711 %m%n", "[worker-2] %m%n", "%property{tomcorn-test} %m%n", "pid=4711, %m%n" })
	void patternThatHasNameOrProcessIdStays(String pattern) {
		this.context.putProperty("tomcorn-test", "worker-2");
		PatternLayoutEncoder encoder = pattern(pattern);
		this.root.addAppender(console(encoder));
		this.logs.nameLines(WORKER);
		assertThat(encoder.getPattern()).isEqualTo(pattern);
	}

	@Test
	void numberThatHasTheProcessIdWithinIsNotTaken() {
		PatternLayoutEncoder encoder = pattern("147110 %m%n");
		this.root.addAppender(console(encoder));
		this.logs.nameLines(WORKER);
		assertThat(encoder.getPattern()).isEqualTo("147110 [worker-2] %m%n");
	}

	@Test
	void consoleBehindAnotherAppenderIsFound() {
		AsyncAppender async = start(new AsyncAppender());
		PatternLayoutEncoder encoder = pattern("%m%n");
		async.addAppender(console(encoder));
		this.context.getLogger("audit").addAppender(async);
		this.logs.nameLines(WORKER);
		assertThat(encoder.getPattern()).isEqualTo("[worker-2] %m%n");
	}

	@Test
	void patternOfAFileStays() {
		PatternLayoutEncoder encoder = pattern("%m%n");
		FileAppender<ILoggingEvent> file = new FileAppender<>();
		file.setFile(this.directory.resolve("audit.log").toString());
		file.setEncoder(encoder);
		this.root.addAppender(start(file));
		this.logs.nameLines(WORKER);
		assertThat(encoder.getPattern()).isEqualTo("%m%n");
	}

	@Test
	void encoderThatWritesPropertiesOfTheContextHasTheWorker() {
		JsonEncoder encoder = new JsonEncoder();
		encoder.setContext(this.context);
		encoder.setWithContext(true);
		encoder.start();
		this.root.addAppender(console(encoder));
		assertThat(this.logs.nameless(WORKER)).isEqualTo("CONSOLE");
		this.logs.nameLines(WORKER);
		this.context.getLogger("shop").info("x");
		assertThat(output()).contains("\"worker\":\"2\"");
		assertThat(this.logs.nameless(WORKER)).isNull();
	}

	@Test
	void filesThatAreRolledOrTruncatedAreTold() {
		this.root.addAppender(file(new FileAppender<>(), "appended.log"));
		FileAppender<ILoggingEvent> truncated = new FileAppender<>();
		truncated.setAppend(false);
		this.root.addAppender(file(truncated, "truncated.log"));
		RollingFileAppender<ILoggingEvent> rolling = new RollingFileAppender<>();
		rolling.setFile(this.directory.resolve("rolling.log").toString());
		FixedWindowRollingPolicy policy = new FixedWindowRollingPolicy();
		policy.setFileNamePattern(this.directory.resolve("rolling.%i.log").toString());
		policy.setParent(rolling);
		policy.setContext(this.context);
		policy.start();
		SizeBasedTriggeringPolicy<ILoggingEvent> trigger = new SizeBasedTriggeringPolicy<>();
		trigger.setContext(this.context);
		trigger.start();
		rolling.setRollingPolicy(policy);
		rolling.setTriggeringPolicy(trigger);
		this.root.addAppender(file(rolling, "rolling.log"));
		assertThat(this.logs.files()).extracting((file) -> Path.of(file.file()).getFileName().toString())
			.containsExactlyInAnyOrder("truncated.log", "rolling.log");
	}

	@ParameterizedTest
	@CsvSource({ "logs/audit.log, false", "logs/audit-2.log, true", "logs/2/audit.log, true", "logs/worker2.log, true",
			"logs/4711.log, true", "logs/12.log, false", "logs/2x.log, false" })
	void fileThatIsTheWorkersOwnHasItsLabelOrPid(String file, boolean own) {
		assertThat(new LogFile("A", file).isOwn("2", 4711)).isEqualTo(own);
	}

	private <T extends FileAppender<ILoggingEvent>> T file(T appender, String name) {
		appender.setFile(this.directory.resolve(name).toString());
		appender.setEncoder(pattern("%m%n"));
		return start(appender);
	}

	private PatternLayoutEncoder pattern(String pattern) {
		PatternLayoutEncoder encoder = new PatternLayoutEncoder();
		encoder.setContext(this.context);
		encoder.setPattern(pattern);
		encoder.start();
		return encoder;
	}

	private ConsoleAppender<ILoggingEvent> console(Encoder<ILoggingEvent> encoder) {
		OutputStream stream = this.out;
		ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>() {

			@Override
			public void start() {
				super.start();
				setOutputStream(stream);
			}

		};
		appender.setEncoder(encoder);
		appender.setName("CONSOLE");
		return start(appender);
	}

	private <T extends Appender<ILoggingEvent>> T start(T appender) {
		appender.setContext(this.context);
		appender.start();
		return appender;
	}

	private String output() {
		return this.out.toString(StandardCharsets.UTF_8);
	}

}
