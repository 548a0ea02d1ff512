package dev.tomcorn.core.arbiter;

/**
 * Where the arbiter tells the operator what happens.
 */
@FunctionalInterface
public interface ArbiterLog {

	/**
	 * Write a line.
	 * @param level its severity
	 * @param message what happened
	 */
	void log(Command.Level level, String message);

}
