package dev.tomcorn.it;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * One HTTP/2 connection with as much of the protocol as needed to see the server's effect
 * on its streams.
 */
final class Http2Connection implements Closeable {

	private static final int DATA = 0;

	private static final int HEADERS = 1;

	private static final int RESET = 3;

	private static final int SETTINGS = 4;

	private static final int PING = 6;

	private static final int GOAWAY = 7;

	private static final int END_STREAM = 1;

	private static final int END_HEADERS = 4;

	private static final int ACK = 1;

	private final Socket socket;

	private final DataOutputStream out;

	private final Map<Integer, CompletableFuture<String>> answers = new ConcurrentHashMap<>();

	private final List<Integer> goAways = new CopyOnWriteArrayList<>();

	private final CompletableFuture<String> ended = new CompletableFuture<>();

	private final boolean secure;

	private int nextStream = 1;

	/**
	 * Use HTTP/2 on a connection, without negotiation.
	 */
	Http2Connection(Socket socket, boolean secure) throws IOException {
		this.socket = socket;
		this.secure = secure;
		socket.setSoTimeout(0);
		this.out = new DataOutputStream(socket.getOutputStream());
		this.out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
		write(SETTINGS, 0, 0, new byte[0]);
		Thread.ofVirtual().start(this::read);
	}

	/**
	 * Open a stream with a GET.
	 * @return the body of the answer
	 */
	synchronized CompletableFuture<String> get(String path) throws IOException {
		int stream = this.nextStream;
		this.nextStream += 2;
		CompletableFuture<String> answer = new CompletableFuture<>();
		this.answers.put(stream, answer);
		ByteArrayOutputStream headers = new ByteArrayOutputStream();
		// :method GET and :scheme from the static table, :path and :authority as literals
		headers.write(0x82);
		headers.write(this.secure ? 0x87 : 0x86);
		literal(headers, 0x04, path);
		literal(headers, 0x01, "127.0.0.1");
		write(HEADERS, END_STREAM | END_HEADERS, stream, headers.toByteArray());
		return answer;
	}

	private static void literal(ByteArrayOutputStream headers, int name, String value) {
		headers.write(name);
		headers.write(value.length());
		headers.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
	}

	/**
	 * Return the last stream of each GOAWAY so far.
	 */
	List<Integer> goAways() {
		return List.copyOf(this.goAways);
	}

	/**
	 * Completes with the server's end of the connection.
	 */
	CompletableFuture<String> ended() {
		return this.ended;
	}

	private synchronized void write(int type, int flags, int stream, byte[] payload) throws IOException {
		this.out.writeByte(payload.length >> 16);
		this.out.writeShort(payload.length & 0xFFFF);
		this.out.writeByte(type);
		this.out.writeByte(flags);
		this.out.writeInt(stream);
		this.out.write(payload);
		this.out.flush();
	}

	private void read() {
		Map<Integer, StringBuilder> bodies = new TreeMap<>();
		try (DataInputStream in = new DataInputStream(this.socket.getInputStream())) {
			while (true) {
				int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
				int type = in.readUnsignedByte();
				int flags = in.readUnsignedByte();
				int stream = in.readInt();
				byte[] payload = in.readNBytes(length);
				switch (type) {
					case DATA -> bodies.computeIfAbsent(stream, (key) -> new StringBuilder())
						.append(new String(payload, StandardCharsets.UTF_8));
					case RESET -> answer(stream)
						.completeExceptionally(new IOException("Reset " + ByteBuffer.wrap(payload).getInt()));
					case GOAWAY -> this.goAways.add(ByteBuffer.wrap(payload).getInt());
					case SETTINGS, PING -> {
						if ((flags & ACK) == 0) {
							write(type, ACK, 0, (type == PING) ? payload : new byte[0]);
						}
					}
					default -> {
					}
				}
				if ((type == DATA || type == HEADERS) && (flags & END_STREAM) != 0) {
					answer(stream).complete(String.valueOf(bodies.remove(stream)));
				}
			}
		}
		catch (EOFException ex) {
			end("closed");
		}
		catch (SocketException ex) {
			end("reset");
		}
		catch (IOException ex) {
			end(ex.toString());
		}
	}

	private CompletableFuture<String> answer(int stream) {
		CompletableFuture<String> answer = this.answers.get(stream);
		return (answer != null) ? answer : new CompletableFuture<>();
	}

	private void end(String how) {
		this.ended.complete(how);
		new ArrayList<>(this.answers.values())
			.forEach((answer) -> answer.completeExceptionally(new IOException("Connection " + how)));
	}

	@Override
	public void close() throws IOException {
		this.socket.close();
	}

}
