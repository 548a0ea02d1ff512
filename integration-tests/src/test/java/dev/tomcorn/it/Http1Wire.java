package dev.tomcorn.it;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 on a connection of its own, cheap enough for many clients on few CPUs.
 */
final class Http1Wire implements Wire {

	/**
	 * A client that has been silent for longer checks whether the server has closed, as
	 * connection pools do: a request that it sends then would be lost.
	 */
	private static final Duration IDLE = Duration.ofMillis(200);

	/**
	 * The same for a client whose answer may have come long ago, when it got no CPU: a
	 * draining server closes a connection that has been silent for two seconds.
	 */
	private static final Duration STALL = Duration.ofSeconds(1);

	private static final int OTHER_BYTES = 512;

	private final Socket socket;

	private final InputStream in;

	private final boolean lastRequest;

	private byte[] buffer = new byte[2048];

	private int end;

	private int read;

	private long server;

	private long lastSent = System.nanoTime();

	private long lastUsed = this.lastSent;

	private boolean usable = true;

	/**
	 * Connect to the application on this machine.
	 * @param lastRequest whether the first request is the last one
	 */
	Http1Wire(int port, Duration timeout, @Nullable SSLContext tls, boolean lastRequest) throws IOException {
		this.lastRequest = lastRequest;
		this.socket = connect(port, (int) timeout.toMillis(), tls, "http/1.1");
		this.in = this.socket.getInputStream();
	}

	static Socket connect(int port, int timeoutMillis, @Nullable SSLContext tls, String protocol) throws IOException {
		Socket socket = (tls != null) ? tls.getSocketFactory().createSocket() : new Socket();
		try {
			socket.setTcpNoDelay(true);
			socket.setSoTimeout(timeoutMillis);
			socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), timeoutMillis);
			if (socket instanceof SSLSocket secured) {
				SSLParameters parameters = secured.getSSLParameters();
				parameters.setApplicationProtocols(new String[] { protocol });
				secured.setSSLParameters(parameters);
				secured.startHandshake();
			}
			return socket;
		}
		catch (IOException ex) {
			socket.close();
			throw ex;
		}
	}

	@Override
	public Reply call(Call call) throws IOException {
		this.usable = false;
		this.lastSent = System.nanoTime();
		this.socket.getOutputStream().write(request(call));
		this.end = 0;
		int headEnd = head();
		String head = new String(this.buffer, 0, headEnd, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
		String body = head.contains("\r\ntransfer-encoding: chunked\r\n") ? chunked(headEnd)
				: sized(headEnd, contentLength(head));
		if (this.end > this.read) {
			throw new ProtocolException("More than the answer has come");
		}
		Reply reply = new Reply(Integer.parseInt(head, 9, 12, 10), body);
		this.server = Math.max(this.server, reply.server());
		this.usable = !this.lastRequest && !head.contains("\r\nconnection: close\r\n");
		this.lastUsed = System.nanoTime();
		return reply;
	}

	private byte[] request(Call call) {
		StringBuilder head = new StringBuilder(OTHER_BYTES).append(call.post() ? "POST " : "GET ")
			.append(call.path())
			.append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
		if (this.lastRequest) {
			head.append("Connection: close\r\n");
		}
		if (call.post()) {
			head.append("Content-Type: application/octet-stream\r\nContent-Length: ")
				.append(call.length())
				.append("\r\n");
		}
		byte[] bytes = head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
		byte[] request = Arrays.copyOf(bytes, bytes.length + call.bodyLength());
		call.body(0, request, bytes.length, call.bodyLength());
		return request;
	}

	private int head() throws IOException {
		int searched = 0;
		while (true) {
			for (; searched + 4 <= this.end; searched++) {
				if (this.buffer[searched] == '\r' && this.buffer[searched + 1] == '\n'
						&& this.buffer[searched + 2] == '\r' && this.buffer[searched + 3] == '\n') {
					return searched + 4;
				}
			}
			fill();
		}
	}

	private void fill() throws IOException {
		if (this.end == this.buffer.length) {
			this.buffer = Arrays.copyOf(this.buffer, 2 * this.end);
		}
		int count = this.in.read(this.buffer, this.end, this.buffer.length - this.end);
		if (count < 0) {
			throw (this.end > 0) ? new EOFException("Closed in the middle of an answer")
					: new HttpConnection.UnansweredException();
		}
		this.end += count;
	}

	private static int contentLength(String head) {
		String name = "\r\ncontent-length: ";
		int begin = head.indexOf(name);
		return (begin < 0) ? 0
				: Integer.parseInt(head, begin + name.length(), head.indexOf('\r', begin + name.length()), 10);
	}

	private String sized(int begin, int length) throws IOException {
		while (this.end < begin + length) {
			fill();
		}
		this.read = begin + length;
		return text(begin, length);
	}

	private String chunked(int begin) throws IOException {
		StringBuilder body = new StringBuilder();
		int position = begin;
		while (true) {
			int lineEnd = lineEnd(position);
			int length = Integer.parseInt(text(position, lineEnd - position), 16);
			String chunk = sized(lineEnd + 2, length + 2);
			if (length == 0) {
				return body.toString();
			}
			body.append(chunk, 0, length);
			position = lineEnd + 2 + length + 2;
		}
	}

	private int lineEnd(int begin) throws IOException {
		int position = begin;
		while (true) {
			for (; position + 2 <= this.end; position++) {
				if (this.buffer[position] == '\r') {
					return position;
				}
			}
			fill();
		}
	}

	private String text(int begin, int length) {
		// The application answers in ASCII
		return new String(this.buffer, begin, length, StandardCharsets.ISO_8859_1);
	}

	@Override
	public boolean usable() throws ProtocolException {
		long now = System.nanoTime();
		if (this.usable && (now - this.lastUsed > IDLE.toNanos() || now - this.lastSent > STALL.toNanos())) {
			this.usable = !HttpConnection.closed(this.socket, this.in);
		}
		return this.usable;
	}

	@Override
	public long server() {
		return this.server;
	}

	@Override
	public void close() {
		this.usable = false;
		try {
			this.socket.close();
		}
		catch (IOException ex) {
			// Nothing more to do
		}
	}

}
