package dev.tomcorn.core.listener;

import java.net.InetAddress;
import java.net.InetSocketAddress;

import org.jspecify.annotations.Nullable;

/**
 * The arbiter's end of the shared listening socket: bound once and held as file
 * descriptor 0, which is the only one that Java hands on to a child.
 */
public final class ListeningSocket {

	private static final int STDIN = 0;

	private final InetSocketAddress localAddress;

	private ListeningSocket(InetSocketAddress localAddress) {
		this.localAddress = localAddress;
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
			return new ListeningSocket(SocketAddresses.decode(LibC.socketName(STDIN)));
		}
		catch (LibC.ErrnoException ex) {
			throw new ListenException(address, port, ex);
		}
	}

	private static int bind(@Nullable InetAddress address, int port, boolean reusePort) {
		boolean any = address == null || address.isAnyLocalAddress();
		if (address != null && !any) {
			return bind((address.getAddress().length == 4) ? LibC.AF_INET : LibC.AF_INET6, address, port, reusePort);
		}
		InetAddress wildcard = new InetSocketAddress(0).getAddress();
		if (!Boolean.getBoolean("java.net.preferIPv4Stack") && !isIpv4(address)) {
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

	private static boolean isIpv4(@Nullable InetAddress address) {
		return address != null && address.getAddress().length == 4;
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
