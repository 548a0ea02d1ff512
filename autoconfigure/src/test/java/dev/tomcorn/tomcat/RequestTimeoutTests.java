package dev.tomcorn.tomcat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import dev.tomcorn.Worker;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.request.RequestWatch;
import dev.tomcorn.request.RequestsInFlight;
import dev.tomcorn.worker.WorkerProcess;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Requests that take too long, in a real Tomcat.
 */
@ExtendWith(OutputCaptureExtension.class)
class RequestTimeoutTests {

	private static final String LIMITS = "tomcorn.request-timeout=300ms";

	private static final String EXTENDED = "tomcorn.request-timeout-overrides[0].path=/quick/**";

	private static final String QUICK = "tomcorn.request-timeout-overrides[0].timeout=20ms";

	/**
	 * For requests that must make progress before their time is over, even on a busy
	 * machine.
	 */
	private static final String AMPLE = "tomcorn.request-timeout-overrides[1].path=/ample/**";

	private static final String AMPLY = "tomcorn.request-timeout-overrides[1].timeout=3s";

	/**
	 * For requests that must succeed however slow the machine is.
	 */
	private static final String UNLIMITED = "tomcorn.request-timeout-overrides[2].path=/unlimited/**";

	private static final String NEVER = "tomcorn.request-timeout-overrides[2].timeout=0";

	private static final String INITIALIZED = "spring.mvc.servlet.load-on-startup=1";

	private static final int CLIENTS = 48;

	/**
	 * Number of requests of each client.
	 */
	private static final int SHORT_REQUESTS = 25;

	/**
	 * Longest time to wait for anything.
	 */
	private static final Duration LIMIT = Duration.ofMinutes(2);

	/**
	 * A client of the application.
	 */
	abstract static class Client {

		@Autowired
		private WorkerProcess process;

		@Autowired
		private RequestsInFlight requests;

		@Autowired
		private ServletWebServerApplicationContext context;

		private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

		CompletableFuture<HttpResponse<String>> send(HttpRequest.Builder request, String path) {
			int port = this.context.getWebServer().getPort();
			return this.client.sendAsync(request.uri(URI.create("http://127.0.0.1:" + port + path)).build(),
					HttpResponse.BodyHandlers.ofString());
		}

		CompletableFuture<HttpResponse<String>> get(String path) {
			return send(HttpRequest.newBuilder().timeout(LIMIT), path);
		}

		@AfterEach
		void everythingIsCountedOut() {
			WorkerSlot slot = this.process.slot();
			await().until(() -> slot.activeRequests() == 0 && slot.waitingRequests() == 0);
			await().until(() -> this.requests.snapshot().isEmpty());
		}

		void assertReplaced(CompletableFuture<HttpResponse<String>> response) {
			HttpResponse<String> answer = response.join();
			assertThat(answer.statusCode()).isEqualTo(503);
			assertThat(answer.body()).isEqualTo("The request took longer than it may\n");
			assertThat(answer.headers().firstValue("content-type")).hasValue("text/plain;charset=UTF-8");
			assertThat(answer.headers().firstValue("x-of-the-application")).isEmpty();
		}

	}

	/**
	 * The same for every worker class that runs several requests at once.
	 */
	abstract static class Requests extends Client {

		@Autowired
		private Application application;

