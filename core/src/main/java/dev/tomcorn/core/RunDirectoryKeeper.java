package dev.tomcorn.core;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import dev.tomcorn.core.arbiter.ArbiterLog;
import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.control.ControlServer;
import dev.tomcorn.core.process.LockFile;
import dev.tomcorn.core.process.ShellFile;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.scoreboard.Scoreboard;
import org.jspecify.annotations.Nullable;

/**
 * Restores the run directory and its sockets after they were removed, for example by a
 * cleaner of temporary files. Checks every second in a thread of its own, since a disk
 * may hang. Locks and mapped memory remain those of the files that the arbiter has open.
 */
final class RunDirectoryKeeper implements AutoCloseable {

	private static final Duration INTERVAL = Duration.ofSeconds(1);

	private static final Duration TELL_INTERVAL = Duration.ofMinutes(1);

	private final Path directory;

	private final ShellFile shell;

	private final Scoreboard scoreboard;

	private final ControlServer control;

	private final DescriptorServers descriptorServers;

	private final ArbiterLog log;

	private final Thread thread;

	/**
	 * Locked until this process ends.
	 */
	private @Nullable LockFile alive;

	private volatile boolean closed;

	private boolean failing;

	private long toldAt;

	RunDirectoryKeeper(Path directory, ShellFile shell, Scoreboard scoreboard, ControlServer control,
			DescriptorServers descriptorServers, ArbiterLog log) {
		this.directory = directory;
		this.shell = shell;
		this.scoreboard = scoreboard;
		this.control = control;
		this.descriptorServers = descriptorServers;
		this.log = log;
		this.thread = Thread.ofPlatform().daemon().name("tomcorn-run-directory").start(this::keep);
	}

	private void keep() {
		try {
			while (!this.closed) {
				check();
				TimeUnit.NANOSECONDS.sleep(INTERVAL.toNanos());
			}
		}
		catch (InterruptedException ex) {
			// Closed
		}
	}

	private void check() {
		try {
			restore();
			this.failing = false;
		}
		catch (IOException | RuntimeException | Error ex) {
			long now = System.nanoTime();
			if (!this.failing || now - this.toldAt >= TELL_INTERVAL.toNanos()) {
				this.failing = true;
				this.toldAt = now;
				this.log.log(Level.ERROR, "The run directory %s cannot be restored: %s".formatted(this.directory, ex));
			}
		}
	}

	/**
	 * Restore what is missing.
	 * @throws IOException if that is not possible
	 */
	synchronized void restore() throws IOException {
		if (this.closed) {
			return;
		}
		if (RunDirectory.restore(this.directory)) {
			this.log.log(Level.WARN, ("The run directory %s was removed and is restored. Counts of ended workers "
					+ "start again from zero")
				.formatted(this.directory));
		}
		lock();
		this.control.restore();
		this.descriptorServers.restore();
		this.scoreboard.restore(WorkerIdentity.scoreboard(this.directory));
		if (!Files.exists(this.shell.file(), LinkOption.NOFOLLOW_LINKS)) {
			this.shell.write();
		}
	}

	/**
	 * Keep other processes from removing the directory as abandoned.
	 */
	private void lock() {
		if (!Files.exists(this.directory.resolve(LockFile.NAME), LinkOption.NOFOLLOW_LINKS)) {
			try {
				this.alive = LockFile.create(this.directory);
			}
			catch (IOException ex) {
				// For example on a full disk: no process removes a directory without the
				// file
			}
		}
	}

	@Override
	public void close() {
		this.thread.interrupt();
		// Nothing is restored that is about to be deleted
		synchronized (this) {
			this.closed = true;
		}
	}

}
