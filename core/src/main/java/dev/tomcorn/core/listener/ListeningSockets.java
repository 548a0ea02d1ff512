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
	 * Whether the files of Unix domain sockets go with this arbiter. Those of one that is
	 * replaced are its successor's.
	 */
	private volatile boolean filesOwned;

	private ListeningSockets(List<ListeningSocket> sockets, boolean filesOwned) {
		this.sockets = List.copyOf(sockets);
		this.filesOwned = filesOwned;
	}

	/**
	 * Have one socket.
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
	 * Take over the sockets of another arbiter: the one that it holds as descriptor 0 and
	 * has handed on, and those that it hands out.
	 * @param backlog connections the kernel queues from now on
	 * @param origins what the other knows of each
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
	 * Take no further clients into the queues.
	 * @throws IOException if the system does not let that happen
	 */
	public void refuseConnections() throws IOException {
		for (ListeningSocket socket : this.sockets) {
			socket.refuseConnections();
		}
	}

	/**
	 * Take clients in again that another process has turned away.
	 */
	public void takeIn() {
		this.sockets.forEach(ListeningSocket::takeIn);
	}

	/**
	 * The files of Unix domain sockets go with this arbiter from now on, as it serves in
	 * place of another.
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
	 * Return where a socket listens, as {@code tomcorn.bind} has it.
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
