package dev.tomcorn.core.listener;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The source of a process's connections: one listening socket or several, which it may
 * share with other workers. With one socket, accepting blocks in the kernel, which wakes
 * one waiting process per connection, first in, first out. With several sockets, each
 * connection wakes all waiting processes.
 */
public sealed interface SharedListener permits InheritedListener, ReceivedListener, SeveralListeners {

	/**
	 * Return whether file descriptor 0 is a socket, as an arbiter passes it on. Always
	 * {@code false} outside Linux, where no arbiter runs.
	 * @return whether there is something to {@link #inherit()}
	 */
	static boolean isInherited() {
		if (!System.getProperty("os.name", "").equals("Linux")) {
			return false;
		}
		try {
			return Files.readSymbolicLink(Path.of("/proc/self/fd/0")).toString().startsWith("socket:");
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Take over the inherited socket. File descriptor 0 becomes {@code /dev/null}, so
	 * that no child of the application holds the socket open and standard input reads as
	 * empty.
	 * @return the socket
	 * @throws IOException if file descriptor 0 is not a listening socket
	 */
	static SharedListener inherit() throws IOException {
		return InheritedListener.inherit();
	}

	/**
	 * Take over the inherited socket and those of the arbiter's
	 * {@link DescriptorServer}s.
	 * @param paths paths of the arbiter's {@link DescriptorServer}s
	 * @return all sockets together
	 * @throws IOException if one of them cannot be taken over
	 */
	static SharedListener inherit(List<Path> paths) throws IOException {
		if (paths.isEmpty()) {
			return inherit();
		}
		List<SeveralListeners.Part> parts = new ArrayList<>();
		parts.add(InheritedListener.inherit());
		for (Path path : paths) {
			parts.add(ReceivedListener.receive(path));
		}
		return SeveralListeners.of(parts);
	}

	/**
	 * Wait for the next connection and take it. Never call this on a virtual thread: it
	 * would switch the socket, for every process, to non-blocking mode.
	 * @return the connection; {@code null} if the caller must check whether it still
	 * wants one
	 * @throws IOException if the connection could not be taken or accepting has ended
	 */
	@Nullable SocketChannel accept() throws IOException;

	/**
	 * Return the socket of the last connection. Call it on the accepting thread.
	 * @return its number, from 0 on
	 */
	default int lastListener() {
		return 0;
	}

	/**
	 * Wake the thread in {@link #accept()} if possible, so that it checks whether it
	 * still wants a connection.
	 */
	default void wakeUp() {
	}

	/**
	 * Return how often a check found no waiting connection, if known.
	 * @return the number of such checks
	 */
	default long emptyLooks() {
		return 0;
	}

	/**
	 * Accept no further clients into the queues that belong to this process alone.
	 */
	default void refuseConnections() {
	}

	/**
	 * Wait for a connection in the kernel's queue without taking it.
	 * @param limit longest time to wait
	 * @return whether a connection waits; another process may take it at any moment
	 */
	boolean awaitWaitingConnection(Duration limit);

	/**
	 * Return the ports of those sockets that have one.
	 * @return the ports
	 */
	default Set<Integer> ports() {
		return portsOf(Stream.of(channel()));
	}

	/**
	 * Return the ports of those channels that have one.
	 */
	static Set<Integer> portsOf(Stream<? extends NetworkChannel> channels) {
		Set<Integer> ports = new HashSet<>();
		channels.forEach((channel) -> {
			try {
				if (channel.getLocalAddress() instanceof InetSocketAddress address) {
					ports.add(address.getPort());
				}
			}
			catch (IOException ex) {
				// Closed
			}
		});
		return ports;
	}

	/**
	 * End accepting in this process, for good. A thread in {@link #accept()} returns,
	 * with a connection if it has already got one, or with an exception. The sockets stay
	 * open in other processes that share them.
	 * @throws IOException if a socket cannot be closed
	 */
	void stopAccepting() throws IOException;

	/**
	 * Return the channel for inspection.
	 * @return the channel, which must not be closed or reconfigured
	 */
	NetworkChannel channel();

}
