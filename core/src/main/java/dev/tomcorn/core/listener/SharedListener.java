package dev.tomcorn.core.listener;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A worker's end of the shared listening socket, taken over from file descriptor 0.
 * Accepting blocks in the kernel, where waiting processes are woken first in, first out
 * and one for each connection.
 */
public final class SharedListener {

	private static final int STDIN = 0;

	private static final int STDOUT = 1;

	private static final int STDERR = 2;

	private final ServerSocketChannel channel;

	private final int pollFd;

	private final Spares spares;

	private SharedListener(ServerSocketChannel channel, int pollFd, Spares spares) {
		this.channel = channel;
		this.pollFd = pollFd;
		this.spares = spares;
	}

	/**
	 * Descriptors kept for the end, when there may be none left to be had.
	 */
	private record Spares(int out, int err, int devNull) {
	}

	/**
	 * Return whether file descriptor 0 is a socket, as an arbiter hands it on.
	 * @return whether there is something to {@link #inherit()}
	 */
	public static boolean isInherited() {
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
	public static SharedListener inherit() throws IOException {
		if (!(System.inheritedChannel() instanceof ServerSocketChannel channel)) {
			throw new IOException("File descriptor 0 is not a listening socket");
		}
		int pollFd = LibC.dup(STDIN);
		int devNull = LibC.open("/dev/null", LibC.O_RDONLY);
		LibC.dup2(devNull, STDIN);
		System.setIn(InputStream.nullInputStream());
		return new SharedListener(channel, pollFd, new Spares(LibC.dup(STDOUT), LibC.dup(STDERR), devNull));
	}

	/**
	 * Take the next connection, waiting for one. Never call this on a virtual thread: it
	 * would switch the socket, for every process, to non-blocking mode.
	 * @return the connection
	 * @throws IOException if the connection could not be taken or accepting has ended
	 */
	public SocketChannel accept() throws IOException {
		return this.channel.accept();
	}

	/**
	 * Wait for a connection in the kernel's queue without taking it.
	 * @param limit longest time to wait
	 * @return whether a connection waits; another process may take it any moment
	 */
	public boolean awaitWaitingConnection(Duration limit) {
		return LibC.awaitReadable(this.pollFd, limit);
	}

	/**
	 * End accepting in this process, for good. A thread in {@link #accept()} returns,
	 * with a connection if the kernel had already given it one. The socket stays open in
	 * the other processes.
	 * @throws IOException if the socket cannot be closed
	 */
	public synchronized void stopAccepting() throws IOException {
		if (!this.channel.isOpen()) {
			return;
		}
		try {
			this.channel.close();
		}
		finally {
			// Closing an inherited channel points standard output and error at /dev/null
			LibC.dup2(this.spares.out(), STDOUT);
			LibC.dup2(this.spares.err(), STDERR);
		}
		// A thread that polls keeps the number; what is behind it is let go
		LibC.dup2(this.spares.devNull(), this.pollFd);
	}

	/**
	 * Return the channel for those who only look at it.
	 * @return the channel, which must not be closed or reconfigured
	 */
	public ServerSocketChannel channel() {
		return this.channel;
	}

}
