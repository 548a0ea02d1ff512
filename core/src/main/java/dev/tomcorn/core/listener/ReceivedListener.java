package dev.tomcorn.core.listener;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * A listening socket received from the arbiter. Unlike the inherited one, a worker can
 * pause accepting from it.
 */
public final class ReceivedListener implements SharedListener, SeveralListeners.Part {

	private static final Path MEMORY = Path.of("/dev/shm");

	private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

	private final int fd;

	private final int devNull;

	private final int family;

	private final SocketAddress localAddress;

	/**
	 * The accepting channel, {@code null} while paused.
	 */
	private volatile @Nullable ServerSocketChannel channel;

	private boolean stopped;

	private ReceivedListener(int fd) {
		this.fd = fd;
		byte[] name = LibC.socketName(fd);
		this.family = SocketAddresses.family(name);
		this.localAddress = SocketAddresses.any(name);
		this.devNull = LibC.open("/dev/null", LibC.O_RDONLY);
	}

	/**
	 * Receive a socket from the arbiter. The first {@link #resume()} begins to accept.
	 * @param path path of the arbiter's {@link DescriptorServer}
	 * @return the socket
	 * @throws IOException if it cannot be received or used
	 */
	public static ReceivedListener receive(Path path) throws IOException {
		int fd = DescriptorServer.receive(path);
		try {
			return new ReceivedListener(fd);
		}
		catch (LibC.ErrnoException ex) {
			LibC.close(fd);
			throw new IOException("The listening socket of %s cannot be used".formatted(path), ex);
		}
	}

	/**
	 * Accept from a socket that this process was started with. Its descriptor stays open
	 * for a web server that starts again.
	 * @throws BindFailure if it is no listening socket
	 */
	static ReceivedListener adopt(BindAddress.Descriptor address, int fd) {
		SocketOpening.adopt(address, fd);
		int own = LibC.dup(fd);
		try {
			return new ReceivedListener(own);
		}
		catch (LibC.ErrnoException ex) {
			LibC.close(own);
			throw ex;
		}
	}

	@Override
	public ServerSocketChannel acceptor() throws IOException {
		resume();
		ServerSocketChannel current = this.channel;
		if (current == null) {
			throw new ClosedChannelException();
		}
		return current;
	}

	/**
	 * Accept from now on. Does nothing after {@link #stopAccepting()}.
	 * @throws IOException if that is not possible
	 */
	public synchronized void resume() throws IOException {
		if (this.channel == null && !this.stopped) {
			this.channel = open();
		}
	}

	/**
	 * Leave new connections to the other workers. A thread in {@link #accept()} returns,
	 * with a connection if it has already got one.
	 * @throws IOException if the channel cannot be closed
	 */
	public synchronized void pause() throws IOException {
		ServerSocketChannel current = this.channel;
		if (current != null) {
			this.channel = null;
			current.close();
		}
	}

	/**
	 * Java creates channels only for sockets that it opens itself. So this opens one
	 * under an unpublished name and replaces it by the socket.
	 */
	private ServerSocketChannel open() throws IOException {
		if (this.family == LibC.AF_UNIX) {
			return openUnix();
		}
		ServerSocketChannel opened = (this.family == LibC.AF_INET)
				? ServerSocketChannel.open(StandardProtocolFamily.INET) : ServerSocketChannel.open();
		return replace(opened, new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
	}

	private ServerSocketChannel openUnix() throws IOException {
		Path parent = Files.isWritable(MEMORY) ? MEMORY : Path.of(System.getProperty("java.io.tmpdir"));
		Path directory = Files.createTempDirectory(parent, "tomcorn-");
		Path socket = directory.resolve("s");
		try {
			return replace(ServerSocketChannel.open(StandardProtocolFamily.UNIX), UnixDomainSocketAddress.of(socket));
		}
		finally {
			Files.deleteIfExists(socket);
			Files.deleteIfExists(directory);
		}
	}

	private ServerSocketChannel replace(ServerSocketChannel opened, SocketAddress address) throws IOException {
		try {
			opened.bind(address, 1);
			LibC.dup2(this.fd, descriptorOf(opened.getLocalAddress()));
			return opened;
		}
		catch (LibC.ErrnoException ex) {
			opened.close();
			throw new IOException("Cannot open the socket again", ex);
		}
		catch (IOException ex) {
			opened.close();
			throw ex;
		}
	}

	private static int descriptorOf(SocketAddress address) throws IOException {
		try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
			for (Path descriptor : descriptors) {
				int number = Integer.parseInt(descriptor.getFileName().toString());
				if (isBoundTo(number, address)) {
					return number;
				}
			}
		}
		catch (DirectoryIteratorException ex) {
			throw ex.getCause();
		}
		throw new IOException("None of this process's descriptors is bound to " + address);
	}

	private static boolean isBoundTo(int descriptor, SocketAddress address) {
		try {
			return SocketAddresses.any(LibC.socketName(descriptor)).equals(address);
		}
		catch (LibC.ErrnoException ex) {
			// No socket, or closed meanwhile
			return false;
		}
	}

	@Override
	public SocketChannel accept() throws IOException {
		ServerSocketChannel current = this.channel;
		if (current == null) {
			throw new ClosedChannelException();
		}
		return current.accept();
	}

	@Override
	public boolean awaitWaitingConnection(Duration limit) {
		return LibC.awaitReadable(this.fd, limit);
	}

	@Override
	public synchronized void stopAccepting() throws IOException {
		if (!this.stopped) {
			this.stopped = true;
			pause();
			// The number stays valid for a polling thread, while the socket behind it is
			// released
			LibC.dup2(this.devNull, this.fd);
			LibC.close(this.devNull);
		}
	}

	@Override
	public NetworkChannel channel() {
		return new View();
	}

	/**
	 * The socket as it is bound, whether or not it is accepted from.
	 */
	private final class View implements NetworkChannel {

		@Override
		public SocketAddress getLocalAddress() {
			return ReceivedListener.this.localAddress;
		}

		@Override
		public boolean isOpen() {
			return ReceivedListener.this.channel != null;
		}

		@Override
		public <T> T getOption(SocketOption<T> name) {
			throw new UnsupportedOperationException(name.name());
		}

		@Override
		public Set<SocketOption<?>> supportedOptions() {
			return Set.of();
		}

		@Override
		public NetworkChannel bind(SocketAddress local) {
			throw new UnsupportedOperationException();
		}

		@Override
		public <T> NetworkChannel setOption(SocketOption<T> name, T value) {
			throw new UnsupportedOperationException(name.name());
		}

		@Override
		public void close() {
			throw new UnsupportedOperationException();
		}

	}

}
