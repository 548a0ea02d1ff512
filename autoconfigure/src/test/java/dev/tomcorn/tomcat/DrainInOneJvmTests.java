package dev.tomcorn.tomcat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import dev.tomcorn.WorkerDrainingEvent;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.worker.Drain;
import dev.tomcorn.worker.WorkerProcess;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.event.EventListener;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for requests that a client has pipelined when the drain begins.
 */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@DirtiesContext
class DrainInOneJvmTests {

	private static final String GET = "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n";

	/**
	 * The upgrade that an HTTP/2 client offers to an unknown server.
	 */
	private static final String OFFER = "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n"
			+ "Upgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n\r\n";

	private static final String POST = "POST /say HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
			+ "Content-Length: %d\r\n\r\n%s";

	@Autowired
	private WorkerProcess process;

	@Autowired
	private Drain drain;

	@Autowired
	private Application application;

	@Autowired
	private ServletWebServerApplicationContext context;

	@Test
	void pipelinedRequestsAreAllAnsweredAndOnlyTheLastAnswerAnnouncesTheClose() throws IOException {
		WorkerSlot slot = this.process.slot();
		try (Socket two = open(); Socket three = open(); Socket offering = open()) {
			send(two, GET.formatted("/block") + POST.formatted(5, "first") + GET.formatted("/plain"));
			send(three, GET.formatted("/block") + GET.formatted("/plain") + POST.formatted(4, "last"));
			send(offering, OFFER.formatted("/block") + OFFER.formatted("/plain"));
			await().until(() -> slot.activeRequests() == 3);
			CompletableFuture<Void> drained = CompletableFuture.runAsync(this.drain::run);
			// The application gets the event once connections begin to close
			await().until(() -> !this.application.told.isEmpty());
			this.application.unblock.countDown();
			assertThat(answers(two)).containsSubsequence("unblocked", "first", "Connection: close", "plain");
			assertThat(answers(three)).containsSubsequence("unblocked", "plain", "Connection: close", "last");
			assertThat(answers(offering)).as("a server without HTTP/2 that is offered it")
				.containsSubsequence("unblocked", "Connection: close", "plain");
			assertThat(drained).succeedsWithin(Duration.ofMinutes(2));
		}
		assertThat(this.application.told).containsExactly(WorkerState.DRAINING);
		assertThat(slot.openConnections()).isZero();
	}

	private Socket open() throws IOException {
		Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.context.getWebServer().getPort());
		socket.setSoTimeout(30_000);
		return socket;
	}

	private static void send(Socket socket, String requests) throws IOException {
		socket.getOutputStream().write(requests.getBytes(StandardCharsets.US_ASCII));
	}

	private static String answers(Socket socket) throws IOException {
		String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
		assertThat(answers).containsOnlyOnce("Connection: close");
		return answers;
	}

	@SpringBootApplication
	@RestController
	static class Application {

		final CountDownLatch unblock = new CountDownLatch(1);

		final List<WorkerState> told = new CopyOnWriteArrayList<>();

		@Autowired
		private @Nullable WorkerProcess process;

		@EventListener
		void draining(WorkerDrainingEvent event) {
			this.told.add(Objects.requireNonNull(this.process).slot().state());
		}

		@GetMapping("/plain")
		String plain() {
			return "plain";
		}

		@PostMapping("/say")
		String say(@RequestBody String words) {
			return words;
		}

		@GetMapping("/block")
		String block() throws InterruptedException {
			this.unblock.await();
			return "unblocked";
		}

	}

}
