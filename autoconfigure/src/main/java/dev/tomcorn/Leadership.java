package dev.tomcorn;

import org.jspecify.annotations.Nullable;

/**
 * Tells whether this worker is the leader of its fleet. There is never more than one.
 * When the leader ends, is killed or drains, another worker that takes traffic becomes it
 * within a second; when it freezes, once the arbiter has killed it. The only worker of a
 * solo application leads from the beginning, and the first worker of a fleet before its
 * runners are called.
 * <p>
 * What must not happen twice at the same time has to run under a {@link Hold}, be it
 * through {@link #runIfLeader(Runnable)} or {@link LeaderOnly}: a worker that is to give
 * up its leadership begins nothing more and remains the leader until all holds are
 * closed. {@link #isLeader()} alone says nothing about the next moment.
 */
public interface Leadership {

	/**
	 * Return whether this worker is the leader now.
	 * @return whether it may begin what only the leader does
	 */
	boolean isLeader();

	/**
	 * Make this worker keep its leadership, if it has it, until the hold is closed. One
	 * that is not closed is kept until the process ends.
	 * @return the hold, or {@code null} if the worker is not the leader
	 */
	@Nullable Hold hold();

	/**
	 * Run a task if this worker is the leader. It remains so until the task has ended.
	 * @param task what to run, on the calling thread
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
	 * Keeps the leadership where it is. May be closed on any thread, and more than once.
	 */
	interface Hold extends AutoCloseable {

		@Override
		void close();

	}

}
