package dev.tomcorn.peer;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * A connection to another worker on which every step has a time limit.
 */
final class PeerConnection extends InputStream implements Closeable {

	private final SocketChannel channel;

	private final Selector selector;

	/**
	 * Interval of checks whether the other worker is alive, while it sends nothing.
	 */
	private static final Duration LOOK_INTERVAL = Duration.ofMillis(250);

	private final LongSupplier patience;

	private final BooleanSupplier silent;

	private final ByteBuffer received = ByteBuffer.allocate(16 * 1024).flip();

	private PeerConnection(SocketChannel channel, Selector selector, LongSupplier patience, BooleanSupplier silent) {
		this.channel = channel;
		this.selector = selector;
		this.patience = patience;
		this.silent = silent;
	}

	/**
	 * Connect.
	 * @param socket the other worker's socket
	 * @param patience how many nanoseconds the next step may take
	 * @param silent whether the other worker shows no sign of life, which ends any step
	 */
	static PeerConnection open(Path socket, LongSupplier patience, BooleanSupplier silent) throws IOException {
		SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
		try {
			channel.configureBlocking(false);
			PeerConnection connection = new PeerConnection(channel, Selector.open(), patience, silent);
			try {
				connection.connect(socket);
				return connection;
			}
			catch (IOException ex) {
				connection.selector.close();
				throw ex;
			}
		}
		catch (IOException ex) {
			channel.close();
			throw ex;
		}
	}

	private void connect(Path socket) throws IOException {
		if (!this.channel.connect(UnixDomainSocketAddress.of(socket))) {
			do {
				await(SelectionKey.OP_CONNECT);
			}
			while (!this.channel.finishConnect());
		}
	}

	private void await(int operation) throws IOException {
		long deadline = System.nanoTime() + this.patience.getAsLong();
		SelectionKey key = this.channel.keyFor(this.selector);
		if (key == null) {
			this.channel.register(this.selector, operation);
		}
		else {
			key.interestOps(operation);
		}
		this.selector.selectedKeys().clear();
		long left;
		while ((left = deadline - System.nanoTime()) > 0) {
			// Never 0, which means no limit
			boolean ready = this.selector
				.select(Math.clamp(TimeUnit.NANOSECONDS.toMillis(left), 1, LOOK_INTERVAL.toMillis())) > 0;
			if (Thread.currentThread().isInterrupted()) {
				throw new InterruptedIOException("Interrupted");
			}
			if (ready) {
				return;
			}
			if (this.silent.getAsBoolean()) {
				throw new SocketTimeoutException("it shows no sign of life");
			}
		}
		throw new SocketTimeoutException("no answer in time");
	}

	void write(byte[] bytes) throws IOException {
		ByteBuffer buffer = ByteBuffer.wrap(bytes);
		while (buffer.hasRemaining()) {
			if (this.channel.write(buffer) == 0) {
				await(SelectionKey.OP_WRITE);
			}
		}
	}

	private boolean fill() throws IOException {
		if (this.received.hasRemaining()) {
			return true;
		}
		this.received.clear();
		try {
			int count;
			while ((count = this.channel.read(this.received)) == 0) {
				await(SelectionKey.OP_READ);
			}
			return count > 0;
		}
		finally {
			this.received.flip();
		}
	}

	@Override
	public int read() throws IOException {
		return fill() ? this.received.get() & 0xff : -1;
	}

	@Override
	public int read(byte[] bytes, int offset, int length) throws IOException {
		Objects.checkFromIndexSize(offset, length, bytes.length);
		if (length == 0) {
			return 0;
		}
		if (!fill()) {
			return -1;
		}
		int count = Math.min(length, this.received.remaining());
		this.received.get(bytes, offset, count);
		return count;
	}

	@Override
	public void close() throws IOException {
		try (this.selector) {
			this.channel.close();
		}
	}

}
