package dev.tomcorn.core.listener;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

import org.jspecify.annotations.Nullable;

/**
 * Opens sockets, or checks those that this process was started with. A failure leaves
 * nothing open and no file behind.
 */
final class SocketOpening {

	private static final String CHOOSE_ANOTHER = "Identify and stop the process that's listening there, or set "
			+ "tomcorn.bind to another port.";

	private SocketOpening() {
	}

	/**
	 * Open a TCP socket.
	 * @return its descriptor
	 * @throws LibC.ErrnoException if that is not possible
	 */
	static int tcp(@Nullable InetAddress address, int port, int backlog, boolean reusePort) {
		int fd = bind(address, port, reusePort);
		try {
			LibC.listen(fd, backlog);
			return fd;
		}
		catch (LibC.ErrnoException ex) {
			LibC.close(fd);
			throw ex;
		}
	}

	private static int bind(@Nullable InetAddress address, int port, boolean reusePort) {
		boolean any = address == null || address.isAnyLocalAddress();
		if (address != null && !any) {
			return bind((address.getAddress().length == 4) ? LibC.AF_INET : LibC.AF_INET6, address, port, reusePort);
		}
		InetAddress wildcard = new InetSocketAddress(0).getAddress();
		if (!Boolean.getBoolean("java.net.preferIPv4Stack")) {
			// As in Java, 0.0.0.0 means every address, IPv6 included
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
	 * Open a TCP socket of {@code tomcorn.bind}.
	 * @return its descriptor
	 * @throws BindFailure if that is not possible
	 */
	static int tcp(BindAddress.Port address, int backlog, boolean reusePort) {
		try {
			return tcp(hostOf(address), address.port(), backlog, reusePort);
		}
		catch (LibC.ErrnoException ex) {
			throw switch (ListenException.Reason.of(ex)) {
				case IN_USE -> inUse(address, ex);
				case NOT_PERMITTED -> notPermitted(address, ex);
				case NO_SUCH_ADDRESS -> noSuchAddress(address, ex);
				case OTHER -> new BindFailure(address, "The port cannot be opened (%s).".formatted(ex.getMessage()),
						"Check tomcorn.bind, and the limits of this process.", ex);
			};
		}
	}

	/**
	 * Return the address of a host, or {@code null} for every address.
	 * @throws BindFailure if there is none
	 */
	static @Nullable InetAddress hostOf(BindAddress.Port address) {
		try {
			return address.host().isEmpty() ? null : InetAddress.getByName(address.host());
		}
		catch (UnknownHostException ex) {
			throw new BindFailure(address, "There is no host '%s'.".formatted(address.host()),
					"Set tomcorn.bind to an address of this machine, or to :%d for all.".formatted(address.port()), ex);
		}
	}

	static BindFailure inUse(BindAddress.Port address, Throwable cause) {
		return new BindFailure(address, "Port %d is already in use.".formatted(address.port()), CHOOSE_ANOTHER, cause);
	}

	static BindFailure notPermitted(BindAddress.Port address, Throwable cause) {
		return new BindFailure(address, "This user may not listen on port %d.".formatted(address.port()),
				"Choose a port above 1023 in tomcorn.bind, or give the JVM the capability CAP_NET_BIND_SERVICE.",
				cause);
	}

	static BindFailure noSuchAddress(BindAddress.Port address, Throwable cause) {
		return new BindFailure(address, "%s is not an address of this machine.".formatted(address.host()),
				"Set tomcorn.bind to an address of this machine, or to :%d for all.".formatted(address.port()), cause);
	}

	/**
	 * Open a Unix domain socket.
	 * @return the socket
	 * @throws BindFailure if that is not possible
	 */
	static ListeningSocket unix(BindAddress.Unix address, int backlog) {
		UnixSocketFile file = UnixSocketFile.makeRoom(address);
		int fd = -1;
		boolean opened = false;
		try {
			fd = LibC.socket(LibC.AF_UNIX);
			LibC.bind(fd, SocketAddresses.encode(address.path()));
			file.bound();
			LibC.listen(fd, backlog);
			ListeningSocket socket = ListeningSocket.of(fd, false, file);
			opened = true;
			return socket;
		}
		catch (LibC.ErrnoException ex) {
			throw (ex.errno() == LibC.EACCES) ? UnixSocketFile.notPermitted(address, ex)
					: UnixSocketFile.other(address, ex);
		}
		catch (IOException ex) {
			throw UnixSocketFile.other(address, ex);
		}
		finally {
			if (!opened) {
				file.remove();
				if (fd >= 0) {
					LibC.close(fd);
				}
			}
		}
	}

	/**
	 * Take over a socket that this process was started with.
	 * @throws BindFailure if it is not a listening socket
	 */
	static ListeningSocket adopt(BindAddress.Descriptor address, int fd) {
		try {
			if (isListening(fd)) {
				return ListeningSocket.of(fd, true, null);
			}
		}
		catch (LibC.ErrnoException ex) {
			// No socket, or not open
		}
		throw new BindFailure(address,
				"Descriptor %d of this process is not a listening socket of TCP or Unix streams.".formatted(fd),
				"Pass one, as a systemd socket unit with ListenStream= and Accept=no does, or set tomcorn.bind to "
						+ "another address.",
				null);
	}

	/**
	 * Return whether a socket listens.
	 * @throws LibC.ErrnoException if it is not a socket
	 */
	static boolean isListening(int fd) {
		return LibC.option(fd, LibC.SOL_SOCKET, LibC.SO_TYPE) == LibC.SOCK_STREAM
				&& LibC.option(fd, LibC.SOL_SOCKET, LibC.SO_ACCEPTCONN) == 1;
	}

}
