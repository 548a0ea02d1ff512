package dev.tomcorn.core.listener;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The arbiter's ends of all sockets on which the application listens. The first one is
 * file descriptor 0.
 */
public final class ListeningSockets implements Closeable {

	private final List<ListeningSocket> sockets;

	/**
	 * Whether this arbiter deletes the files of Unix domain sockets at its end. A
	 * successor takes them over.
	 */
	private volatile boolean filesOwned;

	private ListeningSockets(List<ListeningSocket> sockets, boolean filesOwned) {
		this.sockets = List.copyOf(sockets);
		this.filesOwned = filesOwned;
	}

	/**
	 * Create the sockets from a single one.
	 * @param socket the socket, which is descriptor 0
	 * @return the sockets
	 */
	public static ListeningSockets of(ListeningSocket socket) {
		return new ListeningSockets(List.of(socket), true);
	}

	/**
	 * Open all sockets, or none.
	 * @param addresses where to listen
	 * @param backlog connections the kernel queues for each
	 * @param reusePort whether other processes may bind the same ports
	 * @return the sockets
	 * @throws BindFailure if one of them cannot be opened
	 */
	public static ListeningSockets open(List<BindAddress> addresses, int backlog, boolean reusePort) {
		ActivatedSockets activated = new ActivatedSockets(System.getenv(), ProcessHandle.current().pid());
		List<ListeningSocket> opened = new ArrayList<>();
		Set<Integer> adopted = new HashSet<>();
		boolean complete = false;
		try {
			for (BindAddress address : addresses) {
				switch (address) {
					case BindAddress.Port port ->
						opened.add(ListeningSocket.of(SocketOpening.tcp(port, backlog, reusePort), false, null));
					case BindAddress.Unix unix -> opened.add(SocketOpening.unix(unix, backlog));
					case BindAddress.Descriptor descriptor -> {
						for (int fd : activated.find(descriptor)) {
							if (!adopted.add(fd)) {
								throw new BindFailure(descriptor,
										"Descriptor %d is named twice in tomcorn.bind.".formatted(fd),
										"Name each socket once.", null);
							}
							opened.add(SocketOpening.adopt(descriptor, fd));
						}
					}
				}
			}
			opened.set(0, opened.getFirst().asStandardInput());
			complete = true;
			return new ListeningSockets(opened, true);
		}
		finally {
			if (!complete) {
				opened.forEach(ListeningSocket::removeFile);
				opened.forEach(ListeningSocket::close);
			}
		}
	}

	/**
	 * Take over the sockets of another arbiter: descriptor 0, and those of its
	 * {@link DescriptorServer}s.
	 * @param backlog connections the kernel queues from now on
	 * @param origins the origin of each
	 * @param paths path of the other's {@link DescriptorServer} for each but the first
	 * @return the sockets
	 * @throws IOException if one of them cannot be taken over
	 */
	public static ListeningSockets inherit(int backlog, List<ListeningSocket.Origin> origins, List<Path> paths)
			throws IOException {
		List<ListeningSocket> sockets = new ArrayList<>();
		sockets.add(ListeningSocket.inherit(backlog, origins.getFirst()));
		for (int i = 1; i < origins.size(); i++) {
			sockets.add(ListeningSocket.receive(paths.get(i - 1), backlog, origins.get(i)));
		}
		return new ListeningSockets(sockets, false);
	}

	/**
	 * Return the sockets, the first of which is descriptor 0.
	 * @return the sockets
	 */
	public List<ListeningSocket> all() {
		return this.sockets;
	}

	/**
	 * Return the port of the first socket that has one.
	 * @return the port, or 0 if none has
	 */
	public int port() {
		return this.sockets.stream()
			.map(ListeningSocket::address)
			.filter(InetSocketAddress.class::isInstance)
			.mapToInt((address) -> ((InetSocketAddress) address).getPort())
			.findFirst()
			.orElse(0);
	}

	/**
	 * Return the ports of all sockets that have one.
	 * @return the ports
	 */
	public Set<Integer> ports() {
		return this.sockets.stream()
			.map(ListeningSocket::address)
			.filter(InetSocketAddress.class::isInstance)
			.map((address) -> ((InetSocketAddress) address).getPort())
			.collect(Collectors.toSet());
	}

	/**
	 * Accept no further clients into the queues.
	 * @throws IOException if the system does not permit it
	 */
	public void refuseConnections() throws IOException {
		for (ListeningSocket socket : this.sockets) {
			socket.refuseConnections();
		}
	}

	/**
	 * Accept clients again after another process has refused them.
	 */
	public void takeIn() {
		this.sockets.forEach(ListeningSocket::takeIn);
	}

	/**
	 * Delete the files of Unix domain sockets at the end of this arbiter, since it serves
	 * in place of another from now on.
	 */
	public void own() {
		this.filesOwned = true;
	}

	/**
	 * Leave the files of Unix domain sockets to another arbiter.
	 */
	public void leave() {
		this.filesOwned = false;
	}

	/**
	 * Close the sockets in this process. They end once every worker has closed them, too.
	 */
	@Override
	public void close() {
		if (this.filesOwned) {
			this.sockets.forEach(ListeningSocket::removeFile);
		}
		this.sockets.forEach(ListeningSocket::close);
	}

	/**
	 * Return where a socket listens, in the form of {@code tomcorn.bind}.
	 * @param address the address
	 * @return such as ":8080", "[::1]:8080" or "unix:/run/app.sock"
	 */
	public static String name(SocketAddress address) {
		return switch (address) {
			case InetSocketAddress inet -> {
				InetAddress host = inet.getAddress();
				String text = host.isAnyLocalAddress() ? "" : host.getHostAddress();
				yield (text.contains(":") ? "[" + text + "]" : text) + ":" + inet.getPort();
			}
			default -> describe(address);
		};
	}

	/**
	 * Return where a socket listens, in words.
	 * @param address the address
	 * @return such as "port 8080"
	 */
	public static String describe(SocketAddress address) {
		return switch (address) {
			case InetSocketAddress inet -> {
				InetAddress host = inet.getAddress();
				yield host.isAnyLocalAddress() ? "port " + inet.getPort()
						: host.getHostAddress() + " port " + inet.getPort();
			}
			case UnixDomainSocketAddress unix -> "unix:" + unix.getPath();
			default -> String.valueOf(address);
		};
	}

}
