package dev.tomcorn.core.listener;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * The arbiter's end of a listening socket that the workers share. The first one of the
 * application is file descriptor 0, which every child inherits. A
 * {@link DescriptorServer} passes others on.
 */
public final class ListeningSocket implements Closeable {

	private static final int STDIN = 0;

	/**
	 * Drops packets that request a new connection and passes those that complete a
	 * handshake.
	 */
	private static final long[] TURN_AWAY = {
			// Load the flags of the TCP header
			instruction(0x30, 0, 0, 13),
			// Keep SYN and ACK
			instruction(0x54, 0, 0, 0x12),
			// A SYN alone goes on, the rest jumps
			instruction(0x15, 0, 1, 0x02),
			// Drop
			instruction(0x06, 0, 0, 0),
			// Pass
			instruction(0x06, 0, 0, 0xffffffffL) };

	private final int fd;

	private final SocketAddress address;

	private final boolean foreign;

	private final @Nullable UnixSocketFile file;

	private boolean turnedAway;

	private boolean closed;

	private ListeningSocket(int fd, boolean foreign, @Nullable UnixSocketFile file) {
		this.fd = fd;
		this.address = SocketAddresses.any(LibC.socketName(fd));
		this.foreign = foreign;
		this.file = file;
	}

	static ListeningSocket of(int fd, boolean foreign, @Nullable UnixSocketFile file) {
		return new ListeningSocket(fd, foreign, file);
	}

	/**
	 * Open the socket in place of this process's standard input.
	 * @param address the address to bind to, or {@code null} for any
	 * @param port the port, 0 for one the system chooses
	 * @param backlog connections the kernel queues; {@code net.core.somaxconn} bounds it
	 * @param reusePort whether other processes may bind the same port
	 * @return the socket
	 * @throws ListenException if that is not possible
	 */
	public static ListeningSocket open(@Nullable InetAddress address, int port, int backlog, boolean reusePort) {
		try {
			return new ListeningSocket(SocketOpening.tcp(address, port, backlog, reusePort), false, null)
				.asStandardInput();
		}
		catch (LibC.ErrnoException ex) {
			throw new ListenException(address, port, ex);
		}
	}

	/**
	 * Open a socket besides that of the application.
	 * @param address the address to bind to, or {@code null} for any
	 * @param port the port, 0 for one the system chooses
	 * @param backlog connections the kernel queues; {@code net.core.somaxconn} bounds it
	 * @return the socket
	 * @throws ListenException if that is not possible
	 */
	public static ListeningSocket openFurther(@Nullable InetAddress address, int port, int backlog) {
		try {
			return new ListeningSocket(SocketOpening.tcp(address, port, backlog, false), false, null);
		}
		catch (LibC.ErrnoException ex) {
			throw new ListenException(address, port, ex);
		}
	}

	/**
	 * Take over a socket from another arbiter's {@link DescriptorServer}.
	 * @param path path of the other's {@link DescriptorServer}
	 * @param backlog connections the kernel queues from now on
	 * @return the socket
	 * @throws IOException if it cannot be taken over
	 */
	public static ListeningSocket receive(Path path, int backlog) throws IOException {
		return receive(path, backlog, Origin.OWN);
	}

	static ListeningSocket receive(Path path, int backlog, Origin origin) throws IOException {
		int fd = DescriptorServer.receive(path);
		try {
			return takeOver(fd, backlog, origin);
		}
		catch (LibC.ErrnoException ex) {
			LibC.close(fd);
			throw new IOException("The descriptor of %s is not a listening socket".formatted(path), ex);
		}
	}

	/**
	 * Take over the socket that another arbiter has passed on as descriptor 0.
	 * @param backlog connections the kernel queues from now on
	 * @param origin its origin as the other arbiter knows it
	 * @return the socket
	 * @throws IOException if descriptor 0 is not a listening socket
	 */
	static ListeningSocket inherit(int backlog, Origin origin) throws IOException {
		try {
			if (SocketOpening.isListening(STDIN)) {
				return takeOver(STDIN, backlog, origin);
			}
		}
		catch (LibC.ErrnoException ex) {
			throw new IOException("File descriptor 0 is not a listening socket", ex);
		}
		throw new IOException("File descriptor 0 is not a listening socket");
	}

	private static ListeningSocket takeOver(int fd, int backlog, Origin origin) {
		if (!origin.foreign()) {
			LibC.listen(fd, backlog);
		}
		SocketAddress address = SocketAddresses.any(LibC.socketName(fd));
		UnixSocketFile file = (address instanceof UnixDomainSocketAddress unix && !origin.fileKey().isEmpty())
				? UnixSocketFile.of(unix.getPath(), origin.fileKey()) : null;
		return new ListeningSocket(fd, origin.foreign(), file);
	}

