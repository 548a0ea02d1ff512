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
 * What a process takes its connections from: one listening socket or several, which it
 * may share with its siblings. At one socket accepting blocks in the kernel, where
 * waiting processes are woken first in, first out and one for each connection. At several
 * sockets all that wait are woken for each connection.
 */
public sealed interface SharedListener permits InheritedListener, ReceivedListener, SeveralListeners {

	/**
	 * Return whether file descriptor 0 is a socket, as an arbiter hands it on. Only Linux
	 * is asked, as there are arbiters on no other system.
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
	 * Take over the inherited socket and those that the arbiter hands out.
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
	 * Take the next connection, waiting for one. Never call this on a virtual thread: it
	 * would switch the socket, for every process, to non-blocking mode.
	 * @return the connection; {@code null} if the caller is to look whether it still
	 * wants one
	 * @throws IOException if the connection could not be taken or accepting has ended
	 */
	@Nullable SocketChannel accept() throws IOException;

	/**
	 * Return which socket the last connection was taken from. For the thread that takes
	 * them.
	 * @return its number, from 0 on
	 */
	default int lastListener() {
		return 0;
	}

	/**
	 * Have the thread in {@link #accept()} look whether it still wants a connection,
	 * where that is possible.
	 */
	default void wakeUp() {
	}

	/**
	 * Return how often no connection was found to wait, where that is known.
	 * @return the number of looks that have found none
	 */
	default long emptyLooks() {
		return 0;
	}

	/**
	 * Take no further clients into the queues, as far as they are this process's alone.
	 */
	default void refuseConnections() {
	}

	/**
	 * Wait for a connection in the kernel's queue without taking it.
	 * @param limit longest time to wait
	 * @return whether a connection waits; another process may take it any moment
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
	 * with a connection if it had already got one, or with an exception. The sockets stay
	 * open in the other processes that have them.
	 * @throws IOException if a socket cannot be closed
	 */
	void stopAccepting() throws IOException;

	/**
	 * Return the channel for those who only look at it.
	 * @return the channel, which must not be closed or reconfigured
	 */
	NetworkChannel channel();

}
