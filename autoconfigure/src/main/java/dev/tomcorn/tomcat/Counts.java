package dev.tomcorn.tomcat;

import java.util.List;

import dev.tomcorn.core.scoreboard.ListenerQueue;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.request.RequestFigures;

/**
 * Where a connector counts.
 *
 * @param slot what it has open and to run
 * @param queue what it takes out of the kernel's queues
 * @param each what it takes out of the queue of each listening socket, if that is shown
 * @param figures how long its tasks wait for a thread
 * @param concurrency how many requests it runs at once
 */
record Counts(WorkerSlot slot, ListenerQueue queue, List<ListenerQueue> each, RequestFigures figures, int concurrency) {

	/**
	 * Count a connection that was taken.
	 * @param listener number of the socket that it was taken from
	 */
	void taken(int listener) {
		this.queue.taken();
		if (listener < this.each.size()) {
			this.each.get(listener).taken();
		}
	}

}
