package dev.tomcorn.tomcat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.annotation.DirtiesContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for upgraded connections, such as WebSockets, in a worker with one request for
 * each connection.
 */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
		properties = { "tomcorn.worker-class=sync", "tomcorn.workers=1" })
@DirtiesContext
class UpgradedConnectionTests {

	private static final int PATIENCE = 60_000;

	@Autowired
	private ServletWebServerApplicationContext context;

	@Test
	void upgradeIsNotAnsweredWithClose() throws IOException {
		assertThat(ask("Connection: Upgrade", "Upgrade: echo")).startsWith("HTTP/1.1 101")
			.containsOnlyOnce("Connection: ")
			.endsWith("upgraded");
	}

	@Test
	void anyOtherRequestIsTheLastOfItsConnection() throws IOException {
		assertThat(ask("Accept: */*")).startsWith("HTTP/1.1 200").contains("Connection: close");
		assertThat(ask("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAA"))
			.as("offered by a client of HTTP/2")
			.startsWith("HTTP/1.1 200")
			.contains("Connection: close");
	}

	private String ask(String... headers) throws IOException {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.context.getWebServer().getPort())) {
			socket.setSoTimeout(PATIENCE);
			socket.getOutputStream()
				.write("GET /echo HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n".formatted(String.join("\r\n", headers))
					.getBytes(StandardCharsets.US_ASCII));
			return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		ServletRegistrationBean<Echo> echo() {
			return new ServletRegistrationBean<>(new Echo(), "/echo");
		}

	}

	static class Echo extends HttpServlet {

		private static final long serialVersionUID = 1L;

		@Override
		protected void doGet(HttpServletRequest request, HttpServletResponse response)
				throws ServletException, IOException {
			if ("echo".equals(request.getHeader("Upgrade"))) {
				response.setHeader("Upgrade", "echo");
				response.setHeader("Connection", "upgrade");
				request.upgrade(Upgraded.class);
			}
		}

	}

	public static class Upgraded implements HttpUpgradeHandler {

		@Override
		public void init(WebConnection connection) {
			try (connection) {
				connection.getOutputStream().write("upgraded".getBytes(StandardCharsets.US_ASCII));
				connection.getOutputStream().flush();
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		}

		@Override
		public void destroy() {
		}

	}

}