		/**
		 * Each request takes all of its time, so all run at once.
		 */
		@Test
		void requestsEndAsTheyAreToWhenTheirTimeIsOver(CapturedOutput output) {
			CompletableFuture<HttpResponse<String>> fails = get("/ample/fails?secret=x");
			CompletableFuture<HttpResponse<String>> committed = get("/ample/committed");
			CompletableFuture<HttpResponse<String>> callable = get("/ample/callable");
			CompletableFuture<HttpResponse<String>> events = get("/ample/events");
			CompletableFuture<HttpResponse<String>> extending = get("/ample/extends");
			CompletableFuture<HttpResponse<String>> error = get("/sends-error");
			CompletableFuture<HttpResponse<String>> late = get("/answers-late");
			CompletableFuture<HttpResponse<String>> deferred = get("/deferred");
			CompletableFuture<HttpResponse<String>> asynchronous = get("/async");
			CompletableFuture<HttpResponse<String>> asynchronousTooLate = get("/late-async");
			bodyThatIsNotReadDoesNoHarm();
			requestThatSendsAnErrorWhenItIsInterruptedIsAnswered503(error);
			answerThatIsNotSentWhenItsTimeHasPassedIsReplaced(late);
			deferredResultThatNobodySetsIsAnswered503(deferred);
			asynchronousServletRequestIsAnswered503(asynchronous);
			requestThatIsInterruptedBeforeItBecomesAsynchronousIsAnswered503(asynchronousTooLate);
			requestThatFailsWhenItIsInterruptedIsAnswered503(fails, output);
			answerThatIsOnItsWayIsLeftAsItIs(committed);
			callableIsInterruptedAndAnswered503(callable);
			eventStreamEnds(events);
			requestThatExtendsItsLimitIsLeftAlone(extending);
		}

		private void bodyThatIsNotReadDoesNoHarm() {
			assertReplaced(
					send(HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.ofByteArray(new byte[300_000])),
							"/unread"));
			assertThat(get("/unlimited/hello").join().statusCode()).isEqualTo(200);
		}

		private void requestThatSendsAnErrorWhenItIsInterruptedIsAnswered503(
				CompletableFuture<HttpResponse<String>> error) {
			assertReplaced(error);
		}

		private void answerThatIsNotSentWhenItsTimeHasPassedIsReplaced(CompletableFuture<HttpResponse<String>> late) {
			assertReplaced(late);
		}

		private void deferredResultThatNobodySetsIsAnswered503(CompletableFuture<HttpResponse<String>> deferred) {
			assertReplaced(deferred);
		}

		private void asynchronousServletRequestIsAnswered503(CompletableFuture<HttpResponse<String>> asynchronous) {
			assertReplaced(asynchronous);
		}

		private void requestThatIsInterruptedBeforeItBecomesAsynchronousIsAnswered503(
				CompletableFuture<HttpResponse<String>> asynchronousTooLate) {
			assertReplaced(asynchronousTooLate);
		}

		private void requestThatFailsWhenItIsInterruptedIsAnswered503(CompletableFuture<HttpResponse<String>> fails,
				CapturedOutput output) {
			assertReplaced(fails);
			// The interrupt comes before its log line
			await().untilAsserted(() -> assertThat(output).containsPattern(
					"Request GET /ample/fails of worker 0 has run for \\d+\\.\\d s, longer than its limit of 3\\.0 s")
				.contains("$Application.fails("));
			assertThat(output).doesNotContain("secret");
		}

		private static void answerThatIsOnItsWayIsLeftAsItIs(CompletableFuture<HttpResponse<String>> committed) {
			HttpResponse<String> answer = committed.join();
			assertThat(answer.statusCode()).isEqualTo(200);
			assertThat(answer.body()).isEqualTo("first last");
		}

		private void callableIsInterruptedAndAnswered503(CompletableFuture<HttpResponse<String>> callable) {
			assertReplaced(callable);
			await().until(() -> this.application.interrupted.contains("callable"));
		}

		private static void eventStreamEnds(CompletableFuture<HttpResponse<String>> events) {
			HttpResponse<String> answer = events.join();
			assertThat(answer.statusCode()).isEqualTo(200);
			assertThat(answer.body()).isEqualTo("data:first\n\n");
		}

		private static void requestThatExtendsItsLimitIsLeftAlone(CompletableFuture<HttpResponse<String>> extending) {
			assertThat(extending.join().statusCode()).isEqualTo(200);
		}

		@Test
		void resultThatComesAtTheLimitIsAnsweredOnce() {
			List<CompletableFuture<HttpResponse<String>>> responses = IntStream.range(0, 40)
				.mapToObj((i) -> get("/quick/deferred"))
				.toList();
			assertThat(responses).allSatisfy((response) -> assertThat(response.join().statusCode()).isIn(200, 503));
		}

