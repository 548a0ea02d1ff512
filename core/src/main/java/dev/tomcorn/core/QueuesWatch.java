package dev.tomcorn.core;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

import dev.tomcorn.core.listener.ListeningSocket;
import dev.tomcorn.core.listener.ListeningSockets;
import dev.tomcorn.core.scoreboard.ListenerQueue;
import dev.tomcorn.core.scoreboard.ListenerTable;

/**
 * Publishes the kernel's queue of each listening socket, and their sum. A queue of
 * unknown length is not published and does not count.
 */
final class QueuesWatch {

	private final List<ListeningSocket> sockets;

	private final List<QueueWatch> watches = new ArrayList<>();

	private final QueueWatch all;

	/**
	 * Create the watch of sockets with empty queues.
	 * @param sockets the sockets
	 * @param table where to publish each
	 * @param all where to publish the sum
	 * @param ticker the clock that all processes share, in nanoseconds
	 */
	QueuesWatch(ListeningSockets sockets, ListenerTable table, ListenerQueue all, LongSupplier ticker) {
		this.sockets = sockets.all();
		table.listeners().forEach((listener) -> this.watches.add(new QueueWatch(listener.queue(), ticker)));
		this.all = new QueueWatch(all, ticker);
	}

	/**
	 * Take a reading at every tick of the arbiter.
	 * @return how many connections wait that must be served before the sockets are closed
	 */
	int sample() {
		int waiting = 0;
		int length = 0;
		int limit = 0;
		for (int i = 0; i < this.sockets.size(); i++) {
			ListeningSocket socket = this.sockets.get(i);
			ListeningSocket.Queue queue = socket.queue();
			waiting += socket.waiting(queue);
			if (queue != null) {
				this.watches.get(i).sample(queue.length(), queue.limit());
				length += queue.length();
				limit += queue.limit();
			}
		}
		if (limit > 0) {
			this.all.sample(length, limit);
		}
		return waiting;
	}

}
