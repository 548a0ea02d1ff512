package dev.tomcorn.it;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 over TLS: a connection that several clients send requests on at once, with just
 * enough of the protocol to tell how each stream ends. The JDK's client would repeat
 * requests that the server has not processed.
 */
final class Http2Wire implements Wire {

	private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

	private static final int DATA = 0;

	private static final int HEADERS = 1;

	private static final int RST_STREAM = 3;

	private static final int SETTINGS = 4;

	private static final int PING = 6;

	private static final int GOAWAY = 7;

	private static final int WINDOW_UPDATE = 8;

	private static final int END_STREAM = 1;

	private static final int ACK = 1;

	private static final int END_HEADERS = 4;

	private static final int PADDED = 8;

	private static final int PRIORITY = 32;

	private static final int INITIAL_WINDOW_SIZE = 4;

	private static final int REFUSED_STREAM = 7;

	private static final int MAX_FRAME = 16 * 1024;

	private static final int DEFAULT_WINDOW = 65_535;

	/**
	 * No dynamic header table, so that the first byte is enough for the status, and no
	 * push.
	 */
	private static final byte[] OUR_SETTINGS = { 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0 };

	private final Socket socket;

	private final DataInputStream in;

	private final OutputStream out;

	private final Duration timeout;

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition windowGrew = this.lock.newCondition();

	private final Map<Integer, Stream> streams = new TreeMap<>();

	private final CompletableFuture<Void> settled = new CompletableFuture<>();

	private long window = DEFAULT_WINDOW;

	private long streamWindow = DEFAULT_WINDOW;

	private int nextStream = 1;

	private volatile boolean usable = true;

	private volatile long server;

	Http2Wire(int port, Duration timeout, SSLContext tls) throws IOException {
		this.timeout = timeout;
		this.socket = Http1Wire.connect(port, (int) timeout.toMillis(), tls, "h2");
		try {
			String protocol = ((SSLSocket) this.socket).getApplicationProtocol();
			if (!"h2".equals(protocol)) {
				throw new IOException("The server speaks '" + protocol + "' rather than h2");
			}
			// Silence between requests is no fault
			this.socket.setSoTimeout(0);
			this.in = new DataInputStream(this.socket.getInputStream());
			this.out = this.socket.getOutputStream();
			this.out.write(PREFACE);
			write(SETTINGS, 0, 0, OUR_SETTINGS);
			Thread.ofVirtual().start(this::read);
			await(this.settled);
		}
		catch (IOException ex) {
			this.socket.close();
			throw ex;
		}
	}

	/**
	 * A request under way.
	 */
	private static final class Stream {

		private final CompletableFuture<Reply> reply = new CompletableFuture<>();

		private final ByteArrayOutputStream body = new ByteArrayOutputStream();

		private int status;

		private long window;

		Stream(long window) {
			this.window = window;
		}

	}

	/**
	 * The server has reset the stream.
	 */
	static final class StreamResetException extends SocketException {

		private static final long serialVersionUID = 1L;

		private final boolean refused;

		StreamResetException(int code) {
			super("Stream reset with error code " + code);
			this.refused = code == REFUSED_STREAM;
		}

		boolean refused() {
			return this.refused;
		}

	}

	@Override
	public Reply call(Call call) throws IOException {
		Stream stream;
		int id;
		this.lock.lock();
		try {
			if (!this.usable) {
				throw new NotSentException();
			}
			id = this.nextStream;
			this.nextStream += 2;
			stream = new Stream(this.streamWindow);
			this.streams.put(id, stream);
			write(HEADERS, END_HEADERS | ((call.bodyLength() == 0) ? END_STREAM : 0), id, headers(call));
		}
		finally {
			this.lock.unlock();
		}
		sendBody(call, id, stream);
		Reply reply = await(stream.reply);
		this.server = Math.max(this.server, reply.server());
		return reply;
	}

