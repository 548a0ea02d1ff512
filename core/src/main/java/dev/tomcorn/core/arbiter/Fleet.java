package dev.tomcorn.core.arbiter;

import java.io.IOException;
import java.util.Map;

/**
 * The workers as the arbiter controls them. No method may wait for a worker.
 */
public interface Fleet {

	/**
	 * Carry out a command.
	 * @param command the command; times in a posted report are milliseconds of the epoch
	 */
	void carryOut(Command.OfFleet command);

	/**
	 * Start a worker's process. Its exit is submitted to the arbiter as an event.
	 * @param placement its placement
	 * @return its process id
	 * @throws IOException if the process cannot be started
	 */
	long spawn(Placement placement) throws IOException;

	/**
	 * Describe what a worker does.
	 * @param age the worker
	 * @return a line for the log
	 */
	String describe(long age);

	/**
	 * Read the last heartbeat of each worker.
	 * @return heartbeats by age
	 */
	Map<Long, Event.Heartbeat> heartbeats();

	/**
	 * Read how many connections wait to be served before the listener closes.
	 * @return the number
	 */
	int queued();

}
