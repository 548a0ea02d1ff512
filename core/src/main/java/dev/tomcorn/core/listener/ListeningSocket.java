package dev.tomcorn.core.listener;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * The arbiter's end of a listening socket that the workers share. That of the application
 * is file descriptor 0, the only one that Java hands on to a child; another one is handed
 * on by {@link ListenerHandout}.
 */
public final class ListeningSocket implements Closeable {

	private static final int STDIN = 0;

	/**
	 * Drops what asks for a new connection and lets pass what completes one under way.
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

	private final InetSocketAddress localAddress;

	private boolean turnedAway;

	private boolean closed;

	private ListeningSocket(int fd) {
		this.fd = fd;
		this.localAddress = SocketAddresses.decode(LibC.socketName(fd));
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
			int fd = bind(address, port, reusePort);
			LibC.listen(fd, backlog);
			if (fd != STDIN) {
				LibC.dup2(fd, STDIN);
				LibC.close(fd);
			}
			return new ListeningSocket(STDIN);
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
			int fd = bind(address, port, false);
			try {
				LibC.listen(fd, backlog);
				return new ListeningSocket(fd);
			}
			catch (LibC.ErrnoException ex) {
				LibC.close(fd);
				throw ex;
			}
		}
		catch (LibC.ErrnoException ex) {
			throw new ListenException(address, port, ex);
		}
	}

	/**
	 * Take over a socket that another arbiter hands out.
	 * @param handout path of the other's {@link ListenerHandout}
	 * @param backlog connections the kernel queues from now on
	 * @return the socket
	 * @throws IOException if it is not to be had
	 */
	public static ListeningSocket receive(Path handout, int backlog) throws IOException {
		int fd = ListenerHandout.receive(handout);
		try {
			LibC.listen(fd, backlog);
			return new ListeningSocket(fd);
		}
		catch (LibC.ErrnoException ex) {
			LibC.close(fd);
			throw new IOException("What %s hands out is not a listening socket".formatted(handout), ex);
		}
	}

	/**
	 * Take over the socket that another arbiter holds as descriptor 0 and has handed on.
	 * @param backlog connections the kernel queues from now on
	 * @return the socket
	 * @throws IOException if descriptor 0 is not a listening socket
	 */
	public static ListeningSocket inherit(int backlog) throws IOException {
		try {
			LibC.queue(STDIN);
			LibC.listen(STDIN, backlog);
			return new ListeningSocket(STDIN);
		}
		catch (LibC.ErrnoException ex) {
			throw new IOException("File descriptor 0 is not a listening socket", ex);
		}
	}

	private static long instruction(long code, long ifTrue, long ifFalse, long operand) {
		return (code << 48) | (ifTrue << 40) | (ifFalse << 32) | operand;
	}

	/**
	 * Take no further clients into the queue. Those whose handshake is under way still
	 * get in; others see no answer until the socket is closed, and are refused then.
	 * @throws IOException if the system does not let that happen
	 */
	public synchronized void turnAway() throws IOException {
		this.turnedAway = true;
		try {
			LibC.attachFilter(this.fd, TURN_AWAY);
		}
		catch (LibC.ErrnoException ex) {
			throw new IOException("Cannot turn clients away", ex);
		}
	}

	/**
	 * Take clients in again, should another process that has the socket, too, have turned
	 * them away. Does nothing once this one has.
	 */
	public synchronized void takeIn() {
		if (this.turnedAway) {
			return;
		}
		try {
			LibC.setOption(this.fd, LibC.SOL_SOCKET, LibC.SO_DETACH_FILTER, 0);
		}
		catch (LibC.ErrnoException ex) {
			// Nobody has
		}
	}

	/**
	 * Return what waits in the queue.
	 * @return the queue, or {@code null} if it is not known
	 */
	public @Nullable Queue queue() {
		try {
			return LibC.queue(this.fd);
		}
		catch (LibC.ErrnoException ex) {
			return null;
		}
	}

	/**
	 * Hand the socket on over a Unix domain socket.
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
	 * @param limit connections beyond which the kernel takes no more
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
			// Out of descriptors: it ends with this process
		}
	}

	private static int bind(@Nullable InetAddress address, int port, boolean reusePort) {
		boolean any = address == null || address.isAnyLocalAddress();
		if (address != null && !any) {
			return bind((address.getAddress().length == 4) ? LibC.AF_INET : LibC.AF_INET6, address, port, reusePort);
		}
		InetAddress wildcard = new InetSocketAddress(0).getAddress();
		if (!Boolean.getBoolean("java.net.preferIPv4Stack")) {
			// As Java has it: also 0.0.0.0 is every address, those of IPv6 included
			try {
				return bind(LibC.AF_INET6, wildcard, port, reusePort);
			}
			catch (LibC.ErrnoException ex) {
				if (ex.errno() != LibC.EAFNOSUPPORT && ex.errno() != LibC.EADDRNOTAVAIL) {
					throw ex;
				}
			}
		}
		return bind(LibC.AF_INET, SocketAddresses.anyIpv4(), port, reusePort);
	}

	private static int bind(int family, InetAddress address, int port, boolean reusePort) {
		int fd = LibC.socket(family);
		try {
			LibC.setOption(fd, LibC.SOL_SOCKET, LibC.SO_REUSEADDR, 1);
			if (reusePort) {
				LibC.setOption(fd, LibC.SOL_SOCKET, LibC.SO_REUSEPORT, 1);
			}
			if (family == LibC.AF_INET6) {
				LibC.setOption(fd, LibC.IPPROTO_IPV6, LibC.IPV6_V6ONLY, 0);
			}
			LibC.bind(fd, SocketAddresses.encode(family, address, port));
			return fd;
		}
		catch (LibC.ErrnoException ex) {
			LibC.close(fd);
			throw ex;
		}
	}

	/**
	 * Return where the socket listens.
	 * @return the address, with the real port where the system chose one
	 */
	public InetSocketAddress localAddress() {
		return this.localAddress;
	}

}
