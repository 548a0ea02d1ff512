package dev.tomcorn.core.arbiter;

/**
 * The arbiter's log for the operator.
 */
@FunctionalInterface
public interface ArbiterLog {

	/**
	 * Write a line.
	 * @param level its severity
	 * @param message the line
	 */
	void log(Command.Level level, String message);

}
