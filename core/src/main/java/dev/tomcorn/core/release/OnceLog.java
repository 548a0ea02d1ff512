package dev.tomcorn.core.release;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.tomcorn.core.arbiter.ArbiterLog;
import dev.tomcorn.core.arbiter.Command.Level;

/**
 * Leaves out lines that it has told already: what may come again says nothing new.
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
	 * Return how a line names what has gone wrong.
	 */
	static String reason(Throwable ex) {
		return (ex.getClass() == IOException.class) ? String.valueOf(ex.getMessage()) : ex.toString();
	}

}
