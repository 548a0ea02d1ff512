package dev.tomcorn.metrics;

import java.io.CharArrayWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;

import dev.tomcorn.WarmUp;
import dev.tomcorn.Worker;
import dev.tomcorn.WorkerReadyEvent;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.request.RequestsInFlight;
import dev.tomcorn.worker.WorkerProcess;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.catalina.valves.AbstractAccessLogValve;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.Order;
import org.springframework.http.server.observation.ServerRequestObservationContext;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Warms up a whole application by requests that go through all of Tomcat and Spring.
 */
@ExtendWith(OutputCaptureExtension.class)
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
		properties = { "server.servlet.context-path=/shop", "tomcorn.warm-up.requests=3",
				"tomcorn.warm-up.paths[0]=/plain?name=a%20b&name=c,d", "tomcorn.warm-up.paths[1]=/missing",
				"tomcorn.warm-up.paths[2]=/failing", "tomcorn.warm-up.paths[3]=/async",
				"tomcorn.warm-up.paths[4]=/late", "tomcorn.warm-up.paths[5]=/redirect",
				"tomcorn.warm-up.paths[6]=/dispatched" })
class WarmUpTests {

	private static final Duration LIMIT = Duration.ofMinutes(2);

	@Autowired
	private Application application;

	@Autowired
	private WorkerProcess process;

	@Autowired
	private RequestsInFlight requests;

	@Autowired
	private ServletWebServerApplicationContext context;

	@Test
	void requestsReachTheApplicationMarkedAndAsIfEncrypted() {
		assertThat(this.application.seen).filteredOn((seen) -> seen.path().equals("/shop/plain"))
			.hasSize(3)
			.allSatisfy((seen) -> {
				assertThat(seen.marked()).isTrue();
				assertThat(seen.header()).isEqualTo("true");
				assertThat(seen.url()).isEqualTo("https://localhost/shop/plain");
				assertThat(seen.secure()).isTrue();
				assertThat(seen.remoteAddress()).isEqualTo("127.0.0.1");
				assertThat(seen.names()).containsExactly("a b", "c,d");
				assertThat(seen.thread().isVirtual()).isTrue();
			});
	}

	@Test
	void comesBeforeTheWorkerIsReady() {
		assertThat(this.application.seen).isNotEmpty().allSatisfy((seen) -> {
			assertThat(seen.state()).isEqualTo(WorkerState.STARTING);
			assertThat(seen.readiness()).isEqualTo(ReadinessState.REFUSING_TRAFFIC);
		});
		assertThat(this.process.slot().state()).isEqualTo(WorkerState.READY);
	}

	@Test
	void asynchronousRequestsAreWaitedFor() {
		assertThat(this.application.answers).containsOnlyOnce("bean /async 200", "bean /late 503",
				"bean /dispatched 200");
		assertThat(this.application.count("/shop/async")).isEqualTo(4);
	}

	@Test
	void pathThatFailsIsLeftOutWithOneLine(CapturedOutput output) {
		assertThat(this.application.count("/shop/failing")).isEqualTo(1);
		assertThat(output).containsOnlyOnce("The warm-up skips /failing, which returned status 500")
			.containsOnlyOnce("The warm-up skips /missing, which returned status 404")
			.containsOnlyOnce("The warm-up skips /late, which returned status 503")
			.doesNotContain("skips /redirect")
			.containsPattern("Warmed up in \\d+\\.\\d s with \\d+ request");
		assertThat(this.application.count("/shop/redirect")).isEqualTo(3);
	}

	@Test
	void beansRunFirstInTheirOrderAndMayFail(CapturedOutput output) {
		assertThat(this.application.answers.stream().filter((answer) -> answer.startsWith("order")))
			.containsExactly("order 1", "order 2");
		assertThat(this.application.seen.peek().path()).isEqualTo("/shop/async");
		assertThat(output)
			.containsOnlyOnce("Warm-up bean failing has failed: java.lang.IllegalStateException: on purpose");
	}

