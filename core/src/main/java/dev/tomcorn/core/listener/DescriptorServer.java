package dev.tomcorn.core.listener;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Passes the descriptor of a listening socket to every process that connects to a Unix
 * domain socket. Further listening sockets reach a worker this way, because a Java
 * process passes only its standard streams to a child. The permissions of the directory
 * control access. The server reads nothing from a connection, so no client can delay the
 * next one.
 */
public final class DescriptorServer implements Closeable {

	/**
	 * Longest time to connect, and to wait for the socket.
	 */
	private static final Duration RECEIVE_LIMIT = Duration.ofSeconds(5);

	private static final Duration LOOK_INTERVAL = Duration.ofMillis(500);

	private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(100);

	private static final int BACKLOG = 128;

	private final Path path;

	private final ListeningSocket socket;

	private volatile Acceptor acceptor;

	private DescriptorServer(Path path, ListeningSocket socket, Acceptor acceptor) {
		this.path = path;
		this.socket = socket;
		this.acceptor = acceptor;
	}

	/**
	 * Open the Unix domain socket and serve it from a thread of its own.
	 * @param path path of that socket, in a directory that only the owner can enter
	 * @param socket the socket to pass on
	 * @return the server
	 * @throws IOException if the socket cannot be opened
	 */
	public static DescriptorServer open(Path path, ListeningSocket socket) throws IOException {
		return new DescriptorServer(path, socket, Acceptor.open(path, socket));
	}

	/**
	 * Make the socket reachable again if its file was removed.
	 * @throws IOException if that is not possible
	 */
	public void restore() throws IOException {
		if (!Files.exists(this.path)) {
			Acceptor unreachable = this.acceptor;
			this.acceptor = Acceptor.open(this.path, this.socket);
			unreachable.close();
		}
	}

	@Override
	public void close() {
		this.acceptor.close();
	}

	/**
	 * Receive the descriptor that another process passes on.
	 * @param path path of its Unix domain socket
	 * @return the descriptor, which is this process's own from now on
	 * @throws IOException if the other process does not answer
	 */
	static int receive(Path path) throws IOException {
		try {
			int connection = LibC.socket(LibC.AF_UNIX);
			try {
				LibC.setTimeout(connection, RECEIVE_LIMIT);
				LibC.connect(connection, SocketAddresses.encode(path));
				return DescriptorMessages.receive(connection);
			}
			finally {
				LibC.close(connection);
			}
		}
		catch (LibC.ErrnoException ex) {
			throw new IOException("Cannot get a socket from %s: %s".formatted(path, ex.getMessage()), ex);
		}
	}

	/**
	 * A Unix domain socket and the thread that serves it, which alone closes it.
	 */
	private static final class Acceptor {

		private final int fd;

		private final ListeningSocket socket;

		private volatile boolean closed;

		private Acceptor(int fd, ListeningSocket socket) {
			this.fd = fd;
			this.socket = socket;
		}

		static Acceptor open(Path path, ListeningSocket socket) throws IOException {
			try {
				int fd = LibC.socket(LibC.AF_UNIX);
				try {
					LibC.bind(fd, SocketAddresses.encode(path));
					LibC.listen(fd, BACKLOG);
				}
				catch (LibC.ErrnoException | IOException ex) {
					LibC.close(fd);
					throw ex;
				}
				Acceptor acceptor = new Acceptor(fd, socket);
				Thread.ofPlatform().daemon().name("tomcorn-descriptors").start(acceptor::serve);
				return acceptor;
			}
			catch (LibC.ErrnoException ex) {
				throw new IOException("Cannot open %s: %s".formatted(path, ex.getMessage()), ex);
			}
		}

		private void serve() {
			while (!this.closed) {
				try {
					if (LibC.awaitReadable(this.fd, LOOK_INTERVAL)) {
						sendListener(LibC.accept(this.fd));
					}
				}
				catch (RuntimeException | OutOfMemoryError ex) {
					// Out of descriptors or memory: wait until some are free
					LockSupport.parkNanos(PAUSE_AFTER_FAILURE.toNanos());
				}
			}
			LibC.close(this.fd);
		}

		private void sendListener(int connection) {
			try {
				this.socket.sendTo(connection);
			}
			catch (LibC.ErrnoException ex) {
				// The client has gone
			}
			finally {
				LibC.close(connection);
			}
		}

		void close() {
			this.closed = true;
		}

	}

}
