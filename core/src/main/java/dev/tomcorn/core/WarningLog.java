package dev.tomcorn.core;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.tomcorn.core.arbiter.ArbiterLog;
import dev.tomcorn.core.arbiter.Command.Level;

/**
 * Logs warnings of workers, each once for the fleet.
 */
final class WarningLog {

	/**
	 * More than any application needs, so that no worker fills the log.
	 */
	private static final int MAX_WARNINGS = 100;

	private final ArbiterLog log;

	private final Set<String> told = ConcurrentHashMap.newKeySet();

	WarningLog(ArbiterLog log) {
		this.log = log;
	}

	/**
	 * Log a warning, unless one of that name was logged.
	 */
	void tell(String name, String text) {
		if (this.told.size() < MAX_WARNINGS && this.told.add(name)) {
			this.log.log(Level.WARN, text);
		}
	}

}
