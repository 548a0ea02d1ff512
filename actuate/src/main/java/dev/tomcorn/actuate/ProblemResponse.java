package dev.tomcorn.actuate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

import jakarta.servlet.http.HttpServletResponse;

/**
 * Why a request got no answer, as problem details of RFC 9457.
 */
enum ProblemResponse {

	BAD_REQUEST(400, "Bad Request"),

	NOT_FOUND(404, "Not Found"),

	CONFLICT(409, "Conflict"),

	TOO_LARGE(413, "Content Too Large"),

	UNAVAILABLE(503, "Service Unavailable"),

	TIMEOUT(504, "Gateway Timeout");

	private final int status;

	private final String title;

	ProblemResponse(int status, String title) {
		this.status = status;
		this.title = title;
	}

	/**
	 * Answer with the problem.
	 */
	void send(HttpServletResponse response, String detail) throws IOException {
		byte[] body = """
				{"type":"about:blank","title":"%s","status":%d,"detail":"%s"}"""
			.formatted(this.title, this.status, escape(detail))
			.getBytes(StandardCharsets.UTF_8);
		response.setStatus(this.status);
		response.setContentType("application/problem+json");
		response.setContentLength(body.length);
		response.getOutputStream().write(body);
	}

	private static String escape(String text) {
		StringBuilder escaped = new StringBuilder();
		text.chars().forEach((c) -> {
			if (c == '"' || c == '\\') {
				escaped.append('\\');
			}
			escaped.append((c < ' ') ? ' ' : (char) c);
		});
		return escaped.toString();
	}

}
