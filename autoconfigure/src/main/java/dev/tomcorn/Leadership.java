package dev.tomcorn;

import org.jspecify.annotations.Nullable;

/**
 * Shows whether this worker is the leader of its fleet. There is never more than one
 * leader. When the leader ends, is killed or drains, another worker that takes traffic
 * becomes the leader within a second. When the leader freezes, another one follows after
 * the arbiter has killed it. A solo application leads from the start, and the first
 * worker of a fleet leads before its runners are called.
 * <p>
 * Work that must not happen twice at the same time must run under a {@link Hold}, for
 * example through {@link #runIfLeader(Runnable)} or {@link LeaderOnly}. A worker that
 * gives up its leadership grants no further holds and remains the leader until all holds
 * are closed. The result of {@link #isLeader()} may be outdated at the next moment.
 */
public interface Leadership {

	/**
	 * Return whether this worker is the leader now.
	 * @return whether it may begin work of the leader
	 */
	boolean isLeader();

	/**
	 * Make this worker keep its leadership, if it has it, until the hold is closed. A
	 * hold that is never closed lasts until the process ends.
	 * @return the hold, or {@code null} if the worker is not the leader
	 */
	@Nullable Hold hold();

	/**
	 * Run a task if this worker is the leader. It remains the leader until the task has
	 * ended.
	 * @param task the task, run on the calling thread
	 * @return whether the task was run
	 */
	default boolean runIfLeader(Runnable task) {
		try (Hold hold = hold()) {
			if (hold == null) {
				return false;
			}
			task.run();
			return true;
		}
	}

	/**
	 * Keeps the leadership in this worker. May be closed on any thread, and more than
	 * once.
	 */
	interface Hold extends AutoCloseable {

		@Override
		void close();

	}

}
