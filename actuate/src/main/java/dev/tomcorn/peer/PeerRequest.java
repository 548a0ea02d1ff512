package dev.tomcorn.peer;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * An HTTP request to another worker. The caller leaves out headers that concern only a
 * connection, such as {@code Connection} and {@code Transfer-Encoding}, and
 * {@code Content-Length}, which follows from the body.
 *
 * @param method the method
 * @param target path and query, encoded
 * @param headers names and values of headers, {@code Host} among them
 * @param body the body, empty if there is none
 */
public record PeerRequest(String method, String target, List<Map.Entry<String, String>> headers, byte[] body) {

	public PeerRequest {
		headers = List.copyOf(headers);
	}

	/**
	 * Create a request without headers and body.
	 * @param target path and query
	 * @return the request
	 */
	static PeerRequest get(String target) {
		return new PeerRequest("GET", target, List.of(Map.entry("Host", "localhost")), new byte[0]);
	}

	/**
	 * Return the request line and the headers.
	 * @throws IllegalArgumentException if a part has characters that could inject another
	 * header
	 */
	byte[] head() {
		StringBuilder head = new StringBuilder();
		head.append(plain(this.method, true)).append(' ').append(plain(this.target, true)).append(" HTTP/1.1\r\n");
		this.headers.forEach((header) -> head.append(plain(header.getKey(), true))
			.append(": ")
			.append(plain(header.getValue(), false))
			.append("\r\n"));
		if (this.body.length > 0) {
			head.append("Content-Length: ").append(this.body.length).append("\r\n");
		}
		return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
	}

	private static String plain(String text, boolean noSpaces) {
		if (text.chars().anyMatch((c) -> (c < ' ' && c != '\t') || c == 127 || (noSpaces && c <= ' '))) {
			throw new IllegalArgumentException("Invalid part of a request: " + text);
		}
		return text;
	}

}