	private <T> T await(CompletableFuture<T> future) throws IOException {
		try {
			return future.get(this.timeout.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (TimeoutException ex) {
			throw new SocketTimeoutException("Stream timed out");
		}
		catch (ExecutionException ex) {
			throw new IOException(ex.getCause());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	private static byte[] headers(Call call) {
		ByteArrayOutputStream block = new ByteArrayOutputStream();
		// By the static table: method, scheme https, path, authority, content type
		block.write(call.post() ? 0x83 : 0x82);
		block.write(0x87);
		literal(block, call.path(), 0x04);
		literal(block, "127.0.0.1", 0x01);
		if (call.post()) {
			literal(block, "application/octet-stream", 0x0f, 0x10);
		}
		return block.toByteArray();
	}

	private static void literal(ByteArrayOutputStream block, String value, int... name) {
		for (int part : name) {
			block.write(part);
		}
		block.write(value.length());
		block.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
	}

	private void sendBody(Call call, int id, Stream stream) throws IOException {
		int sent = 0;
		while (sent < call.bodyLength()) {
			this.lock.lock();
			try {
				int count = awaitWindow(stream, Math.min(MAX_FRAME, call.bodyLength() - sent));
				if (count == 0) {
					// It has ended already; the outcome is in its reply
					return;
				}
				byte[] bytes = new byte[count];
				call.body(sent, bytes, 0, count);
				sent += count;
				this.window -= count;
				stream.window -= count;
				write(DATA, (sent == call.bodyLength()) ? END_STREAM : 0, id, bytes);
			}
			finally {
				this.lock.unlock();
			}
		}
	}

	private int awaitWindow(Stream stream, int wanted) throws IOException {
		long left = this.timeout.toNanos();
		try {
			while (!stream.reply.isDone()) {
				long count = Math.min(wanted, Math.min(this.window, stream.window));
				if (count > 0) {
					return (int) count;
				}
				if (left <= 0) {
					throw new SocketTimeoutException("The window stayed closed");
				}
				left = this.windowGrew.awaitNanos(left);
			}
			return 0;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	private void write(int type, int flags, int stream, byte[] payload) throws IOException {
		ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
		frame.putInt(payload.length << 8 | type).put((byte) flags).putInt(stream).put(payload);
		this.lock.lock();
		try {
			this.out.write(frame.array());
		}
		finally {
			this.lock.unlock();
		}
	}

	private void read() {
		try {
			while (true) {
				int lengthAndType = this.in.readInt();
				int flags = this.in.readUnsignedByte();
				int stream = this.in.readInt() & Integer.MAX_VALUE;
				byte[] payload = this.in.readNBytes(lengthAndType >>> 8);
				if (payload.length < lengthAndType >>> 8) {
					throw new EOFException("Closed in the middle of a frame");
				}
				handle(lengthAndType & 0xff, flags, stream, ByteBuffer.wrap(payload));
			}
		}
		catch (EOFException ex) {
			ended(new HttpConnection.UnansweredException());
		}
		catch (IOException | RuntimeException ex) {
			ended(ex);
		}
	}

	private void handle(int type, int flags, int id, ByteBuffer payload) throws IOException {
		this.lock.lock();
		try {
			Stream stream = this.streams.get(id);
			switch (type) {
				case SETTINGS -> settings(flags, payload);
				case PING -> {
					if ((flags & ACK) == 0) {
						write(PING, ACK, 0, payload.array());
					}
				}
				case WINDOW_UPDATE -> windowUpdate(id, payload.getInt());
				case GOAWAY -> goAway(payload.getInt());
				case RST_STREAM -> fail(id, new StreamResetException(payload.getInt()));
				case HEADERS -> {
					if (stream != null) {
						stream.status = (stream.status == 0) ? status(flags, payload) : stream.status;
						endIfLast(flags, id, stream);
					}
				}
				case DATA -> data(flags, id, stream, payload);
				default -> {
				}
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	private void settings(int flags, ByteBuffer payload) throws IOException {
		if ((flags & ACK) != 0) {
			return;
		}
		while (payload.remaining() >= 6) {
			int setting = payload.getShort();
			int value = payload.getInt();
			if (setting == INITIAL_WINDOW_SIZE) {
				long change = value - this.streamWindow;
				this.streamWindow = value;
				this.streams.values().forEach((stream) -> stream.window += change);
				this.windowGrew.signalAll();
			}
		}
		write(SETTINGS, ACK, 0, new byte[0]);
		this.settled.complete(null);
	}

	private void windowUpdate(int id, int increment) {
		Stream stream = this.streams.get(id);
		if (id == 0) {
			this.window += increment;
		}
		else if (stream != null) {
			stream.window += increment;
		}
		this.windowGrew.signalAll();
	}

	/**
	 * Streams above the last one that the server will process are lost.
	 */
	private void goAway(int lastStream) {
		this.usable = false;
		this.streams.keySet()
			.stream()
			.filter((id) -> id > lastStream)
			.toList()
			.forEach((id) -> fail(id, new EOFException("Not processed: GOAWAY with last stream " + lastStream)));
	}

	private static int status(int flags, ByteBuffer payload) {
		if ((flags & PADDED) != 0) {
			payload.get();
		}
		if ((flags & PRIORITY) != 0) {
			payload.position(payload.position() + 5);
		}
		int field = payload.get() & 0xff;
		while ((field & 0xe0) == 0x20) {
			field = payload.get() & 0xff;
		}
		return switch (field) {
			case 0x88 -> 200;
			case 0x8c -> 400;
			case 0x8d -> 404;
			case 0x8e -> 500;
			default -> -field;
		};
	}

	private void data(int flags, int id, @Nullable Stream stream, ByteBuffer payload) throws IOException {
		int length = payload.remaining();
		if (length > 0) {
			write(WINDOW_UPDATE, 0, 0, ByteBuffer.allocate(4).putInt(length).array());
		}
		if (stream != null) {
			int padding = ((flags & PADDED) != 0) ? payload.get() & 0xff : 0;
			stream.body.write(payload.array(), payload.position(), payload.remaining() - padding);
			endIfLast(flags, id, stream);
		}
	}

	private void endIfLast(int flags, int id, Stream stream) {
		if ((flags & END_STREAM) != 0) {
			this.streams.remove(id);
			stream.reply.complete(new Reply(stream.status, stream.body.toString(StandardCharsets.UTF_8)));
			this.windowGrew.signalAll();
			if (!this.usable) {
				close();
			}
		}
	}

	private void fail(int id, IOException failure) {
		Stream stream = this.streams.remove(id);
		if (stream != null) {
			stream.reply.completeExceptionally(failure);
		}
		this.windowGrew.signalAll();
	}

	private void ended(Exception failure) {
		this.lock.lock();
		try {
			this.usable = false;
			this.settled.completeExceptionally(failure);
			this.streams.values().forEach((stream) -> stream.reply.completeExceptionally(failure));
			this.streams.clear();
			this.windowGrew.signalAll();
		}
		finally {
			this.lock.unlock();
		}
		close();
	}

	@Override
	public boolean usable() {
		return this.usable;
	}

	@Override
	public long server() {
		return this.server;
	}

	/**
	 * Close the connection, once the requests of other clients on it have ended.
	 */
	@Override
	public void close() {
		this.usable = false;
		boolean idle;
		this.lock.lock();
		try {
			idle = this.streams.isEmpty();
		}
		finally {
			this.lock.unlock();
		}
		if (idle) {
			try {
				this.socket.close();
			}
			catch (IOException ex) {
				// Nothing more to do
			}
		}
	}

}
