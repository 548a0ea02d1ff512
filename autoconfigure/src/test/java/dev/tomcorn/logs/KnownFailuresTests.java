package dev.tomcorn.logs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.AppenderBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class KnownFailuresTests {

	private static final Instant NOW = Instant.parse("2026-11-23T07:18:39Z");

	@TempDir
	private Path directory;

	private KnownFailures failures(long pid, int generation, Instant now) {
		return new KnownFailures(this.directory, 1, generation, pid, InstantSource.fixed(now));
	}

	private void failed(Throwable failure) {
		KnownFailures first = failures(1, 1, NOW);
		first.seen(failure);
		first.keep();
	}

	private static Exception failure(String message) {
		return new IllegalStateException("Cannot start", new IOException(message));
	}

	@Test
	void failureOfAWorkerBeforeIsKnownWhateverNumbersItHas() {
		failed(failure("lock of pid 1234 at 0x7f3a9c on port 8080"));
		KnownFailures second = failures(2, 1, NOW.plusSeconds(9));
		KnownFailures.Earlier earlier = second.find(failure("lock of pid 99 at 0x7aaaaa on port 8081"));
		assertThat(earlier).isEqualTo(new KnownFailures.Earlier(NOW, 1, 1));
		assertThat(Objects.requireNonNull(earlier).where()).startsWith("worker 1 (pid 1) at ");
	}

	@Test
	void anotherFailureIsNot() {
		failed(failure("connection refused"));
		KnownFailures second = failures(2, 1, NOW);
		assertThat(second.find(failure("wrong password"))).isNull();
		assertThat(second.find(new IOException("connection refused"))).isNull();
		assertThat(second
			.find(new IllegalStateException("Cannot start", new IllegalArgumentException("connection refused"))))
			.isNull();
	}

	@Test
	void newGenerationAndALaterHourSeeTheStackAgain() {
		failed(failure("connection refused"));
		assertThat(failures(2, 2, NOW).find(failure("connection refused"))).isNull();
		assertThat(failures(2, 1, NOW.plusSeconds(3601)).find(failure("connection refused"))).isNull();
	}

	@Test
	void whatAWorkerHasLoggedItselfAndWhatDidNotEndABootIsNotKnown() {
		failures(1, 1, NOW).seen(failure("connection refused"));
		assertThat(failures(2, 1, NOW).find(failure("connection refused"))).as("it has booted").isNull();
		failed(failure("connection refused"));
		assertThat(failures(1, 1, NOW).find(failure("connection refused"))).as("its own").isNull();
	}

	@Test
	void fileMayBeAnything() throws IOException {
		Files.writeString(this.directory.resolve("boot-failures"), "x y\n\n9 9 9 9 9");
		assertThat(failures(2, 1, NOW).find(failure("connection refused"))).isNull();
		failed(failure("connection refused"));
		Files.delete(this.directory.resolve("boot-failures"));
		Files.delete(this.directory);
		failed(failure("connection refused"));
		Files.createDirectory(this.directory);
	}

	@Test
	void causesThatGoInACircleAreDealtWith() {
		Exception one = new Exception("one");
		one.initCause(new Exception("two", one));
		failed(one);
		assertThat(failures(2, 1, NOW).find(one)).isNotNull();
	}

	@Test
	void stackThatIsKnownIsLeftOutOfTheLog() {
		LoggerContext context = new LoggerContext();
		context.setMDCAdapter(new LogbackMDCAdapter());
		List<ILoggingEvent> events = new ArrayList<>();
		AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {

			@Override
			protected void append(ILoggingEvent event) {
				events.add(event);
			}

		};
		appender.setContext(context);
		appender.start();
		Logger logger = context.getLogger("pool");
		logger.addAppender(appender);
		failed(failure("connection refused"));
		Runnable booted = new LogbackLogs(context).leaveOutKnownStacks(failures(2, 1, NOW));
		logger.error("{} - Exception during pool initialization.", "HikariPool-1", failure("connection refused"));
		logger.error("Application run failed", failure("connection refused"));
		logger.warn("Other", failure("wrong password"));
		logger.warn("No failure");
		logger.info("At info", failure("connection refused"));
		assertThat(events).extracting(ILoggingEvent::getFormattedMessage)
			.satisfiesExactly(
					(line) -> assertThat(line).startsWith("HikariPool-1 - Exception during pool initialization.: "
							+ "java.io.IOException: connection refused (stack as in worker 1 (pid 1) at "),
					(line) -> assertThat(line)
						.startsWith("Application run failed: java.io.IOException: connection refused (stack as in"),
					(line) -> assertThat(line).isEqualTo("Other"), (line) -> assertThat(line).isEqualTo("No failure"),
					(line) -> assertThat(line).isEqualTo("At info"));
		assertThat(events).extracting((event) -> event.getThrowableProxy() != null)
			.containsExactly(false, false, true, false, true);
		events.clear();
		booted.run();
		logger.error("Later", failure("connection refused"));
		assertThat(events).singleElement().extracting(ILoggingEvent::getThrowableProxy).isNotNull();
	}

}
