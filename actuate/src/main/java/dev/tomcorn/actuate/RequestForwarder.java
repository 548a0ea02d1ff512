package dev.tomcorn.actuate;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;

import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.peer.OriginalClient;
import dev.tomcorn.peer.Peer;
import dev.tomcorn.peer.PeerRequest;
import dev.tomcorn.peer.PeerResponse;
import dev.tomcorn.peer.Peers;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

/**
 * Forwards requests to other workers unchanged, credentials and body included. The answer
 * is streamed, because a heap dump does not fit in memory.
 */
final class RequestForwarder {

	/**
	 * Marks a request that must not be forwarded again. A client that sends it gets its
	 * answer from the worker that receives it.
	 */
	private static final String FORWARDED = "X-Tomcorn-Handed-On";

	/**
	 * Bodies of management requests are short.
	 */
	private static final int MAX_BODY = 1024 * 1024;

	private static final int OK = 200;

	private static final int MULTIPLE_CHOICES = 300;

	private static final int NOT_FOUND = 404;

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	/**
	 * For a dump, which is written before it is sent, and for operations that take long.
	 */
	private static final Duration LONG_PATIENCE = Duration.ofMinutes(10);

	/**
	 * Headers that concern only a connection.
	 */
	private static final Set<String> HOP_BY_HOP = Set.of("connection", "keep-alive", "proxy-connection",
			"transfer-encoding", "te", "trailer", "upgrade", "expect", "content-length");

	private static final String CONTENT_LENGTH = "content-length";

	/**
	 * Most forwarded requests at a time. Each blocks a thread; together they take half of
	 * a management port's threads.
	 */
	static final int MAX_FORWARDED = 8;

	private final Peers peers;

	private final Semaphore forwarded = new Semaphore(MAX_FORWARDED);

	RequestForwarder(Peers peers) {
		this.peers = peers;
	}

	static boolean isForwarded(HttpServletRequest request) {
		return request.getHeader(FORWARDED) != null;
	}

	/**
	 * Forward a request, and answer with a problem if the other worker does not answer.
	 */
	void to(Peer peer, HttpServletRequest request, HttpServletResponse response) throws IOException {
		String name = "Worker %d (pid %d)".formatted(peer.index(), peer.pid());
		if (peer.mute()) {
			ProblemResponse.UNAVAILABLE.send(response, name + " shows no sign of life");
			return;
		}
		if (peer.state() == WorkerState.STARTING) {
			ProblemResponse.UNAVAILABLE.send(response, name + " has not loaded the application yet");
			return;
		}
		Optional<byte[]> body = body(request, response);
		if (body.isEmpty() || !begin(response)) {
			return;
		}
		try {
			to(peer, name, request, body.get(), response);
		}
		finally {
			end();
		}
	}

	/**
	 * Read the body of a request.
	 * @return the body, or empty if it is too long and the client got a problem as its
	 * answer
	 */
	Optional<byte[]> body(HttpServletRequest request, HttpServletResponse response) throws IOException {
		byte[] body = request.getInputStream().readNBytes(MAX_BODY + 1);
		if (body.length > MAX_BODY) {
			ProblemResponse.TOO_LARGE.send(response,
					"A forwarded request may have at most %d bytes".formatted(MAX_BODY));
			return Optional.empty();
		}
		return Optional.of(body);
	}

	/**
	 * Begin to forward a request.
	 * @return whether this is possible; if not, the client got a problem as its answer
	 */
	boolean begin(HttpServletResponse response) throws IOException {
		if (this.forwarded.tryAcquire()) {
			return true;
		}
		ProblemResponse.UNAVAILABLE.send(response,
				"This worker waits for the answers to %d other forwarded requests, which is the limit"
					.formatted(MAX_FORWARDED));
		return false;
	}

	/**
	 * End a request that has {@linkplain #begin begun}.
	 */
	void end() {
		this.forwarded.release();
	}

	private void to(Peer peer, String name, HttpServletRequest request, byte[] body, HttpServletResponse response)
			throws IOException {
		PeerResponse answer;
		try {
			answer = send(peer, request, body);
		}
		catch (IllegalArgumentException ex) {
			ProblemResponse.BAD_REQUEST.send(response, "The request cannot be forwarded");
			return;
		}
		catch (IOException ex) {
			ProblemResponse.TIMEOUT.send(response, "%s does not answer: %s".formatted(name, ex.getMessage()));
			return;
		}
		try (answer) {
			pass(answer, response);
		}
	}

	/**
	 * Forward a request that may be sent twice.
	 * @return whether the other worker has answered
	 */
	boolean tryForward(Peer peer, HttpServletRequest request, HttpServletResponse response) throws IOException {
		if (!this.forwarded.tryAcquire()) {
			return false;
		}
		try (PeerResponse answer = answerOrNone(peer, request)) {
			if (answer != null) {
				pass(answer, response);
			}
			return answer != null;
		}
		finally {
			end();
		}
	}

	private @Nullable PeerResponse answerOrNone(Peer peer, HttpServletRequest request) {
		try {
			return send(peer, request, new byte[0]);
		}
		catch (IOException | IllegalArgumentException ex) {
			return null;
		}
	}

	/**
	 * Take address and headers as the client sent them: the other worker's filters change
	 * them as this worker's have. The changed ones must not be used, because a client
	 * controls them: {@code X-Forwarded-Prefix} makes any address of them.
	 */
	Prepared prepare(HttpServletRequest request, byte[] body) {
		HttpServletRequest sent = asSent(request);
		String query = (sent.getQueryString() != null) ? "?" + sent.getQueryString() : "";
		return new Prepared(new PeerRequest(request.getMethod(), sent.getRequestURI() + query, headers(sent), body),
				patience(sent));
	}

