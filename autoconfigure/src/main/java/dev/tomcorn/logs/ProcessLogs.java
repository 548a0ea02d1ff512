package dev.tomcorn.logs;

import java.util.List;
import java.util.function.Consumer;

import ch.qos.logback.classic.LoggerContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

import org.springframework.util.ClassUtils;

/**
 * The logging system of this JVM after it is set up. Systems other than Logback are
 * accessed by reflection, and none is required.
 */
public final class ProcessLogs {

	private static final boolean LOGBACK = ClassUtils.isPresent("ch.qos.logback.classic.LoggerContext",
			ProcessLogs.class.getClassLoader());

	private ProcessLogs() {
	}

	/**
	 * Add the process name to each line on standard output if the logging system supports
	 * it.
	 * @param name the process
	 */
	public static void nameLines(ProcessName name) {
		if (LOGBACK) {
			Logback.use((logs) -> logs.nameLines(name));
		}
	}

	/**
	 * Omit stacks that an earlier worker has logged.
	 * @param failures failures that earlier workers have logged
	 * @return an action that ends this
	 */
	public static Runnable leaveOutKnownStacks(KnownFailures failures) {
		return LOGBACK ? Logback.leaveOutKnownStacks(failures) : () -> {
		};
	}

	/**
	 * Return the name of an appender to standard output whose lines do not name their
	 * process.
	 * @param name the process
	 * @return the name, or {@code null} if there is none
	 */
	public static @Nullable String nameless(ProcessName name) {
		LogbackLogs logback = LOGBACK ? Logback.current() : null;
		return (logback != null) ? logback.nameless(name) : Log4j2Logs.current().nameless(name);
	}

	/**
	 * Return a file that other workers roll or truncate, too.
	 * @param label this worker's label in file names
	 * @return the file and its appender, or {@code null} if there is none
	 */
	public static @Nullable String sharedFile(String label) {
		LogbackLogs logback = LOGBACK ? Logback.current() : null;
		List<LogFile> files = (logback != null) ? logback.files() : Log4j2Logs.current().files();
		long pid = ProcessHandle.current().pid();
		return files.stream()
			.filter((file) -> !file.isOwn(label, pid))
			.map((file) -> "%s of appender '%s'".formatted(file.file(), file.appender()))
			.findFirst()
			.orElse(null);
	}

	/**
	 * Loaded only if Logback is present.
	 */
	private static final class Logback {

		static @Nullable LogbackLogs current() {
			return (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) ? new LogbackLogs(context)
					: null;
		}

		static void use(Consumer<LogbackLogs> action) {
			LogbackLogs logs = current();
			if (logs != null) {
				action.accept(logs);
			}
		}

		static Runnable leaveOutKnownStacks(KnownFailures failures) {
			LogbackLogs logs = current();
			return (logs != null) ? logs.leaveOutKnownStacks(failures) : () -> {
			};
		}

	}

}
