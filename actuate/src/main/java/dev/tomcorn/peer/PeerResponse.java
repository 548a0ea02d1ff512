package dev.tomcorn.peer;

import java.io.Closeable;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Another worker's response. Its body is read from the connection, which is closed with
 * it.
 */
public final class PeerResponse implements Closeable {

	private static final int MAX_HEAD = 256 * 1024;

	private static final int NO_CONTENT = 204;

	private static final int NOT_MODIFIED = 304;

	private final PeerConnection connection;

	private final int status;

	private final List<Map.Entry<String, String>> headers;

	private final InputStream body;

	private PeerResponse(PeerConnection connection, int status, List<Map.Entry<String, String>> headers,
			InputStream body) {
		this.connection = connection;
		this.status = status;
		this.headers = headers;
		this.body = body;
	}

	/**
	 * Read the head of a response.
	 */
	static PeerResponse read(PeerConnection connection, String method) throws IOException {
		Head head = new Head(connection);
		int status;
		List<Map.Entry<String, String>> headers;
		do {
			status = head.status();
			headers = head.headers();
		}
		while (status < 200);
		boolean empty = method.equals("HEAD") || status == NO_CONTENT || status == NOT_MODIFIED;
		return new PeerResponse(connection, status, List.copyOf(headers),
				empty ? InputStream.nullInputStream() : body(connection, headers));
	}

	private static InputStream body(PeerConnection connection, List<Map.Entry<String, String>> headers)
			throws IOException {
		if (find(headers, "transfer-encoding").filter((coding) -> coding.toLowerCase(Locale.ROOT).endsWith("chunked"))
			.isPresent()) {
			return new Chunked(connection);
		}
		String length = find(headers, "content-length").orElse(null);
		try {
			return (length != null) ? new Sized(connection, Long.parseLong(length.trim())) : connection;
		}
		catch (NumberFormatException ex) {
			throw new IOException("Invalid content length: " + length, ex);
		}
	}

	private static Optional<String> find(List<Map.Entry<String, String>> headers, String name) {
		return headers.stream()
			.filter((header) -> header.getKey().equalsIgnoreCase(name))
			.map(Map.Entry::getValue)
			.findFirst();
	}

	/**
	 * Return the status.
	 * @return the status code
	 */
	public int status() {
		return this.status;
	}

	/**
	 * Return the headers, including those that concern only the connection.
	 * @return names and values
	 */
	public List<Map.Entry<String, String>> headers() {
		return this.headers;
	}

	/**
	 * Return the body, which can be read while the response is open. Reading fails if the
	 * body breaks off or nothing comes for too long.
	 * @return the body, decoded from its transfer encoding
	 */
	public InputStream body() {
		return this.body;
	}

	@Override
	public void close() throws IOException {
		this.connection.close();
	}

	/**
	 * Reads lines.
	 */
	private static final class Head {

		private final InputStream stream;

		private int left = MAX_HEAD;

		Head(InputStream stream) {
			this.stream = stream;
		}

		int status() throws IOException {
			String[] parts = line().split(" ", 3);
			try {
				if (parts.length >= 2 && parts[0].startsWith("HTTP/1.")) {
					return Integer.parseInt(parts[1]);
				}
			}
			catch (NumberFormatException ex) {
				// Falls through to the exception below
			}
			throw new IOException("Invalid response");
		}

		List<Map.Entry<String, String>> headers() throws IOException {
			List<Map.Entry<String, String>> headers = new ArrayList<>();
			String line;
			while (!(line = line()).isEmpty()) {
				int colon = line.indexOf(':');
				if (colon < 1) {
					throw new IOException("Invalid header");
				}
				headers.add(Map.entry(line.substring(0, colon), line.substring(colon + 1).trim()));
			}
			return headers;
		}

		String line() throws IOException {
			StringBuilder line = new StringBuilder();
			int next;
			while ((next = this.stream.read()) != '\n') {
				if (next < 0) {
					throw new EOFException("connection closed");
				}
				if (--this.left < 0) {
					throw new IOException("Head of the response is too long");
				}
				line.append((char) next);
			}
			int end = line.length();
			return line.substring(0, (end > 0 && line.charAt(end - 1) == '\r') ? end - 1 : end);
		}

	}

	/**
	 * A body of known length.
	 */
	private static class Sized extends FilterInputStream {

		protected long left;

		Sized(InputStream stream, long length) {
			super(stream);
			this.left = length;
		}

		@Override
		public int read() throws IOException {
			byte[] single = new byte[1];
			return (read(single, 0, 1) < 0) ? -1 : single[0] & 0xff;
		}

		@Override
		public int read(byte[] bytes, int offset, int length) throws IOException {
			if (length == 0) {
				return 0;
			}
			if (this.left <= 0) {
				return -1;
			}
			int count = super.read(bytes, offset, (int) Math.min(length, this.left));
			if (count < 0) {
				throw new EOFException("connection closed");
			}
			this.left -= count;
			return count;
		}

		@Override
		public long skip(long count) throws IOException {
			return Math.max(0, read(new byte[Math.clamp(count, 0, 8192)]));
		}

		@Override
		public int available() {
			return 0;
		}

		@Override
		public boolean markSupported() {
			return false;
		}

	}

	/**
	 * A body in chunks.
	 */
	private static final class Chunked extends Sized {

		private boolean begun;

		private boolean ended;

		Chunked(InputStream stream) {
			super(stream, 0);
		}

		@Override
		public int read(byte[] bytes, int offset, int length) throws IOException {
			if (length > 0 && this.left == 0 && !this.ended) {
				nextChunk();
			}
			return this.ended ? -1 : super.read(bytes, offset, length);
		}

		private void nextChunk() throws IOException {
			Head head = new Head(this.in);
			if (this.begun && !head.line().isEmpty()) {
				throw new IOException("Invalid end of a chunk");
			}
			this.begun = true;
			try {
				this.left = Long.parseUnsignedLong(head.line().split(";", 2)[0].trim(), 16);
			}
			catch (NumberFormatException ex) {
				throw new IOException("Invalid chunk", ex);
			}
			this.ended = this.left <= 0;
			if (this.ended) {
				head.headers();
			}
		}

	}

}
