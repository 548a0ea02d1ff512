package dev.tomcorn.actuate;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.peer.PeerChannel;
import dev.tomcorn.peer.PeerServer;
import dev.tomcorn.peer.Peers;
import dev.tomcorn.peer.RunDirectoryWatch;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.catalina.LifecycleException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.filter.ForwardedHeaderFilter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

/**
 * Tests with worker 0, which has the filter, and worker 1, which is reachable.
 */
@Execution(ExecutionMode.CONCURRENT)
class WorkerSelectionTests {

	/**
	 * Marks an answer of the worker with the filter.
	 */
	private static final int OWN = 299;

	private static final int BIG = 20_000_000;

	/**
	 * Of CN=ops, valid for a hundred years.
	 */
	private static final String CERTIFICATE = """
			-----BEGIN CERTIFICATE-----
			MIIBczCCARmgAwIBAgIUAh2uihK7NKjymD34kA70FCrQq4QwCgYIKoZIzj0EAwIw
			DjEMMAoGA1UEAwwDb3BzMCAXDTI2MTEyOTA1NTAwMFoYDzIxMjYxMTA1MDU1MDAw
			WjAOMQwwCgYDVQQDDANvcHMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATIqX3d
			pugeaRwjBIJIv8q4ceFr6Gd+4qXcrWqv8z2FaqfEFxiXt2WKv5DJk1hhzNJRvYk+
			il9H8nOgumuL/C9vo1MwUTAdBgNVHQ4EFgQUQmsNxw4Pp5nO/m/zo7ng3OIeZtow
			HwYDVR0jBBgwFoAUQmsNxw4Pp5nO/m/zo7ng3OIeZtowDwYDVR0TAQH/BAUwAwEB
			/zAKBggqhkjOPQQDAgNIADBFAiAQE7DO7JDHohwj1ix+2wlOnRY2fUdc9v6WLqW4
			U3C/zwIhAMnl/bhcU1ULWYusG69qwntL2CXVp545R4rVlxmmraJs
			-----END CERTIFICATE-----
			""";

	private final AtomicInteger hanging = new AtomicInteger();

	private final CountDownLatch release = new CountDownLatch(1);

	@TempDir
	private Path directory;

	private Scoreboard scoreboard;

	private WorkerSelectionFilter filter;

	private PeerServer other;

	@BeforeEach
	void start() throws IOException, LifecycleException {
		this.scoreboard = Scoreboard.create(this.directory.resolve("scoreboard"), 4, 1);
		this.scoreboard.claim(0, 0, 1, 1).setState(WorkerState.READY);
		this.scoreboard.claim(1, 1, 2, 1).setState(WorkerState.READY);
		this.filter = new WorkerSelectionFilter(new Peers(this.scoreboard, this.scoreboard.slot(0), this.directory),
				() -> List.of(new ManagementEndpoint("any", "/actuator", true)), (_) -> new CompletableFuture<>());
		Peers ofTheOther = new Peers(this.scoreboard, this.scoreboard.slot(1), this.directory);
		this.other = new PeerServer(this.directory, new Other())
			.open(new PeerChannel(ofTheOther, this.directory, new RunDirectoryWatch(), Stream::empty));
	}

	@AfterEach
	void stop() throws LifecycleException {
		this.release.countDown();
		this.other.close();
	}

	private static MockHttpServletRequest request(String method, String path, @Nullable String query) {
		MockHttpServletRequest request = new MockHttpServletRequest(method, path);
		request.setServletPath(path);
		request.setQueryString(query);
		request.setRemoteAddr("192.0.2.7");
		return request;
	}

	/**
	 * Return the answer, which is empty if the worker itself answers.
	 */
	private MockHttpServletResponse answer(MockHttpServletRequest request) throws IOException, ServletException {
		MockHttpServletResponse response = new MockHttpServletResponse();
		MockFilterChain chain = new MockFilterChain();
		// No process sends their heartbeats, and a machine may be slow
		this.scoreboard.slots().forEach(WorkerSlot::beat);
		this.filter.doFilter(request, response, chain);
		if (chain.getRequest() != null) {
			response.setStatus(OWN);
		}
		return response;
	}

