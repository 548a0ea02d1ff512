package dev.tomcorn.core.release;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.tomcorn.core.arbiter.ArbiterLog;
import dev.tomcorn.core.arbiter.Command.Level;

/**
 * A log that leaves out lines it has already written.
 */
final class OnceLog {

	private final Set<String> told = ConcurrentHashMap.newKeySet();

	private final ArbiterLog log;

	OnceLog(ArbiterLog log) {
		this.log = log;
	}

	void once(Level level, String line) {
		if (this.told.add(line)) {
			this.log.log(level, line);
		}
	}

	void always(Level level, String line) {
		this.log.log(level, line);
	}

	/**
	 * Return the description of a failure for a line.
	 */
	static String reason(Throwable ex) {
		return (ex.getClass() == IOException.class) ? String.valueOf(ex.getMessage()) : ex.toString();
	}

}
