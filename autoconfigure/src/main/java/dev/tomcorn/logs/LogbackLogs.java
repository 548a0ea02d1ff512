package dev.tomcorn.logs;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.spi.AppenderAttachable;
import org.jspecify.annotations.Nullable;

/**
 * The current configuration of Logback, by Boot or by the application itself.
 */
final class LogbackLogs {

	/**
	 * Key of the process name, for encoders that write all properties of the context.
	 */
	private static final String PROPERTY = "worker";

	/**
	 * The message within a pattern, even within the parentheses of another converter.
	 */
	private static final Pattern MESSAGE = Pattern.compile("%[-.\\d]*(?:message|msg|m)(?![A-Za-z])");

	private final LoggerContext context;

	LogbackLogs(LoggerContext context) {
		this.context = context;
	}

	/**
	 * Add the process name to each line on standard output, unless the line has the name
	 * or the process ID.
	 */
	void nameLines(ProcessName name) {
		if (this.context.getProperty(PROPERTY) == null) {
			this.context.putProperty(PROPERTY, name.field());
		}
		forEach((appender) -> {
			if (appender instanceof ConsoleAppender<ILoggingEvent> console
					&& console.getEncoder() instanceof PatternLayoutEncoder encoder && !says(encoder, name)) {
				String pattern = encoder.getPattern();
				encoder.stop();
				encoder.setPattern(named(pattern, name.name()));
				encoder.start();
			}
		});
	}

	/**
	 * Add the name before the message, so that parsers find all other fields in their
	 * place.
	 */
	static String named(String pattern, String name) {
		String prefix = "[" + name + "] ";
		Matcher message = MESSAGE.matcher(pattern);
		return message.find() ? pattern.substring(0, message.start()) + prefix + pattern.substring(message.start())
				: prefix + pattern;
	}

	/**
	 * Return the name of an appender to standard output whose lines do not name their
	 * process.
	 */
	@Nullable String nameless(ProcessName name) {
		List<String> names = new ArrayList<>();
		forEach((appender) -> {
			if (appender instanceof ConsoleAppender<ILoggingEvent> console && console.isStarted()
					&& console.getEncoder() != null && !says(console.getEncoder(), name)) {
				names.add(String.valueOf(console.getName()));
			}
		});
		return names.isEmpty() ? null : names.getFirst();
	}

	private boolean says(Encoder<ILoggingEvent> encoder, ProcessName name) {
		LoggingEvent probe = new LoggingEvent(Logger.class.getName(), this.context.getLogger("probe"), Level.INFO,
				"probe", null, null);
		probe.setThreadName("probe");
		probe.setTimeStamp(0);
		try {
			byte[] line = encoder.encode(probe);
			return line == null || name.isIn(new String(line, StandardCharsets.UTF_8));
		}
		catch (RuntimeException ex) {
			// An encoder that does not accept such an event
			return true;
		}
	}

	/**
	 * Return the files that this process rolls or truncates, by the name of the appender.
	 */
	List<LogFile> files() {
		List<LogFile> files = new ArrayList<>();
		forEach((appender) -> {
			if (appender instanceof FileAppender<ILoggingEvent> file && file.isStarted() && !file.isPrudent()
					&& (file instanceof RollingFileAppender || !file.isAppend()) && file.getFile() != null) {
				files.add(new LogFile(String.valueOf(file.getName()), file.getFile()));
			}
		});
		return files;
	}

	/**
	 * Omit stacks that an earlier worker has logged. Returns an action that ends this.
	 */
	Runnable leaveOutKnownStacks(KnownFailures failures) {
		KnownStackFilter filter = new KnownStackFilter(failures);
		filter.setContext(this.context);
		filter.start();
		this.context.addTurboFilter(filter);
		return () -> {
			filter.stop();
			this.context.getTurboFilterList().remove(filter);
		};
	}

	private void forEach(Consumer<Appender<ILoggingEvent>> action) {
		Set<Appender<ILoggingEvent>> found = Collections.newSetFromMap(new IdentityHashMap<>());
		for (Logger logger : this.context.getLoggerList()) {
			collect(logger.iteratorForAppenders(), found);
		}
		found.forEach(action);
	}

	private static void collect(Iterator<Appender<ILoggingEvent>> appenders, Set<Appender<ILoggingEvent>> found) {
		while (appenders.hasNext()) {
			Appender<ILoggingEvent> appender = appenders.next();
			if (found.add(appender) && appender instanceof AppenderAttachable<?> parent) {
				@SuppressWarnings("unchecked")
				AppenderAttachable<ILoggingEvent> attachable = (AppenderAttachable<ILoggingEvent>) parent;
				collect(attachable.iteratorForAppenders(), found);
			}
		}
	}

}