		/**
		 * Some requests end before the limit and the check that follows it, some later. A
		 * request that saw an interrupt but did not get 503 saw an interrupt of another
		 * request.
		 */
		@Test
		void noInterruptReachesAnotherRequest() {
			LoggingSystem logging = LoggingSystem.get(getClass().getClassLoader());
			logging.setLogLevel(RequestWatch.class.getName(), LogLevel.OFF);
			Map<String, AtomicInteger> answers = new ConcurrentHashMap<>();
			List<CompletableFuture<Void>> clients = IntStream.range(0, CLIENTS)
				.mapToObj((client) -> CompletableFuture.runAsync(() -> sendShortRequests(answers),
						(task) -> Thread.ofVirtual().start(task)))
				.toList();
			clients.forEach(CompletableFuture::join);
			logging.setLogLevel(RequestWatch.class.getName(), null);
			System.out.println("[figures] short requests around the limit, by status and interrupt seen: " + answers);
			assertThat(answers).containsOnlyKeys("200 -", "503 -");
		}

		private void sendShortRequests(Map<String, AtomicInteger> answers) {
			for (int request = 0; request < SHORT_REQUESTS; request++) {
				HttpResponse<String> answer = get("/quick/short").join();
				String interrupt = answer.headers().firstValue("X-Interrupted").orElse("-");
				answers.computeIfAbsent(answer.statusCode() + " " + interrupt, (key) -> new AtomicInteger())
					.incrementAndGet();
			}
		}

	}

	@Nested
	@SpringBootTest(classes = Application.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
			properties = { LIMITS, EXTENDED, QUICK, AMPLE, AMPLY, UNLIMITED, NEVER, INITIALIZED,
					"tomcorn.worker-class=gevent" })
	class Gevent extends Requests {

	}

	@Nested
	@SpringBootTest(classes = Application.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
			properties = { LIMITS, EXTENDED, QUICK, AMPLE, AMPLY, UNLIMITED, NEVER, INITIALIZED,
					"tomcorn.worker-class=gthread", "tomcorn.threads=" + CLIENTS })
	class Gthread extends Requests {

	}

	@Nested
	@SpringBootTest(classes = Application.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
			properties = { LIMITS, EXTENDED, QUICK, AMPLE, AMPLY, UNLIMITED, NEVER, INITIALIZED,
					"tomcorn.worker-class=sync" })
	class Sync extends Client {

		@Test
		void workerServesAgainAfterAStuckRequest() {
			CompletableFuture<HttpResponse<String>> stuck = get("/answers-late");
			CompletableFuture<HttpResponse<String>> behind = get("/unlimited/hello");
			assertReplaced(stuck);
			assertThat(behind.join().statusCode()).isEqualTo(200);
			assertThat(get("/unlimited/hello").join().statusCode()).isEqualTo(200);
		}

	}

	/**
	 * A request that has no permit is not run, and gets all of its time once it has one.
	 */
	@Nested
	@SpringBootTest(classes = Application.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
			properties = { LIMITS, EXTENDED, QUICK, AMPLE, AMPLY, UNLIMITED, NEVER, INITIALIZED,
					"tomcorn.worker-class=gevent", "tomcorn.worker-connections=1", "server.http2.enabled=true" })
	class Waiting {

		@Autowired
		private ServletWebServerApplicationContext context;

		@Autowired
		private Application application;

		@Test
		void requestThatWaitsForLongerThanItsLimitIsRefused(CapturedOutput output) throws Exception {
			try (HttpClient http2 = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
				// The first request upgrades the connection, which the others then share
				assertThat(status(http2, "/unlimited/hello").join()).isEqualTo(200);
				CompletableFuture<Integer> holds = status(http2, "/ignores");
				try {
					await().until(() -> output.getOut().contains("Request GET /ignores of worker 0 has run"));
					assertThat(status(http2, "/hello").join()).isEqualTo(503);
				}
				finally {
					this.application.released.countDown();
				}
				assertThat(holds.join()).isEqualTo(503);
				// The refusal comes before its log line
				await()
					.untilAsserted(() -> assertThat(output).contains("Request GET /hello of worker 0 has waited for"));
				assertThat(status(http2, "/unlimited/hello").join()).isEqualTo(200);
			}
		}

		private CompletableFuture<Integer> status(HttpClient client, String path) {
			return client
				.sendAsync(HttpRequest
					.newBuilder(URI.create("http://127.0.0.1:" + this.context.getWebServer().getPort() + path))
					.timeout(LIMIT)
					.build(), HttpResponse.BodyHandlers.ofString())
				.thenApply(HttpResponse::statusCode);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@RestController
	static class Application {

		/**
		 * The interrupted handlers.
		 */
		final Set<String> interrupted = ConcurrentHashMap.newKeySet();

		final CountDownLatch released = new CountDownLatch(1);

		private final Worker worker;

		Application(Worker worker) {
			this.worker = worker;
		}

		private void sleep(String handler, long millis) throws InterruptedException {
			try {
				Thread.sleep(millis);
			}
			catch (InterruptedException ex) {
				this.interrupted.add(handler);
				throw ex;
			}
		}

		@GetMapping({ "/hello", "/unlimited/hello" })
		String hello() {
			return "hello";
		}

		@GetMapping("/ample/fails")
		String fails(HttpServletResponse response) throws InterruptedException {
			response.setHeader("X-Of-The-Application", "x");
			sleep("fails", 60_000);
			return "";
		}

		@GetMapping("/sends-error")
		void sendsError(HttpServletResponse response) throws IOException {
			try {
				sleep("sends-error", 60_000);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				response.sendError(418);
			}
		}

		@GetMapping("/answers-late")
		void answersLate(HttpServletResponse response) throws IOException {
			response.setHeader("X-Of-The-Application", "x");
			response.getWriter().write("late");
			try {
				sleep("answers-late", 60_000);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

		@PostMapping("/unread")
		void unread() throws InterruptedException {
			sleep("unread", 60_000);
		}

		@GetMapping("/ample/committed")
		void committed(HttpServletResponse response) throws IOException {
			ServletOutputStream out = response.getOutputStream();
			out.print("first ");
			out.flush();
			try {
				sleep("committed", 60_000);
			}
			catch (InterruptedException ex) {
				out.print("last");
			}
		}

		@GetMapping("/ignores")
		void ignores() {
			while (this.released.getCount() > 0) {
				try {
					sleep("ignores", 100);
				}
				catch (InterruptedException ex) {
					// Ignores the interrupt on purpose
				}
			}
		}

		@GetMapping("/deferred")
		DeferredResult<String> deferred() {
			return new DeferredResult<>();
		}

		@GetMapping("/ample/callable")
		Callable<String> callable() {
			return () -> {
				sleep("callable", 60_000);
				return "";
			};
		}

		@GetMapping("/async")
		void async(HttpServletRequest request, HttpServletResponse response) throws IOException {
			AsyncContext context = request.startAsync();
			context.setTimeout(0);
			response.setHeader("X-Of-The-Application", "x");
		}

		@GetMapping("/late-async")
		void lateAsync(HttpServletRequest request) {
			request.startAsync().setTimeout(0);
			try {
				sleep("late-async", 60_000);
			}
			catch (InterruptedException ex) {
				// Continues after the interrupt
			}
		}

		@GetMapping("/ample/events")
		SseEmitter events() throws IOException {
			SseEmitter emitter = new SseEmitter(0L);
			emitter.send("first");
			return emitter;
		}

		@GetMapping("/ample/extends")
		String extend() throws InterruptedException {
			for (int i = 0; i < 10; i++) {
				this.worker.extendRequest(LIMIT);
				sleep("extends", 400);
			}
			return "done";
		}

		@GetMapping("/quick/short")
		void quick(HttpServletResponse response) {
			try {
				Thread.sleep(ThreadLocalRandom.current().nextInt(120));
			}
			catch (InterruptedException ex) {
				response.setHeader("X-Interrupted", "interrupted");
			}
		}

		@GetMapping("/quick/deferred")
		DeferredResult<String> quickDeferred() {
			DeferredResult<String> result = new DeferredResult<>();
			CompletableFuture
				.delayedExecutor(ThreadLocalRandom.current().nextInt(1200), java.util.concurrent.TimeUnit.MILLISECONDS)
				.execute(() -> result.setResult("done"));
			return result;
		}

	}

}
