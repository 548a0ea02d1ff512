package dev.tomcorn.autoconfigure;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.tomcorn.worker.WorkerProcess;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Warns of state that each of several workers has for itself, once for the whole fleet.
 */
final class StateWarnings {

	private static final Log logger = LogFactory.getLog("dev.tomcorn.state");

	private final WorkerProcess process;

	private final Set<String> seen = ConcurrentHashMap.newKeySet();

	StateWarnings(WorkerProcess process) {
		this.process = process;
	}

	/**
	 * Return whether there are several workers.
	 */
	boolean matter() {
		return this.process.isSupervised() && this.process.scoreboard().targetWorkers() > 1;
	}

	/**
	 * Warn, unless some worker of this fleet has.
	 * @param subject what the warning is about, in a word
	 * @param message the state, what becomes of it and what to do
	 */
	void warn(String subject, String message) {
		if (!this.seen.contains(subject) && matter() && this.seen.add(subject) && isFirst(subject)) {
			logger.warn(message + ". (Said once for the fleet; never with logging.level.dev.tomcorn.state=error)");
		}
	}

	/**
	 * Workers come and go, so the file remains for as long as their arbiter.
	 */
	private boolean isFirst(String subject) {
		Path directory = this.process.runDirectory();
		try {
			if (directory != null) {
				Files.createFile(directory.resolve("warned-of-" + subject));
			}
			return true;
		}
		catch (FileAlreadyExistsException ex) {
			return false;
		}
		catch (IOException ex) {
			return true;
		}
	}

}
