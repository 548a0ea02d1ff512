package dev.tomcorn.core;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.tomcorn.core.arbiter.ArbiterLog;
import dev.tomcorn.core.arbiter.Command.Level;

/**
 * Removes {@link Leftovers} when an arbiter begins, after the end of each worker and at
 * its own end. It works in a thread of its own, since a disk may hang.
 */
final class LeftoverRemoval implements AutoCloseable {

	/**
	 * Longest wait for it at the end of the arbiter.
	 */
	private static final Duration LIMIT = Duration.ofSeconds(1);

	/**
	 * Parents of directories of fleets, and of those for a worker's thread dumps.
	 */
	private final Set<Path> parents;

	private final Path runDirectory;

	private final Path temporary;

	private final ArbiterLog log;

	private final Semaphore wanted = new Semaphore(1);

	private final Thread thread;

	private volatile boolean closed;

	/**
	 * Start the removal.
	 * @param parents parents of run directories
	 * @param runDirectory the run directory of this arbiter
	 * @param temporary the parent of the workers' temporary directories
	 * @param log the log
	 */
	LeftoverRemoval(Set<Path> parents, Path runDirectory, Path temporary, ArbiterLog log) {
		this.parents = Stream.concat(parents.stream(), Stream.of(temporary)).collect(Collectors.toUnmodifiableSet());
		this.runDirectory = runDirectory;
		this.temporary = temporary;
		this.log = log;
		this.thread = Thread.ofPlatform().daemon().name("tomcorn-leftovers").start(this::run);
	}

	/**
	 * Request a removal. Does not wait.
	 */
	void request() {
		this.wanted.release();
	}

	private void run() {
		boolean last;
		do {
			this.wanted.acquireUninterruptibly();
			this.wanted.drainPermits();
			last = this.closed;
			remove();
		}
		while (!last);
	}

	private void remove() {
		try {
			this.parents.forEach((parent) -> Leftovers.removeOwnDirectories(parent, this.runDirectory));
			Leftovers.removeTomcatDirectories(this.temporary);
		}
		catch (RuntimeException | Error ex) {
			this.log.log(Level.WARN, "What killed processes have left behind cannot be removed: " + ex);
		}
	}

	@Override
	public void close() {
		this.closed = true;
		request();
		try {
			this.thread.join(LIMIT);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
