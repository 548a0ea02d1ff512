package dev.tomcorn.core.listener;

import java.io.IOException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A worker's end of a listening socket that it shares with its siblings. Accepting blocks
 * in the kernel, where waiting processes are woken first in, first out and one for each
 * connection.
 */
public sealed interface SharedListener permits InheritedListener, HandedListener {

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
	 * Take the next connection, waiting for one. Never call this on a virtual thread: it
	 * would switch the socket, for every process, to non-blocking mode.
	 * @return the connection
	 * @throws IOException if the connection could not be taken or accepting has ended
	 */
	SocketChannel accept() throws IOException;

	/**
	 * Wait for a connection in the kernel's queue without taking it.
	 * @param limit longest time to wait
	 * @return whether a connection waits; another process may take it any moment
	 */
	boolean awaitWaitingConnection(Duration limit);

	/**
	 * End accepting in this process, for good. A thread in {@link #accept()} returns,
	 * with a connection if the kernel had already given it one. The socket stays open in
	 * the other processes.
	 * @throws IOException if the socket cannot be closed
	 */
	void stopAccepting() throws IOException;

	/**
	 * Return the channel for those who only look at it.
	 * @return the channel, which must not be closed or reconfigured
	 */
	NetworkChannel channel();

}