	private MockHttpServletResponse get(String path, @Nullable String query) throws IOException, ServletException {
		return answer(request("GET", path, query));
	}

	@Test
	void givenWorkerAnswers() throws Exception {
		MockHttpServletResponse response = get("/actuator/env", "a=b%20c&worker=1");
		assertThat(response.getStatus()).isEqualTo(201);
		assertThat(response.getHeader("Tomcorn-Worker")).as("is the other's to say").isNull();
		assertThat(response.getContentAsString())
			.isEqualTo("GET /actuator/env?a=b%20c&worker=1 from 192.0.2.7, credentials null, body ");
		assertThat(response.getContentType()).startsWith("text/plain");
		assertThat(response.getHeaders("X-Two")).containsExactly("1", "2");
		assertThat(response.getHeader("Connection")).isNull();
		assertThat(response.getHeader("X-Hop")).isNull();
	}

	@Test
	void credentialsAndBodyGoAlongButWhatConcernsTheConnectionDoesNot() throws Exception {
		MockHttpServletRequest request = request("POST", "/actuator/loggers/x", "worker=1");
		request.addHeader("Authorization", "Basic secret");
		request.addHeader("Connection", "X-Private");
		request.addHeader("X-Private", "no");
		request.addHeader("X-Tomcorn-Remote-Address", "198.51.100.1");
		request.setContent("{}".getBytes(StandardCharsets.UTF_8));
		assertThat(answer(request).getContentAsString())
			.isEqualTo("POST /actuator/loggers/x?worker=1 from 192.0.2.7, credentials Basic secret, body {}");
	}

	/**
	 * The other worker's filters get them too.
	 */
	@Test
	void addressAndHeadersAreForwardedAsTheyWereSentWhateverFiltersHaveMadeOfThem() throws Exception {
		MockHttpServletRequest request = request("POST", "/actuator/loggers/x", "worker=1");
		request.addHeader("X-Forwarded-Prefix", "/.tomcorn/insight?about=THREADS&x=");
		request.addHeader("X-Forwarded-For", "198.51.100.1");
		request.setContent("{}".getBytes(StandardCharsets.UTF_8));
		MockHttpServletResponse response = new MockHttpServletResponse();
		new ForwardedHeaderFilter().doFilter(request, response,
				(forwarded, same) -> this.filter.doFilter(forwarded, same, new MockFilterChain()));
		assertThat(response.getContentAsString())
			.isEqualTo("POST /actuator/loggers/x?worker=1 from 192.0.2.7, credentials null, body {}");
	}

	@Test
	void ownIndexIsAnsweredHere() throws Exception {
		MockHttpServletResponse response = get("/actuator/env", "worker=0");
		assertThat(response.getStatus()).isEqualTo(OWN);
		assertThat(response.getHeader("Tomcorn-Worker")).isEqualTo("0");
		assertThat(get("/actuator/env", null).getStatus()).isEqualTo(OWN);
	}

	@Test
	void otherPathsMayHaveTheParameterForThemselves() throws Exception {
		MockHttpServletResponse response = get("/orders", "worker=1");
		assertThat(response.getStatus()).isEqualTo(OWN);
		assertThat(response.getHeader("Tomcorn-Worker")).isNull();
	}

	@Test
	void requestIsForwardedOnce() throws Exception {
		MockHttpServletRequest request = request("GET", "/actuator/env", "worker=1");
		request.addHeader("X-Tomcorn-Handed-On", "1");
		assertThat(answer(request).getStatus()).isEqualTo(OWN);
	}

