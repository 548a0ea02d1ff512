package dev.tomcorn.actuate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;

import dev.tomcorn.peer.RunDirectoryWatch;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.logging.LogLevel;

/**
 * The levels of loggers that were set in any worker of the fleet. Each worker looks for
 * changes about once a second and makes them its own; one that boots later begins with
 * all of them.
 */
final class LoggerLevels implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(LoggerLevels.class);

	private final LoggerLevelsFile file;

	private final BiConsumer<String, @Nullable LogLevel> loggers;

	private @Nullable Object seen;

	private long applied;

	private volatile boolean closed;

	/**
	 * Create the levels.
	 * @param runDirectory directory that the workers share
	 * @param loggers sets a level in this worker, {@code null} to reset it
	 */
	LoggerLevels(Path runDirectory, BiConsumer<String, @Nullable LogLevel> loggers) {
		this.file = new LoggerLevelsFile(runDirectory);
		this.loggers = loggers;
	}

	/**
	 * Make what was set before this worker's own, and look for changes from now on.
	 * @param watch looks regularly
	 */
	void start(RunDirectoryWatch watch) {
		refresh();
		watch.add(() -> {
			if (!this.closed) {
				refresh();
			}
			return !this.closed;
		});
	}

	/**
	 * Set a level in all workers: in this one at once, in the others when they look.
	 * @param name name of a logger or of a group
	 * @param level the level, {@code null} to reset it
	 * @throws IOException if the others cannot be told
	 */
	synchronized void set(String name, @Nullable LogLevel level) throws IOException {
		refresh();
		this.loggers.accept(name, level);
		this.applied = Math.max(this.applied, this.file.put(name, level, this.applied));
	}

	/**
	 * Apply what has changed since the last look.
	 */
	synchronized void refresh() {
		try {
			Object version = this.file.version();
			if (version == null || version.equals(this.seen)) {
				return;
			}
			this.seen = version;
			List<LoggerLevelsFile.Entry> entries = this.file.read();
			for (LoggerLevelsFile.Entry entry : entries) {
				if (entry.number() > this.applied) {
					this.loggers.accept(entry.name(), entry.level());
					logger.info("Level of %s %s, as set in another worker".formatted(entry.name(),
							(entry.level() != null) ? "is " + entry.level() : "is reset"));
					this.applied = entry.number();
				}
			}
		}
		catch (IOException | RuntimeException ex) {
			logger.warn("Levels of loggers that were set in other workers cannot be read: " + ex);
		}
	}

	@Override
	public void close() {
		this.closed = true;
	}

}
