package dev.tomcorn.core.control;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Reads from a channel in a way that does not delay the end of this JVM. A JVM that ends
 * waits for 300 ms for threads in native code, and a thread that waits for bytes is in
 * native code. So, when the end is near, the reading thread looks for bytes at intervals.
 */
final class WakeableInput extends InputStream {

	/**
	 * Time between two looks when the end is near.
	 */
	private static final Duration PAUSE = Duration.ofMillis(2);

	private final SocketChannel channel;

	private final Selector selector;

	private volatile boolean endIsNear;

	/**
	 * Create the input.
	 * @param channel the channel
	 * @throws IOException if the system grants no further descriptor
	 */
	WakeableInput(SocketChannel channel) throws IOException {
		this.channel = channel;
		this.selector = Selector.open();
	}

	/**
	 * Begin, once the channel is connected. It is in non-blocking mode from then on.
	 * @throws IOException if that is not possible
	 */
	void begin() throws IOException {
		try {
			this.channel.configureBlocking(false);
			this.channel.register(this.selector, SelectionKey.OP_READ);
		}
		catch (ClosedSelectorException ex) {
			throw new ClosedChannelException();
		}
	}

	/**
	 * From now on, look for bytes at intervals.
	 */
	void endIsNear() {
		this.endIsNear = true;
		this.selector.wakeup();
	}

	@Override
	public int read() throws IOException {
		byte[] one = new byte[1];
		return (read(one, 0, 1) < 0) ? -1 : one[0] & 0xFF;
	}

	@Override
	public int read(byte[] bytes, int offset, int length) throws IOException {
		ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
		int count = this.channel.read(buffer);
		while (count == 0 && length > 0) {
			await();
			count = this.channel.read(buffer);
		}
		return count;
	}

	private void await() throws IOException {
		if (this.endIsNear) {
			LockSupport.parkNanos(PAUSE.toNanos());
			return;
		}
		try {
			this.selector.select();
			this.selector.selectedKeys().clear();
		}
		catch (ClosedSelectorException ex) {
			throw new ClosedChannelException();
		}
	}

	/**
	 * Close the channel. A thread that waits for bytes gets an exception.
	 */
	@Override
	public void close() throws IOException {
		try (this.selector) {
			this.channel.close();
		}
	}

}
