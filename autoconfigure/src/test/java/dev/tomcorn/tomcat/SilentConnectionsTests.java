package dev.tomcorn.tomcat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.worker.WorkerProcess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

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
 * Clients that connect and send nothing, to a worker that runs one request at a time.
 */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
		properties = { "tomcorn.worker-class=sync", "tomcorn.workers=1", "server.tomcat.max-connections=600" })
@DirtiesContext
class SilentConnectionsTests {

	private static final String GET = "GET /plain HTTP/1.1\r\nHost: localhost\r\n\r\n";

	/**
	 * Exceeded by a hang, or if each silent connection costs a quarter of a second.
	 */
	private static final int PATIENCE = 60_000;

	@Autowired
	private WorkerProcess process;

	@Autowired
	private ServletWebServerApplicationContext context;

	private final List<Socket> silent = new ArrayList<>();

	@AfterEach
	void close() throws IOException {
		for (Socket socket : this.silent) {
			socket.close();
		}
	}

	@Test
	void requestBehindManySilentConnectionsIsAnsweredAndSoAreTheyOnceTheySpeak() throws IOException {
		Socket part = open();
		this.silent.add(part);
		part.getOutputStream().write(GET.substring(0, 20).getBytes(StandardCharsets.US_ASCII));
		for (int i = 0; i < 400; i++) {
			this.silent.add(open());
		}
		assertThat(answer()).contains("plain");
		part.getOutputStream().write(GET.substring(20).getBytes(StandardCharsets.US_ASCII));
		assertThat(rest(part)).contains("plain");
		Socket latest = this.silent.getLast();
		latest.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
		assertThat(rest(latest)).contains("plain");
	}

	@Test
	void oldestSilentConnectionMakesRoomAtTheLimitOfConnections() throws IOException {
		WorkerSlot slot = this.process.slot();
		for (int i = 0; i < 650; i++) {
			this.silent.add(open());
		}
		assertThat(answer()).contains("plain");
		assertThat(slot.openConnections()).isLessThanOrEqualTo(600);
		assertThat(rest(this.silent.getFirst())).as("what the oldest gets").isEmpty();
		await().until(() -> slot.busy() == 0);
	}

	private Socket open() throws IOException {
		Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.context.getWebServer().getPort());
		socket.setSoTimeout(PATIENCE);
		return socket;
	}

	private String answer() throws IOException {
		try (Socket socket = open()) {
			socket.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
			return rest(socket);
		}
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

		@GetMapping("/plain")
		String plain() {
			return "plain";
		}

	}

}
