package dev.tomcorn.tomcat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import dev.tomcorn.worker.WorkerProcess;
import org.apache.coyote.AbstractProtocol;
import org.apache.tomcat.util.net.AbstractEndpoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.util.ReflectionTestUtils;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for connections whose first bytes have arrived when they are taken, as for all
 * that wait for a worker with one request at a time. They behave like any other
 * connection.
 */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
		properties = { "tomcorn.worker-class=gthread", "tomcorn.threads=1", "tomcorn.workers=1" })
@DirtiesContext
class PromptConnectionTests {

	private static final int PATIENCE = 60_000;

	private static final int LARGE = 4_000_000;

	@TempDir
	private static Path files;

	@Autowired
	private WorkerProcess process;

	@Autowired
	private ServletWebServerApplicationContext context;

	@Autowired
	private Controller controller;

	private final List<Socket> sockets = new ArrayList<>();

	@DynamicPropertySource
	static void serveFiles(DynamicPropertyRegistry registry) throws IOException {
		Files.write(files.resolve("large.bin"), new byte[LARGE]);
		registry.add("spring.web.resources.static-locations", () -> files.toUri().toString());
	}

	@BeforeEach
	void occupy() throws IOException {
		Socket first = send("GET /held");
		assertThat(this.controller.awaitHeld()).isTrue();
		assertThat(first.isConnected()).isTrue();
	}

	@AfterEach
	void close() throws IOException {
		for (Socket socket : this.sockets) {
			socket.close();
		}
		await().until(() -> {
			this.controller.releaseWhatIsHeld();
			return this.process.slot().busy() == 0;
		});
	}

	@Test
	void itIsOneAndGoesWithItsAnswer() throws Exception {
		Socket socket = send("GET /held", "Connection: close");
		this.controller.release();
		assertThat(this.controller.awaitHeld()).isTrue();
		assertThat(connections()).as("not known to the poller").hasSize(1);
		this.controller.release();
		assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
			.startsWith("HTTP/1.1 200");
		await().until(() -> this.process.slot().openConnections() == 1);
	}

	@Test
	void furtherRequestsComeByThePoller() throws IOException {
		Socket socket = send("GET /plain");
		this.controller.release();
		assertThat(answer(socket, 5)).endsWith("plain");
		for (int i = 0; i < 3; i++) {
			await().until(() -> this.process.slot().busy() == 0);
			write(socket, request("GET /plain"));
			assertThat(answer(socket, 5)).endsWith("plain");
		}
	}

	@Test
	void restOfAHeaderIsWaitedFor() throws IOException {
		Socket socket = open();
		write(socket, "GET /plain HT");
		this.controller.release();
		await().until(() -> connections().isEmpty() && this.process.slot().busy() == 0);
		write(socket, "TP/1.1\r\nHost: localhost\r\n\r\n");
		assertThat(answer(socket, 5)).endsWith("plain");
	}

	@Test
	void restOfABodyIsWaitedFor() throws IOException {
		Socket socket = open();
		write(socket, "POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n".formatted(LARGE));
		this.controller.release();
		await().until(() -> this.process.slot().activeRequests() == 1 && !this.controller.isHeld());
		socket.getOutputStream().write(new byte[LARGE]);
		assertThat(answer(socket, 7)).endsWith(Integer.toString(LARGE));
	}

	@Test
	void fileAndAnswerThatTheClientReadsLateAreSentWhole() throws IOException {
		for (String path : List.of("/large.bin", "/large")) {
			Socket socket = send("GET " + path, "Connection: close");
			this.controller.release();
			await().until(() -> this.process.slot().activeRequests() == 1 && !this.controller.isHeld());
			assertThat(socket.getInputStream().readAllBytes()).as(path).hasSizeGreaterThan(LARGE);
			if (path.equals("/large.bin")) {
				occupy();
			}
		}
	}

	private List<Object> connections() {
		Object protocol = ((TomcatWebServer) this.context.getWebServer()).getTomcat()
			.getConnector()
			.getProtocolHandler();
		assertThat(protocol).isInstanceOf(AbstractProtocol.class);
		AbstractEndpoint<?, ?> endpoint = (AbstractEndpoint<?, ?>) ReflectionTestUtils.getField(protocol, "endpoint");
		Set<?> all = endpoint.getConnections();
		return all.stream()
			.<Object>map((connection) -> connection)
			.filter((connection) -> connection.getClass().getSimpleName().equals("PromptConnection"))
			.filter((connection) -> !(boolean) ReflectionTestUtils.getField(connection, "registered"))
			.toList();
	}

	private Socket open() throws IOException {
		Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.context.getWebServer().getPort());
		socket.setSoTimeout(PATIENCE);
		this.sockets.add(socket);
		return socket;
	}

	private Socket send(String line, String... headers) throws IOException {
		Socket socket = open();
		write(socket, request(line, headers));
		return socket;
	}

	private static String request(String line, String... headers) {
		String more = (headers.length > 0) ? String.join("\r\n", headers) + "\r\n" : "";
		return line + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
	}

	private static void write(Socket socket, String text) throws IOException {
		socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
	}

	/**
	 * Read a response on a connection that stays open.
	 */
	private static String answer(Socket socket, int bodyLength) throws IOException {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		InputStream input = socket.getInputStream();
		String text = "";
		int read;
		while ((text.indexOf("\r\n\r\n") < 0 || text.length() < text.indexOf("\r\n\r\n") + 4 + bodyLength)
				&& (read = input.read()) >= 0) {
			bytes.write(read);
			text = bytes.toString(StandardCharsets.US_ASCII);
		}
		return text;
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

		private final Semaphore held = new Semaphore(0);

		private final Semaphore released = new Semaphore(0);

		private volatile boolean holding;

		@GetMapping("/held")
		String held() throws InterruptedException {
			this.holding = true;
			this.held.release();
			this.released.tryAcquire(PATIENCE, TimeUnit.MILLISECONDS);
			this.holding = false;
			return "held";
		}

		@GetMapping("/plain")
		String plain() {
			return "plain";
		}

		@PostMapping("/size")
		String size(InputStream body) throws IOException {
			return Integer.toString(body.readAllBytes().length);
		}

		@GetMapping("/large")
		byte[] large() {
			return new byte[LARGE];
		}

		boolean awaitHeld() {
			try {
				return this.held.tryAcquire(PATIENCE, TimeUnit.MILLISECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return false;
			}
		}

		boolean isHeld() {
			return this.holding;
		}

		void release() {
			this.released.release();
		}

		void releaseWhatIsHeld() {
			if (this.holding && this.released.availablePermits() == 0) {
				release();
			}
		}

	}

}