	@Test
	void requestTellsTheOtherWorkerOfItsClientsConnectionAndCertificate() throws Exception {
		X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
			.generateCertificate(new ByteArrayInputStream(CERTIFICATE.getBytes(StandardCharsets.US_ASCII)));
		MockHttpServletRequest request = request("GET", "/actuator/connection", "worker=1");
		request.setScheme("https");
		request.setServerName("app.example");
		request.setServerPort(8443);
		request.setRemotePort(4711);
		request.setLocalAddr("192.0.2.1");
		request.setLocalName("one.example");
		request.setLocalPort(443);
		request.setAttribute("jakarta.servlet.request.X509Certificate",
				new X509Certificate[] { certificate, certificate });
		request.setAttribute("jakarta.servlet.request.cipher_suite", "TLS_AES_256_GCM_SHA384");
		request.setAttribute("jakarta.servlet.request.key_size", 256);
		request.setAttribute("jakarta.servlet.request.ssl_session_id", "abc");
		request.setAttribute("jakarta.servlet.request.secure_protocol", "TLSv1.3");
		String told = answer(request).getContentAsString();
		assertThat(told)
			.isEqualTo("https://app.example:8443, secure: true, 192.0.2.7:4711 at 192.0.2.1:443 one.example, "
					+ "[CN=ops, CN=ops], TLS_AES_256_GCM_SHA384, 256, abc, TLSv1.3, headers: []");
	}

	@Test
	void clientCannotSayThatItHasACertificate() throws Exception {
		MockHttpServletRequest request = request("GET", "/actuator/connection", "worker=1");
		request.addHeader("X-Tomcorn-Tls-Certificates", "bm9uZQ==");
		request.addHeader("x-tomcorn-tls-cipher-suite", "any");
		assertThat(answer(request).getContentAsString()).contains(", [], null, null, null, null, headers: []");
	}

	@Test
	void unknownWorkerIsNotFound() throws Exception {
		MockHttpServletResponse response = get("/actuator/env", "worker=5");
		assertThat(response.getStatus()).isEqualTo(404);
		assertThat(response.getContentType()).isEqualTo("application/problem+json");
		assertThat(response.getContentAsString()).contains("There is no worker 5, there are [0, 1]");
	}

	@ParameterizedTest
	@ValueSource(strings = { "worker=", "worker", "worker=x", "worker=-1", "worker=1&worker=0", "worker=99999999999",
			"worker=1%00", "worker=%zz", "wor%6Ber=x" })
	void garbageIsABadRequest(String query) throws Exception {
		assertThat(get("/actuator/env", query).getStatus()).isEqualTo(400);
	}

	@Test
	void bodyBeyondTheLimitIsRefused() throws Exception {
		MockHttpServletRequest request = request("POST", "/actuator/loggers/x", "worker=1");
		request.setContent(new byte[1024 * 1024 + 1]);
		assertThat(answer(request).getStatus()).isEqualTo(413);
	}

	@Test
	void workerThatIsGoneIsATimeoutAndOneThatStartsIsUnavailable() throws Exception {
		this.scoreboard.claim(2, 2, 3, 1).setState(WorkerState.READY);
		assertThat(get("/actuator/env", "worker=2").getStatus()).isEqualTo(504);
		this.scoreboard.slot(2).setState(WorkerState.STARTING);
		assertThat(get("/actuator/env", "worker=2").getStatus()).isEqualTo(503);
	}

	@Test
	void workerThatDrainsOrBeginsLeavesTheAnswerToOneThatServes() throws Exception {
		for (WorkerState state : List.of(WorkerState.DRAINING, WorkerState.STANDBY, WorkerState.STARTING)) {
			this.scoreboard.slot(0).setState(state);
			assertThat(get("/actuator/health", null).getContentAsString()).startsWith("GET /actuator/health from");
			assertThat(get("/actuator/health", "worker=0").getStatus()).isEqualTo(OWN);
		}
	}

	@Test
	void workerThatDrainsAnswersItselfWhenNoOtherDoes() throws Exception {
		this.scoreboard.slot(0).setState(WorkerState.DRAINING);
		this.scoreboard.slot(1).setState(WorkerState.DRAINING);
		assertThat(get("/actuator/health", null).getStatus()).isEqualTo(OWN);
		this.scoreboard.slot(1).setState(WorkerState.VACANT);
		this.scoreboard.claim(2, 2, 3, 1).setState(WorkerState.READY);
		assertThat(get("/actuator/health", null).getStatus()).as("the other cannot be reached").isEqualTo(OWN);
	}

	@Test
	void bigAnswerIsPassedOnAsItIs() throws Exception {
		assertThat(get("/actuator/heapdump", "worker=1").getContentAsByteArray()).hasSize(BIG);
	}