	private PeerResponse send(Peer peer, HttpServletRequest request, byte[] body) throws IOException {
		Prepared prepared = prepare(request, body);
		return this.peers.send(peer, prepared.request(), prepared.patience());
	}

	/**
	 * Forward a request, and read the answer into memory.
	 */
	Answer answer(Peer peer, Prepared prepared) {
		try (PeerResponse response = this.peers.send(peer, prepared.request(), prepared.patience())) {
			byte[] body = response.body().readNBytes(MAX_BODY + 1);
			return (body.length > MAX_BODY) ? Answer.missing(peer, "its answer is too long")
					: new Answer(peer, response.status(), response.headers(), body, "");
		}
		catch (IOException | IllegalArgumentException ex) {
			return Answer.missing(peer, String.valueOf(ex.getMessage()));
		}
	}

	/**
	 * A request in the form in which it is forwarded.
	 *
	 * @param request the request
	 * @param patience how long a live worker may send nothing
	 */
	record Prepared(PeerRequest request, Duration patience) {
	}

	/**
	 * The answer of a worker.
	 *
	 * @param peer the worker
	 * @param status the status of its answer, 0 if there is none
	 * @param headers names and values
	 * @param body the body
	 * @param reason why there is no answer
	 */
	record Answer(Peer peer, int status, List<Map.Entry<String, String>> headers, byte[] body, String reason) {

		static Answer missing(Peer peer, String reason) {
			return new Answer(peer, 0, List.of(), new byte[0], reason);
		}

		/**
		 * Return whether the worker has carried out the request.
		 */
		boolean done() {
			return this.status >= OK && this.status < MULTIPLE_CHOICES;
		}

		/**
		 * Return whether the worker does not know the request's subject.
		 */
		boolean unknown() {
			return this.status == NOT_FOUND;
		}

		String failure() {
			return "worker %d (pid %d) %s".formatted(this.peer.index(), this.peer.pid(),
					(this.status != 0) ? "answers " + this.status : "does not answer: " + this.reason);
		}

		void pass(HttpServletResponse response) throws IOException {
			if (this.status == 0) {
				ProblemResponse.TIMEOUT.send(response, "Done by no worker: " + failure());
				return;
			}
			passHead(this.status, this.headers, response);
			response.getOutputStream().write(this.body);
		}

	}

	private static HttpServletRequest asSent(HttpServletRequest request) {
		HttpServletRequest sent = request;
		while (sent instanceof ServletRequestWrapper wrapper
				&& wrapper.getRequest() instanceof HttpServletRequest wrapped) {
			sent = wrapped;
		}
		return sent;
	}

	private static Duration patience(HttpServletRequest request) {
		return (request.getMethod().equals("GET") && !request.getRequestURI().endsWith("/heapdump")) ? PATIENCE
				: LONG_PATIENCE;
	}

	private static List<Map.Entry<String, String>> headers(HttpServletRequest request) {
		Set<String> dropped = hopByHop(Collections.list(request.getHeaders("Connection")).stream());
		List<Map.Entry<String, String>> headers = new ArrayList<>();
		for (String name : Collections.list(request.getHeaderNames())) {
			String lowerCase = name.toLowerCase(Locale.ROOT);
			if (!dropped.contains(lowerCase) && !lowerCase.startsWith(OriginalClient.PREFIX)) {
				Collections.list(request.getHeaders(name)).forEach((value) -> headers.add(Map.entry(name, value)));
			}
		}
		if (request.getHeader("Host") == null) {
			// HTTP/1.0 does not require it
			headers.add(Map.entry("Host", request.getServerName()));
		}
		headers.addAll(OriginalClient.headers(request));
		headers.add(Map.entry(FORWARDED, "1"));
		return headers;
	}

	/**
	 * Return the names of headers that concern only a connection, including those that
	 * its {@code Connection} header lists.
	 */
	private static Set<String> hopByHop(Stream<String> connection) {
		Set<String> names = new TreeSet<>(HOP_BY_HOP);
		connection.flatMap((options) -> Stream.of(options.split(",")))
			.forEach((option) -> names.add(option.trim().toLowerCase(Locale.ROOT)));
		return names;
	}

	/**
	 * Stream an answer to the client. An answer that breaks off must not look complete,
	 * so the exception makes the server close the connection.
	 */
	private static void pass(PeerResponse answer, HttpServletResponse response) throws IOException {
		passHead(answer.status(), answer.headers(), response);
		answer.body().transferTo(response.getOutputStream());
	}

	private static void passHead(int status, List<Map.Entry<String, String>> headers, HttpServletResponse response) {
		response.setStatus(status);
		Set<String> present = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
		present.addAll(response.getHeaderNames());
		Set<String> dropped = hopByHop(headers.stream()
			.filter((header) -> header.getKey().equalsIgnoreCase("Connection"))
			.map(Map.Entry::getValue));
		for (Map.Entry<String, String> header : headers) {
			String name = header.getKey().toLowerCase(Locale.ROOT);
			if (name.equals("content-type")) {
				response.setContentType(header.getValue());
			}
			else if (name.equals(CONTENT_LENGTH)) {
				response.setHeader(header.getKey(), header.getValue());
			}
			else if (!dropped.contains(name) && !present.contains(name)) {
				response.addHeader(header.getKey(), header.getValue());
			}
		}
	}

}
