package dev.tomcorn.it;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One connection to the application, with as much of HTTP/1.1 as needed to see how each
 * request on it ends. It repeats nothing.
 */
final class HttpConnection implements Closeable {

	private static final int CONTINUE = 100;

	/**
	 * A draining server closes a connection that has been silent for two seconds after an
	 * answer. The answer may have come long before this client got a CPU to read it.
	 */
	private static final Duration STALL = Duration.ofSeconds(1);

	private final Socket socket;

	private final InputStream in;

	private long lastSent = System.nanoTime();

	/**
	 * Connect to the application on this machine.
	 * @param port its port
	 * @param timeout longest time to wait for the connection and for each answer
	 */
	HttpConnection(int port, Duration timeout) throws IOException {
		this(connect(port, timeout));
	}

	/**
	 * Use a connection that is already open.
	 * @param socket the connection
	 */
	HttpConnection(Socket socket) throws IOException {
		this.socket = socket;
		this.in = new BufferedInputStream(socket.getInputStream());
	}

	static Socket connect(int port, Duration timeout) throws IOException {
		int millis = (int) timeout.toMillis();
		Socket socket = new Socket();
		try {
			socket.setTcpNoDelay(true);
			socket.setSoTimeout(millis);
			socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), millis);
			return socket;
		}
		catch (IOException ex) {
			socket.close();
			throw ex;
		}
	}

	/**
	 * An answer.
	 *
	 * @param status its status code
	 * @param headers its headers, with names in lower case
	 * @param body its body
	 */
	record Response(int status, Map<String, String> headers, String body) {

		/**
		 * Return whether the server announces that it closes the connection.
		 */
		boolean closes() {
			return "close".equalsIgnoreCase(this.headers.get("connection"));
		}

	}

	/**
	 * The server has closed the connection without an answer.
	 */
	static final class UnansweredException extends EOFException {

		private static final long serialVersionUID = 1L;

		UnansweredException() {
			super("Closed unanswered");
		}

	}

	/**
	 * Return whether the server has closed the connection while this client got no CPU. A
	 * request that it sent then would be lost by its own fault.
	 * @throws ProtocolException if there is an unexpected answer
	 */
	boolean isLate() throws ProtocolException {
		return System.nanoTime() - this.lastSent > STALL.toNanos() && closed(this.socket, this.in);
	}

	/**
	 * Return whether the server has closed a connection on which no answer is due.
	 * @throws ProtocolException if there is an unexpected answer
	 */
	static boolean closed(Socket socket, InputStream in) throws ProtocolException {
		int first;
		try {
			int timeout = socket.getSoTimeout();
			socket.setSoTimeout(1);
			try {
				first = in.read();
			}
			catch (SocketTimeoutException ex) {
				return false;
			}
			finally {
				socket.setSoTimeout(timeout);
			}
		}
		catch (IOException ex) {
			return true;
		}
		if (first >= 0) {
			throw new ProtocolException("An answer that nobody has asked for, its first byte is %d".formatted(first));
		}
		return true;
	}

	Response get(String path) throws IOException {
		send(request("GET", path));
		return receive();
	}

	static String request(String method, String path, String... headers) {
		return "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n".formatted(method, path,
				Stream.of(headers).map((header) -> header + "\r\n").collect(Collectors.joining()));
	}

	/**
	 * Send data, such as a request, several of them or a part of one.
	 */
	void send(String text) throws IOException {
		this.lastSent = System.nanoTime();
		this.socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
	}

	/**
	 * Receive an answer.
	 */
	Response receive() throws IOException {
		int first = this.in.read();
		if (first < 0) {
			throw new UnansweredException();
		}
		String[] statusLine = ((char) first + line()).split(" ", 3);
		Map<String, String> headers = new TreeMap<>();
		String header;
		while (!(header = line()).isEmpty()) {
			String[] parts = header.split(":", 2);
			headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1].trim());
		}
		int status = Integer.parseInt(statusLine[1]);
		String body = (status != CONTINUE) ? body(headers) : "";
		return new Response(status, headers, body);
	}

	private String body(Map<String, String> headers) throws IOException {
		if ("chunked".equals(headers.get("transfer-encoding"))) {
			StringBuilder body = new StringBuilder();
			int length;
			while ((length = Integer.parseInt(line(), 16)) > 0) {
				body.append(text(length));
				line();
			}
			line();
			return body.toString();
		}
		return text(Integer.parseInt(headers.getOrDefault("content-length", "0")));
	}

	private String text(int length) throws IOException {
		byte[] bytes = this.in.readNBytes(length);
		if (bytes.length < length) {
			throw new ProtocolException("Closed in the middle of an answer");
		}
		return new String(bytes, StandardCharsets.UTF_8);
	}

	private String line() throws IOException {
		StringBuilder line = new StringBuilder();
		int character;
		while ((character = this.in.read()) != '\n') {
			if (character < 0) {
				throw new ProtocolException("Closed in the middle of an answer");
			}
			line.append((char) character);
		}
		return line.toString().stripTrailing();
	}

	@Override
	public void close() {
		try {
			this.socket.close();
		}
		catch (IOException ex) {
			// Nothing more to do
		}
	}

}