	@Test
	void isCountedNowhere() throws Exception {
		assertThat(this.application.handledWhenReady).isZero();
		assertThat(this.application.failedWhenReady).isZero();
		assertThat(this.application.observed).isEmpty();
		assertThat(this.application.accessLog).isEmpty();
		assertThat(this.process.slot().activeRequests()).isZero();
		assertThat(this.process.slot().busy()).isZero();
		HttpRequest request = HttpRequest
			.newBuilder(URI.create("http://127.0.0.1:" + this.context.getWebServer().getPort() + "/shop/plain"))
			.header(WarmUp.HEADER, "true")
			.timeout(LIMIT)
			.build();
		try (HttpClient client = HttpClient.newHttpClient()) {
			assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).body()).isEqualTo("served");
		}
		await().until(() -> this.process.slot().handledRequests() == 1);
		assertThat(this.requests.figures().count()).isEqualTo(1);
		await().until(() -> !this.application.accessLog.isEmpty());
		assertThat(this.application.observed).containsExactly("http.server.requests");
		assertThat(this.application.accessLog).hasSize(1);
		this.application.accessLog.clear();
		this.application.observed.clear();
	}

	private record Seen(String path, boolean marked, String header, String url, boolean secure, String remoteAddress,
			List<String> names, WorkerState state, ReadinessState readiness, Thread thread) {
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@RestController
	static class Application {

		private final Queue<Seen> seen = new ConcurrentLinkedQueue<>();

		private final Queue<String> answers = new ConcurrentLinkedQueue<>();

		private final Queue<String> observed = new ConcurrentLinkedQueue<>();

		private final Queue<String> accessLog = new ConcurrentLinkedQueue<>();

		private volatile long handledWhenReady = -1;

		private volatile long failedWhenReady = -1;

		@Autowired
		private WorkerProcess process;

		@Autowired
		private Worker worker;

		@Autowired
		private ApplicationAvailability availability;

		private long count(String path) {
			return this.seen.stream().filter((request) -> request.path().equals(path)).count();
		}

		@EventListener
		void ready(WorkerReadyEvent event) {
			this.handledWhenReady = this.process.slot().handledRequests();
			this.failedWhenReady = this.process.slot().failedRequests();
		}

		private void note(HttpServletRequest request) {
			if (WarmUp.isWarmUp(request)) {
				String[] names = request.getParameterValues("name");
				this.seen.add(new Seen(request.getRequestURI(), WarmUp.isWarmUp(request),
						request.getHeader(WarmUp.HEADER), request.getRequestURL().toString(), request.isSecure(),
						request.getRemoteAddr(), (names != null) ? List.of(names) : List.of(),
						this.process.slot().state(), this.availability.getReadinessState(), Thread.currentThread()));
				// Limits nothing here, and must not fail
				this.worker.extendRequest(Duration.ofSeconds(1));
			}
		}

		@GetMapping("/plain")
		String plain(HttpServletRequest request) {
			note(request);
			return "served";
		}

		@GetMapping("/failing")
		String failing(HttpServletRequest request) {
			note(request);
			throw new IllegalStateException("on purpose");
		}

		@GetMapping("/async")
		Callable<String> async(HttpServletRequest request) {
			note(request);
			return () -> "x".repeat(100_000);
		}

		@GetMapping("/late")
		DeferredResult<String> late() {
			return new DeferredResult<>(1L);
		}

		@GetMapping("/dispatched")
		void dispatched(HttpServletRequest request) {
			request.startAsync().dispatch("/target");
		}

		@GetMapping("/target")
		String target() {
			return "dispatched";
		}

		@GetMapping("/redirect")
		void redirect(HttpServletRequest request, HttpServletResponse response) throws Exception {
			note(request);
			response.sendRedirect("/elsewhere");
		}

		@Bean
		@Order(2)
		WarmUp second() {
			return (client) -> this.answers.add("order 2");
		}

		@Bean
		@Order(1)
		WarmUp first() {
			return (client) -> {
				this.answers.add("order 1");
				for (String path : List.of("/async", "/late", "/dispatched")) {
					this.answers.add("bean " + path + " " + client.get(path, Map.of("Accept", "text/plain")));
				}
			};
		}

		@Bean
		WarmUp failing() {
			return (client) -> {
				throw new IllegalStateException("on purpose");
			};
		}

		@Bean
		ObservationHandler<Observation.Context> observations() {
			return new ObservationHandler<>() {

				@Override
				public void onStop(Observation.Context context) {
					Application.this.observed.add(context.getName());
				}

				@Override
				public boolean supportsContext(Observation.Context context) {
					return context instanceof ServerRequestObservationContext;
				}

			};
		}

		@Bean
		WebServerFactoryCustomizer<TomcatServletWebServerFactory> accessLog() {
			return (factory) -> factory.addEngineValves(new AccessLog(this.accessLog));
		}

	}

	private static final class AccessLog extends AbstractAccessLogValve {

		private final Queue<String> lines;

		AccessLog(Queue<String> lines) {
			this.lines = lines;
			setPattern("%r %s");
		}

		@Override
		protected void log(CharArrayWriter message) {
			this.lines.add(message.toString());
		}

	}

}
