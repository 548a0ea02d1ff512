package dev.tomcorn.core.control;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * One connection of the control socket. Sending never waits for the other side: a thread
 * of the connection writes, and a side that does not read is cut off.
 */
final class ControlConnection implements Closeable {

	private static final int MAX_UNSENT = 128;

	private final SocketChannel channel;

	private final DataInputStream in;

	private final BlockingQueue<Message> unsent = new ArrayBlockingQueue<>(MAX_UNSENT);

	private final AtomicLong accepted = new AtomicLong();

	private final AtomicLong sent = new AtomicLong();

	private final Thread writer;

	ControlConnection(SocketChannel channel) {
		this(channel, Channels.newInputStream(channel));
	}

	/**
	 * Create a connection.
	 * @param channel its channel, which may be in non-blocking mode
	 * @param input reads from the channel
	 */
	ControlConnection(SocketChannel channel, InputStream input) {
		this.channel = channel;
		this.in = new DataInputStream(new BufferedInputStream(input));
		this.writer = Thread.ofPlatform().daemon().name("tomcorn-control-writer").unstarted(this::write);
		boolean started = false;
		try {
			this.writer.start();
			started = true;
		}
		finally {
			if (!started) {
				close();
			}
		}
	}

	/**
	 * Wait for the next message of a client other than a worker.
	 * @return the message, or {@code null} when the other side is gone
	 * @throws IOException if the connection breaks or carries garbage
	 */
	@Nullable Message receive() throws IOException {
		return MessageCodec.read(this.in);
	}

	/**
	 * Wait for the next message.
	 * @param age the worker that it comes from
	 * @return the message, or {@code null} when the other side is gone
	 * @throws IOException if the connection breaks or carries garbage
	 */
	@Nullable Message receive(long age) throws IOException {
		return MessageCodec.read(this.in, age);
	}

	void send(Message message) {
		this.accepted.incrementAndGet();
		if (!this.unsent.offer(message)) {
			close();
		}
	}

	/**
	 * Wait until everything has been sent, for the end of a process.
	 * @param limit longest time to wait
	 */
	void flush(Duration limit) {
		long deadline = System.nanoTime() + limit.toNanos();
		while (this.sent.get() < this.accepted.get() && this.channel.isOpen() && System.nanoTime() < deadline) {
			LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
		}
	}

	private void write() {
		try {
			while (true) {
				ByteBuffer bytes = MessageCodec.encode(this.unsent.take());
				while (bytes.hasRemaining()) {
					if (this.channel.write(bytes) == 0) {
						LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
					}
				}
				this.sent.incrementAndGet();
			}
		}
		catch (IOException | InterruptedException ex) {
			close();
		}
	}

	@Override
	public void close() {
		try (this.channel) {
			this.in.close();
		}
		catch (IOException ex) {
			// Nothing left to do
		}
		this.writer.interrupt();
	}

}
