package dev.tomcorn.demo;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

import dev.tomcorn.Worker;

import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.core.env.Environment;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/**
 * Sends requests to the application, all at once, and shows how they spread over the
 * workers. A browser cannot do that: it opens six connections at most. On the management
 * port it takes no request thread from the workers.
 */
@Component
@WebEndpoint(id = "fire")
class FireEndpoint {

	private static final int MOST_REQUESTS = 200;

	private static final int LONGEST_WAIT = 2000;

	private static final int CONFLICT = 409;

	/**
	 * The page loads nothing from other hosts, and inserts values as text.
	 */
	private static final String POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
			+ "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

	private final Worker worker;

	private final Environment environment;

	private final ReentrantLock oneAtATime = new ReentrantLock();

	FireEndpoint(Worker worker, Environment environment) {
		this.worker = worker;
		this.environment = environment;
	}

	@ReadOperation(produces = MediaType.TEXT_HTML_VALUE)
	ResponseEntity<byte[]> page() throws IOException {
		try (InputStream page = Objects.requireNonNull(FireEndpoint.class.getResourceAsStream("fire.html"))) {
			return ResponseEntity.ok()
				.contentType(MediaType.parseMediaType("text/html;charset=UTF-8"))
				.cacheControl(CacheControl.noStore())
				.header("Content-Security-Policy", POLICY)
				.body(page.readAllBytes());
		}
	}

	@WriteOperation
	WebEndpointResponse<?> fire(int count, int ms) throws InterruptedException {
		if (count < 1 || count > MOST_REQUESTS || ms < 0 || ms > LONGEST_WAIT) {
			return refusal(WebEndpointResponse.STATUS_BAD_REQUEST,
					"'count' must be between 1 and %d, 'ms' between 0 and %d".formatted(MOST_REQUESTS, LONGEST_WAIT));
		}
		int port = this.environment.getRequiredProperty("local.server.port", Integer.class);
		int managementPort = this.environment.getProperty("local.management.port", Integer.class, port);
		if (this.worker.workerClass().equals("sync") && !this.worker.supervised() && managementPort == port) {
			return refusal(CONFLICT,
					"This request has the only worker; set 'management.server.port' or 'tomcorn.workers'");
		}
		if (!this.oneAtATime.tryLock()) {
			return refusal(WebEndpointResponse.STATUS_TOO_MANY_REQUESTS, "Others are being fired");
		}
		try {
			return new WebEndpointResponse<>(Volley.fire(this.worker.workerClass(), port, count, ms));
		}
		finally {
			this.oneAtATime.unlock();
		}
	}

	private static WebEndpointResponse<Map<String, String>> refusal(int status, String message) {
		return new WebEndpointResponse<>(Map.of("message", message), status);
	}

}
