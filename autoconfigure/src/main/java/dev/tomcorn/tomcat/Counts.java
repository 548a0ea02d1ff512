package dev.tomcorn.tomcat;

import java.util.List;

import dev.tomcorn.core.scoreboard.ListenerQueue;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.request.RequestFigures;

/**
 * The counters of a connector.
 *
 * @param slot counts its open connections and its tasks
 * @param queue counts the connections that it takes from the kernel's queues
 * @param each counts the connections that it takes from each listening socket, if that is
 * shown
 * @param figures records how long its tasks wait for a thread
 * @param concurrency how many requests it runs at once
 */
record Counts(WorkerSlot slot, ListenerQueue queue, List<ListenerQueue> each, RequestFigures figures, int concurrency) {

	/**
	 * Count a connection that the connector has taken.
	 * @param listener number of its listening socket
	 */
	void taken(int listener) {
		this.queue.taken();
		if (listener < this.each.size()) {
			this.each.get(listener).taken();
		}
	}

}
