package dev.tomcorn.core.listener;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/**
 * The application's listening socket, which a worker takes over from file descriptor 0.
 */
final class InheritedListener implements SharedListener, SeveralListeners.Part {

	private static final int STDIN = 0;

	private static final int STDOUT = 1;

	private static final int STDERR = 2;

	private final ServerSocketChannel channel;

	private final int pollFd;

	private final Spares spares;

	private InheritedListener(ServerSocketChannel channel, int pollFd, Spares spares) {
		this.channel = channel;
		this.pollFd = pollFd;
		this.spares = spares;
	}

	/**
	 * Descriptors kept for the end, when the process may have none left.
	 */
	private record Spares(int out, int err, int devNull) {
	}

	static InheritedListener inherit() throws IOException {
		if (!(System.inheritedChannel() instanceof ServerSocketChannel channel)) {
			throw new IOException("File descriptor 0 is not a listening socket");
		}
		int pollFd = LibC.dup(STDIN);
		int devNull = LibC.open("/dev/null", LibC.O_RDONLY);
		LibC.dup2(devNull, STDIN);
		System.setIn(InputStream.nullInputStream());
		return new InheritedListener(channel, pollFd, new Spares(LibC.dup(STDOUT), LibC.dup(STDERR), devNull));
	}

	@Override
	public ServerSocketChannel acceptor() {
		return this.channel;
	}

	@Override
	public SocketChannel accept() throws IOException {
		return this.channel.accept();
	}

	@Override
	public boolean awaitWaitingConnection(Duration limit) {
		return LibC.awaitReadable(this.pollFd, limit);
	}

	@Override
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
		// The number stays valid for a polling thread, while the socket behind it is
		// released
		LibC.dup2(this.spares.devNull(), this.pollFd);
	}

	@Override
	public ServerSocketChannel channel() {
		return this.channel;
	}

}