	@Test
	void requestsForwardedThatHangLeaveThreadsToOthers() throws Exception {
		List<Thread> waiting = new ArrayList<>();
		try {
			for (int number = 0; number < RequestForwarder.MAX_FORWARDED; number++) {
				waiting.add(Thread.ofPlatform().daemon().start(() -> {
					try {
						get("/actuator/hang", "worker=1");
					}
					catch (IOException | ServletException ex) {
						// Not what is tested
					}
				}));
			}
			await().until(() -> {
				this.scoreboard.slots().forEach(WorkerSlot::beat);
				return this.hanging.get() == RequestForwarder.MAX_FORWARDED;
			});
			MockHttpServletResponse refused = get("/actuator/env", "worker=1");
			assertThat(refused.getStatus()).isEqualTo(503);
			assertThat(refused.getContentAsString()).contains("8 other forwarded requests");
			this.scoreboard.slot(0).setState(WorkerState.DRAINING);
			assertThat(get("/actuator/health", null).getStatus()).as("health").isEqualTo(OWN);
		}
		finally {
			this.release.countDown();
		}
		for (Thread thread : waiting) {
			thread.join();
		}
		this.scoreboard.slot(0).setState(WorkerState.READY);
		assertThat(get("/actuator/env", "worker=1").getStatus()).isEqualTo(201);
	}

	@Test
	void answerThatBreaksOffDoesNotLookWhole() {
		assertThatIOException().isThrownBy(() -> get("/actuator/broken", "worker=1"));
	}

	private static String connection(HttpServletRequest request) {
		Object certificates = request.getAttribute("jakarta.servlet.request.X509Certificate");
		List<String> names = (certificates instanceof X509Certificate[] chain)
				? Stream.of(chain).map((one) -> one.getSubjectX500Principal().getName()).toList() : List.of();
		return "%s://%s:%d, secure: %s, %s:%d at %s:%d %s, %s, %s, %s, %s, %s, headers: %s".formatted(
				request.getScheme(), request.getServerName(), request.getServerPort(), request.isSecure(),
				request.getRemoteAddr(), request.getRemotePort(), request.getLocalAddr(), request.getLocalPort(),
				request.getLocalName(), names, request.getAttribute("jakarta.servlet.request.cipher_suite"),
				request.getAttribute("jakarta.servlet.request.key_size"),
				request.getAttribute("jakarta.servlet.request.ssl_session_id"),
				request.getAttribute("jakarta.servlet.request.secure_protocol"),
				Collections.list(request.getHeaderNames())
					.stream()
					.filter((name) -> name.startsWith("x-tomcorn-") && !name.equals("x-tomcorn-handed-on"))
					.toList());
	}

	private void hang() {
		this.hanging.incrementAndGet();
		try {
			this.release.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Answers with the request that it got.
	 */
	private final class Other extends HttpServlet {

		private static final long serialVersionUID = 1L;

		@Override
		protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
			if (request.getRequestURI().endsWith("/hang")) {
				hang();
			}
			if (request.getRequestURI().endsWith("/connection")) {
				response.getWriter().print(connection(request));
				return;
			}
			if (request.getRequestURI().endsWith("/broken")) {
				response.setContentLength(100);
				response.getOutputStream().write(1);
				response.flushBuffer();
				throw new IOException("on purpose");
			}
			if (request.getRequestURI().endsWith("/heapdump")) {
				response.getOutputStream().write(new byte[BIG]);
				return;
			}
			response.setStatus(201);
			response.setContentType("text/plain");
			response.addHeader("Connection", "X-Hop");
			response.addHeader("X-Hop", "no");
			response.addHeader("X-Two", "1");
			response.addHeader("X-Two", "2");
			String query = (request.getQueryString() != null) ? "?" + request.getQueryString() : "";
			String leaked = (request.getHeader("X-Private") != null) ? " leaked" : "";
			response.getWriter()
				.print("%s %s%s from %s, credentials %s, body %s%s".formatted(request.getMethod(),
						request.getRequestURI(), query, request.getRemoteAddr(), request.getHeader("Authorization"),
						new String(request.getInputStream().readAllBytes(), StandardCharsets.UTF_8), leaked));
		}

	}

}
