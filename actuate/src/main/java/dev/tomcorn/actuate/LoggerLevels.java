package dev.tomcorn.actuate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;

import dev.tomcorn.core.arbiter.BackgroundThread;
import dev.tomcorn.peer.RunDirectoryWatch;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.logging.LogLevel;

/**
 * The logger levels that were set in any worker of the fleet. Each worker checks for
 * changes about once a second and applies them. A worker that boots later applies all of
 * them first.
 */
final class LoggerLevels implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(LoggerLevels.class);

	private final LoggerLevelsFile file;

	private final BiConsumer<String, @Nullable LogLevel> loggers;

	private @Nullable Object seen;

	private long applied;

	private volatile boolean closed;

	private final Lock lock = new ReentrantLock();

	private final Executor elsewhere;

	private boolean failed;

	/**
	 * Create the levels.
	 * @param runDirectory directory that the workers share
	 * @param loggers sets a level in this worker, {@code null} to reset it
	 */
	LoggerLevels(Path runDirectory, BiConsumer<String, @Nullable LogLevel> loggers) {
		this(runDirectory, loggers, BackgroundThread.onDemand("tomcorn-logger-levels"));
	}

	/**
	 * Create the levels.
	 * @param elsewhere writes to the log, which may hang while others look
	 */
	LoggerLevels(Path runDirectory, BiConsumer<String, @Nullable LogLevel> loggers, Executor elsewhere) {
		this.file = new LoggerLevelsFile(runDirectory);
		this.loggers = loggers;
		this.elsewhere = elsewhere;
	}

	/**
	 * Apply the levels that were set before, and check for changes from now on.
	 * @param watch calls the check regularly
	 */
	void start(RunDirectoryWatch watch) {
		refresh();
		watch.add(() -> {
			// If a level is being set, the next check sees it
			if (!this.closed && this.lock.tryLock()) {
				try {
					apply();
				}
				finally {
					this.lock.unlock();
				}
			}
			return !this.closed;
		});
	}

	/**
	 * Set a level in all workers: in this one at once, in the others with their next
	 * check.
	 * @param name name of a logger or of a group
	 * @param level the level, {@code null} to reset it
	 * @throws IOException if the file for the others cannot be written
	 */
	void set(String name, @Nullable LogLevel level) throws IOException {
		this.lock.lock();
		try {
			apply();
			this.loggers.accept(name, level);
			this.applied = Math.max(this.applied, this.file.put(name, level, this.applied));
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Apply the changes since the last check.
	 */
	void refresh() {
		this.lock.lock();
		try {
			apply();
		}
		finally {
			this.lock.unlock();
		}
	}

	private void apply() {
		try {
			Object version = this.file.version();
			this.failed = false;
			if (version == null || version.equals(this.seen)) {
				return;
			}
			this.seen = version;
			List<LoggerLevelsFile.Entry> entries = this.file.read();
			for (LoggerLevelsFile.Entry entry : entries) {
				if (entry.number() > this.applied) {
					this.loggers.accept(entry.name(), entry.level());
					String line = "Level of %s %s, as set in another worker".formatted(entry.name(),
							(entry.level() != null) ? "is " + entry.level() : "is reset");
					this.elsewhere.execute(() -> logger.info(line));
					this.applied = entry.number();
				}
			}
		}
		catch (IOException | RuntimeException ex) {
			if (!this.failed) {
				this.failed = true;
				this.elsewhere.execute(
						() -> logger.warn("Levels of loggers that were set in other workers cannot be read: " + ex));
			}
		}
	}

	@Override
	public void close() {
		this.closed = true;
	}

}
