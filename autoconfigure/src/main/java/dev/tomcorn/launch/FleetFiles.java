package dev.tomcorn.launch;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

import dev.tomcorn.core.arbiter.FleetEvent;
import dev.tomcorn.core.arbiter.FleetListener;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * The files by which others find the fleet: its process id and its ports. They are there
 * as long as the fleet is, and belong to the arbiter that has written them last.
 */
final class FleetFiles implements FleetListener, AutoCloseable {

	private static final Log logger = LogFactory.getLog("dev.tomcorn.arbiter");

	private static final Duration LIMIT = Duration.ofSeconds(5);

	private final List<FleetFile> files;

	private final boolean required;

	private volatile boolean served;

	/**
	 * Create the files of a fleet.
	 * @param files the files, which are not written yet
	 * @param required whether the fleet does not start without them
	 */
	FleetFiles(List<FleetFile> files, boolean required) {
		this.files = List.copyOf(files);
		this.required = required;
	}

	/**
	 * Return whether there are none.
	 * @return whether nothing is to be written
	 */
	boolean isEmpty() {
		return this.files.isEmpty();
	}

	/**
	 * Write the files at the start of a fleet.
	 * @throws IllegalStateException if that fails and the user has asked for a failure
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
	 * Write the files in place of those of the arbiter before, whose fleet goes on.
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
	 * Delete the files, but leave those that another fleet or arbiter has written since.
	 * A start that has failed leaves what was there before it.
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
	 * A disk that hangs holds up neither a takeover nor an end.
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
