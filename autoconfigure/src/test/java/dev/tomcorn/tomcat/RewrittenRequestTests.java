package dev.tomcorn.tomcat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Callable;

import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.request.RequestsInFlight;
import dev.tomcorn.worker.WorkerProcess;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.valves.rewrite.RewriteValve;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Requests that Tomcat sends through its pipeline more than once, in a worker that runs
 * one at a time.
 */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
		properties = { "tomcorn.worker-class=sync", "tomcorn.workers=1" })
class RewrittenRequestTests {

	private static final Duration LIMIT = Duration.ofMinutes(1);

	@Autowired
	private WorkerProcess process;

	@Autowired
	private ServletWebServerApplicationContext context;

	private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	@ParameterizedTest
	@CsvSource({ "/new/plain, 200, plain", "/old/plain, 200, plain", "/older/plain, 200, plain",
			"/old/async, 200, asynchronous", "/old/dispatched, 200, plain", "/old/forwarded, 200, plain",
			"/old/nowhere, 404, ''", "/old/failing, 500, ''" })
	void requestIsCountedOnceHoweverOftenItEnters(String path, int status, String body) throws Exception {
		WorkerSlot slot = this.process.slot();
		long handled = slot.handledRequests();
		HttpRequest request = HttpRequest
			.newBuilder(URI.create("http://127.0.0.1:" + this.context.getWebServer().getPort() + path))
			.timeout(LIMIT)
			.build();
		HttpResponse<String> response = this.client.send(request, HttpResponse.BodyHandlers.ofString());
		assertThat(response.statusCode()).isEqualTo(status);
		assertThat(response.body()).contains(body);
		await().until(() -> slot.activeRequests() == 0);
		assertThat(slot.handledRequests()).isEqualTo(handled + 1);
	}

	/**
	 * A request that fails for lack of memory outside the heap does not end the worker.
	 */
	@Test
	void requestThatFailsForWantOfMemoryIsCounted() throws Exception {
		RequestsInFlight requests = this.context.getBean(RequestsInFlight.class);
		HttpRequest request = HttpRequest
			.newBuilder(URI.create("http://127.0.0.1:" + this.context.getWebServer().getPort() + "/new/exhausting;a=b"))
			.timeout(LIMIT)
			.build();
		assertThat(this.client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode()).isEqualTo(500);
		await().until(() -> this.process.slot().activeRequests() == 0);
		assertThat(requests.memoryFailures().toString()).isEqualTo("1 of direct memory, the last GET /new/exhausting");
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Controller controller() {
			return new Controller();
		}

		@Bean
		WebServerFactoryCustomizer<TomcatServletWebServerFactory> rewriting() {
			return (factory) -> factory.addEngineValves(new Rules("RewriteRule ^/older/(.*)$ /old/$1 [N]"),
					new Rules("RewriteRule ^/old/(.*)$ /new/$1"));
		}

	}

	/**
	 * Tomcat's own valve, with rules from the code.
	 */
	static final class Rules extends RewriteValve {

		private final String rules;

		Rules(String rules) {
			this.rules = rules;
		}

		@Override
		protected void startInternal() throws LifecycleException {
			super.startInternal();
			try {
				setConfiguration(this.rules);
			}
			catch (Exception ex) {
				throw new LifecycleException(ex);
			}
		}

	}

	@RestController
	static class Controller {

		@GetMapping("/new/plain")
		String plain() {
			return "plain";
		}

		@GetMapping("/new/async")
		Callable<String> async() {
			return () -> "asynchronous";
		}

		@GetMapping("/new/dispatched")
		void dispatched(HttpServletRequest request) {
			request.startAsync().dispatch("/new/plain");
		}

		@GetMapping("/new/forwarded")
		void forwarded(HttpServletRequest request, HttpServletResponse response) throws Exception {
			request.getRequestDispatcher("/new/plain").forward(request, response);
		}

		@GetMapping("/new/exhausting")
		String exhausting() {
			throw new OutOfMemoryError("Cannot reserve 1048576 bytes of direct buffer memory (allocated: 1, limit: 2)");
		}

		@GetMapping("/new/failing")
		String failing() {
			throw new IllegalStateException("on purpose");
		}

	}

}
