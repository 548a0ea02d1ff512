package dev.tomcorn.launch;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

import dev.tomcorn.core.arbiter.FleetEvent;
import dev.tomcorn.core.arbiter.FleetListener;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * The files with the process ID and the ports of the fleet. They exist as long as the
 * fleet does, and belong to the arbiter that wrote them last.
 */
final class FleetFiles implements FleetListener, AutoCloseable {

	private static final Log logger = LogFactory.getLog("dev.tomcorn.arbiter");

	private static final Duration LIMIT = Duration.ofSeconds(5);

	private final List<FleetFile> files;

	private final boolean required;

	private volatile boolean served;

	/**
	 * Create the files of a fleet.
	 * @param files the files, not yet written
	 * @param required whether the fleet does not start without them
	 */
	FleetFiles(List<FleetFile> files, boolean required) {
		this.files = List.copyOf(files);
		this.required = required;
	}

	/**
	 * Return whether there are no files.
	 * @return whether there are none
	 */
	boolean isEmpty() {
		return this.files.isEmpty();
	}

	/**
	 * Write the files at the start of a fleet.
	 * @throws IllegalStateException if that fails and the user requires the files
	 */
	void write() {
		for (FleetFile file : this.files) {
			try {
				file.write();
			}
			catch (IOException | RuntimeException ex) {
				if (this.required) {
					throw new IllegalStateException("Cannot create file " + file, ex);
				}
				logger.warn("Cannot create file " + file, ex);
			}
		}
	}

	/**
	 * Replace the files of the previous arbiter, whose fleet goes on.
	 */
	void takeOver() {
		this.served = true;
		within(this::writeIfPossible);
	}

	private void writeIfPossible() {
		for (FleetFile file : this.files) {
			try {
				file.write();
			}
			catch (IOException | RuntimeException ex) {
				logger.warn("Cannot create file " + file, ex);
			}
		}
	}

	@Override
	public void onFleetEvent(FleetEvent event) {
		if (event instanceof FleetEvent.WorkerReady) {
			this.served = true;
		}
	}

	/**
	 * Delete the files, except those that another fleet or arbiter has written since. A
	 * failed start restores their previous content.
	 */
	@Override
	public void close() {
		within(this::remove);
	}

	private void remove() {
		for (FleetFile file : this.files) {
			try {
				if (this.served) {
					file.delete();
				}
				else {
					file.restore();
				}
			}
			catch (IOException | RuntimeException ex) {
				logger.warn("Cannot delete file " + file, ex);
			}
		}
	}

	/**
	 * Run a task for a limited time, so that a hanging disk delays no takeover and no
	 * shutdown.
	 */
	private void within(Runnable task) {
		if (this.files.isEmpty()) {
			return;
		}
		try {
			Thread.ofPlatform().daemon().name("tomcorn-files").start(task).join(LIMIT);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (OutOfMemoryError ex) {
			logger.warn("No thread for " + this.files, ex);
		}
	}

}
