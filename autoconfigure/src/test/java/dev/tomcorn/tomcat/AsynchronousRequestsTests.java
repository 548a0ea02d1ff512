package dev.tomcorn.tomcat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.worker.WorkerProcess;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Asynchronous requests without a timeout, in a worker that runs one request at a time.
 */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
		properties = { "tomcorn.worker-class=sync", "tomcorn.workers=1" })
@DirtiesContext
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AsynchronousRequestsTests {

	/**
	 * Exceeded only by a hang.
	 */
	private static final int PATIENCE = 60_000;

	@Autowired
	private WorkerProcess process;

	@Autowired
	private Controller controller;

	@Autowired
	private ServletWebServerApplicationContext context;

	@BeforeEach
	void forget() {
		this.controller.started.clear();
		this.controller.failed.set(0);
	}

	@Test
	@Order(1)
	void requestWhoseConnectionIsResetFreesTheWorkerAndEndsAsTomcatEndsIt() throws IOException {
		Socket client = begin("/asynchronous");
		client.setSoLinger(true, 0);
		client.close();
		assertThat(answer("/plain")).contains("plain");
		await().untilAtomic(this.controller.failed, org.hamcrest.Matchers.is(1));
		await().until(() -> slot().activeRequests() == 0 && slot().openConnections() == 0);
	}

	@Test
	@Order(2)
	void requestWhoseClientHasGoneFreesTheWorkerThoughOthersAreConnected() throws IOException {
		Socket client = begin("/asynchronous");
		try (Socket silent = open()) {
			client.close();
			assertThat(answer("/plain")).contains("plain");
			assertThat(silent.isConnected()).isTrue();
		}
		await().until(() -> slot().activeRequests() == 1);
		this.controller.started.remove().complete();
		await().until(() -> slot().activeRequests() == 0);
	}

	@Test
	@Order(3)
	void clientThatOnlySendsNothingMoreGetsItsAnswer() throws IOException {
		try (Socket client = begin("/asynchronous")) {
			client.shutdownOutput();
			assertThat(answer("/plain")).contains("plain");
			AsyncContext context = this.controller.started.remove();
			context.getResponse().getWriter().print("late");
			context.complete();
			assertThat(rest(client)).contains("late");
		}
		assertThat(this.controller.failed).hasValue(0);
	}

	@Test
	@Order(4)
	void connectorThatStopsTellsTheApplicationAndCountsItsRequestsOut() throws IOException {
		try (Socket client = begin("/part")) {
			this.context.getWebServer().stop();
			assertThat(rest(client)).as("a part that does not look like the whole")
				.contains("part")
				.doesNotContain("\r\n0\r\n");
		}
		assertThat(this.controller.failed).hasValue(1);
		assertThat(slot().activeRequests()).isZero();
	}

	private WorkerSlot slot() {
		return this.process.slot();
	}

	private Socket begin(String path) throws IOException {
		Socket socket = open();
		send(socket, path);
		await().until(() -> !this.controller.started.isEmpty() && slot().busy() == 0);
		return socket;
	}

	private Socket open() throws IOException {
		Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.context.getWebServer().getPort());
		socket.setSoTimeout(PATIENCE);
		return socket;
	}

	private String answer(String path) throws IOException {
		try (Socket socket = open()) {
			send(socket, path);
			return rest(socket);
		}
	}

	private static void send(Socket socket, String path) throws IOException {
		String request = "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n".formatted(path);
		socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
	}

	private static String rest(Socket socket) throws IOException {
		return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Controller controller() {
			return new Controller();
		}

	}

	@RestController
	static class Controller {

		final Queue<AsyncContext> started = new ConcurrentLinkedQueue<>();

		final AtomicInteger failed = new AtomicInteger();

		@GetMapping("/plain")
		String plain() {
			return "plain";
		}

		@GetMapping("/asynchronous")
		void asynchronous(HttpServletRequest request) {
			start(request);
		}

		@GetMapping("/part")
		void part(HttpServletRequest request, HttpServletResponse response) throws IOException {
			response.getWriter().print("part");
			response.flushBuffer();
			start(request);
		}

		private void start(HttpServletRequest request) {
			AsyncContext context = request.startAsync();
			context.setTimeout(0);
			context.addListener(new AsyncListener() {

				@Override
				public void onComplete(AsyncEvent event) {
				}

				@Override
				public void onTimeout(AsyncEvent event) {
				}

				@Override
				public void onError(AsyncEvent event) {
					Controller.this.failed.incrementAndGet();
				}

				@Override
				public void onStartAsync(AsyncEvent event) {
				}

			});
			this.started.add(context);
		}

	}

}
