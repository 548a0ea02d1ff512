package dev.tomcorn.tomcat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import dev.tomcorn.Worker;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.worker.WorkerProcess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A test of an application with {@code workers: 4}, as its developers would write one.
 */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
		properties = { "tomcorn.workers=4", "tomcorn.worker-connections=2" })
class WorkerInOneJvmTests {

	/**
	 * Longest time to wait for anything.
	 */
	private static final Duration LIMIT = Duration.ofMinutes(2);

	@Autowired
	private WorkerProcess process;

	@Autowired
	private Worker worker;

	@Autowired
	private Environment environment;

	@Autowired
	private ServletWebServerApplicationContext context;

	@Autowired
	private Application application;

	private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	private CompletableFuture<HttpResponse<String>> get(String path) {
		return this.client.sendAsync(
				HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + this.context.getWebServer().getPort() + path))
					.timeout(LIMIT)
					.build(),
				HttpResponse.BodyHandlers.ofString());
	}

	/**
	 * A client may get its response before the request is counted out.
	 */
	@AfterEach
	void everythingIsCountedOut() {
		await().until(() -> this.process.slot().activeRequests() == 0);
	}

	@Test
	@ResourceLock("children of this process")
	void testOfAnApplicationWithWorkersStartsNoProcess() {
		assertThat(this.worker.supervised()).isFalse();
		assertThat(ProcessHandle.current().children()).isEmpty();
		assertThat(this.process.slot().state()).isEqualTo(WorkerState.READY);
	}

	@Test
	void geventTurnsOnSpringsVirtualThreads() {
		assertThat(this.environment.getProperty("spring.threads.virtual.enabled")).isEqualTo("true");
		assertThat(get("/plain").join().body()).contains("VirtualThread");
	}

	@Test
	void asynchronousRequestIsActiveUntilItCompletes() {
		WorkerSlot slot = this.process.slot();
		long handled = slot.handledRequests();
		CompletableFuture<HttpResponse<String>> response = get("/async");
		try {
			await().until(() -> slot.activeRequests() == 1);
			assertThat(slot.handledRequests()).isEqualTo(handled);
		}
		finally {
			this.application.release.countDown();
		}
		assertThat(response.join().body()).isEqualTo("released");
		await().until(() -> slot.activeRequests() == 0);
		assertThat(slot.handledRequests()).isEqualTo(handled + 1);
	}

	@Test
	void failingRequestIsCountedOut() {
		WorkerSlot slot = this.process.slot();
		long handled = slot.handledRequests();
		assertThat(get("/fail").join().statusCode()).isEqualTo(500);
		await().until(() -> slot.activeRequests() == 0 && slot.handledRequests() == handled + 1);
	}

	@Test
	void requestsBeyondTheLimitWaitAndAreCountedAsWaiting() throws IOException {
		WorkerSlot slot = this.process.slot();
		List<Socket> sockets = new ArrayList<>();
		try {
			// Open connections still reach a worker that takes no new ones
			for (int number = 0; number < 4; number++) {
				Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.context.getWebServer().getPort());
				sockets.add(socket);
				socket.setSoTimeout((int) LIMIT.toMillis());
				send(socket, "GET /plain HTTP/1.1\r\nHost: localhost\r\n\r\n");
				assertThat(socket.getInputStream().read()).isEqualTo('H');
			}
			for (Socket socket : sockets) {
				send(socket, "GET /block HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
			}
			await().until(() -> this.application.blocked.get() == 2);
			await().until(() -> slot.busy() > 2 || slot.waitingRequests() > 0);
			assertThat(this.application.blocked).hasValue(2);
			this.application.unblock.countDown();
			for (Socket socket : sockets) {
				assertThat(socket.getInputStream().readAllBytes()).asString(StandardCharsets.US_ASCII)
					.contains("HTTP/1.1 200")
					.contains("done");
			}
		}
		finally {
			this.application.unblock.countDown();
			for (Socket socket : sockets) {
				socket.close();
			}
		}
		await().until(() -> slot.activeRequests() == 0 && slot.waitingRequests() == 0 && slot.busy() == 0);
	}

	private static void send(Socket socket, String request) throws IOException {
		socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
	}

	@Test
	void stoppedAndRestartedContextServesAgain() {
		this.context.stop();
		this.context.start();
		int newPort = this.context.getWebServer().getPort();
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + newPort + "/plain"))
			.timeout(LIMIT)
			.build();
		assertThat(this.client.sendAsync(request, HttpResponse.BodyHandlers.ofString()).join().statusCode())
			.isEqualTo(200);
	}

	@SpringBootApplication
	@RestController
	static class Application {

		final CountDownLatch release = new CountDownLatch(1);

		final CountDownLatch unblock = new CountDownLatch(1);

		final AtomicInteger blocked = new AtomicInteger();

		@GetMapping("/plain")
		String plain() {
			return Thread.currentThread().toString();
		}

		@GetMapping("/async")
		Callable<String> async() {
			return () -> {
				this.release.await();
				return "released";
			};
		}

		@GetMapping("/fail")
		String fail() {
			throw new IllegalStateException("on purpose");
		}

		@GetMapping("/block")
		String block() throws InterruptedException {
			this.blocked.incrementAndGet();
			this.unblock.await();
			return "done";
		}

	}

}