	/**
	 * What an arbiter needs to know about a socket that it takes over.
	 *
	 * @param foreign whether the socket belongs to another process, such as systemd, and
	 * outlives the fleet
	 * @param fileKey identifies the file of a Unix domain socket; empty if the fleet has
	 * created none
	 */
	public record Origin(boolean foreign, String fileKey) {

		/**
		 * The origin of a port that the fleet has opened.
		 */
		public static final Origin OWN = new Origin(false, "");

	}

	/**
	 * Return the origin for another arbiter.
	 * @return the origin
	 */
	public Origin origin() {
		return new Origin(this.foreign, (this.file != null) ? this.file.key() : "");
	}

	/**
	 * Make the socket descriptor 0 of this process.
	 * @return the socket, in place of this one
	 */
	ListeningSocket asStandardInput() {
		if (this.fd == STDIN) {
			return this;
		}
		LibC.dup2(this.fd, STDIN);
		LibC.close(this.fd);
		return new ListeningSocket(STDIN, this.foreign, this.file);
	}

	private static long instruction(long code, long ifTrue, long ifFalse, long operand) {
		return (code << 48) | (ifTrue << 40) | (ifFalse << 32) | operand;
	}

	/**
	 * Accept no further clients into the queue. Handshakes under way still complete.
	 * Others get no answer until the socket is closed, and are refused then.
	 * @throws IOException if the system does not permit it
	 */
	public synchronized void refuseConnections() throws IOException {
		this.turnedAway = true;
		if (this.closed || this.foreign) {
			// New clients wait for the next start
			return;
		}
		if (this.address instanceof UnixDomainSocketAddress) {
			removeFile();
			return;
		}
		try {
			LibC.attachFilter(this.fd, TURN_AWAY);
		}
		catch (LibC.ErrnoException ex) {
			throw new IOException("Cannot refuse clients", ex);
		}
	}

	/**
	 * Accept clients again if another process that shares the socket has refused them.
	 * Does nothing if this process refuses them.
	 */
	public synchronized void takeIn() {
		if (this.closed || this.turnedAway || this.foreign || this.address instanceof UnixDomainSocketAddress) {
			return;
		}
		try {
			LibC.setOption(this.fd, LibC.SOL_SOCKET, LibC.SO_DETACH_FILTER, 0);
		}
		catch (LibC.ErrnoException ex) {
			// No process has refused them
		}
	}

	/**
	 * Return the state of the queue.
	 * @return the queue, or {@code null} if it is not known or the socket is closed
	 */
	public synchronized @Nullable Queue queue() {
		if (this.closed) {
			// Another file may have its descriptor by now
			return null;
		}
		try {
			return (this.address instanceof UnixDomainSocketAddress) ? UnixDiagnosis.queue(this.fd)
					: LibC.queue(this.fd);
		}
		catch (LibC.ErrnoException ex) {
			return null;
		}
	}

	/**
	 * Pass the socket on over a Unix domain socket.
	 */
	synchronized void sendTo(int connection) {
		if (!this.closed) {
			DescriptorMessages.send(connection, this.fd);
		}
	}

	/**
	 * The queue of connections that no process has taken yet.
	 *
	 * @param length connections that wait
	 * @param limit most connections that the kernel queues
	 */
	public record Queue(int length, int limit) {
	}

	/**
	 * Close the socket in this process. It ends once every worker has closed it, too.
	 */
	@Override
	public synchronized void close() {
		if (this.closed) {
			return;
		}
		this.closed = true;
		try {
			if (this.fd != STDIN) {
				LibC.close(this.fd);
				return;
			}
			int devNull = LibC.open("/dev/null", LibC.O_RDONLY);
			LibC.dup2(devNull, STDIN);
			LibC.close(devNull);
		}
		catch (LibC.ErrnoException ex) {
			// Out of descriptors: the socket closes with this process
		}
	}

	/**
	 * Return how many waiting connections must be served before the socket is closed.
	 * @param queue what {@link #queue()} has returned
	 * @return the number; 1 if there are some but the kernel does not give the number
	 */
	public synchronized int waiting(@Nullable Queue queue) {
		if (this.closed || this.foreign) {
			return 0;
		}
		try {
			return (queue != null) ? queue.length() : LibC.awaitReadable(this.fd, Duration.ZERO) ? 1 : 0;
		}
		catch (LibC.ErrnoException ex) {
			return 0;
		}
	}

	/**
	 * Delete the file of a Unix domain socket, if it still belongs to this socket.
	 */
	void removeFile() {
		if (this.file != null) {
			this.file.remove();
		}
	}

	/**
	 * Return where the socket listens.
	 * @return the address
	 */
	public SocketAddress address() {
		return this.address;
	}

	/**
	 * Return where the TCP socket listens.
	 * @return the address, with the real port where the system chose one
	 */
	public InetSocketAddress localAddress() {
		return (InetSocketAddress) this.address;
	}

}
