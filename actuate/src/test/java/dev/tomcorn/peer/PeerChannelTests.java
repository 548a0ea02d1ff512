package dev.tomcorn.peer;

import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.Trouble;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the peer channel of a worker with age 2, used by the worker with age 1.
 */
@Execution(ExecutionMode.CONCURRENT)
class PeerChannelTests {

	private static final Duration LIMIT = Duration.ofMinutes(1);

	private final CountDownLatch release = new CountDownLatch(1);

	@TempDir
	private Path directory;

	private Scoreboard scoreboard;

	private Peers peers;

	private PeerServer server;

	private Tomcat tomcat;

	@BeforeEach
	void start() throws IOException, LifecycleException {
		this.scoreboard = Scoreboard.create(this.directory.resolve("scoreboard"), 4, 1);
		this.scoreboard.claim(0, 0, 1, 1).setState(WorkerState.READY);
		this.scoreboard.claim(1, 1, 2, 1).setState(WorkerState.READY);
		this.peers = new Peers(this.scoreboard, this.scoreboard.slot(0), this.directory);
		this.server = new PeerServer(this.directory, new Mirror()).open(new PeerChannel(channelOwner(), this.directory,
				new RunDirectoryWatch(), () -> Stream.of(command("echo"), command("fail"), command("hang"))));
		this.tomcat = this.server.tomcat();
	}

	@AfterEach
	void stop() throws LifecycleException {
		this.release.countDown();
		this.server.close();
	}

	private Peers channelOwner() {
		return new Peers(this.scoreboard, this.scoreboard.slot(1), this.directory);
	}

	/**
	 * Sends their heartbeats: no other process does, and a machine may be slow.
	 */
	private List<Peer> others() {
		this.scoreboard.slots().forEach(WorkerSlot::beat);
		return this.peers.others();
	}

	private Peer other() {
		return others().getFirst();
	}

	private Path socket() {
		return this.directory.resolve("peer-2.sock");
	}

	@Test
	void workerServesThoughItsChannelCannotBeOpened() throws IOException, LifecycleException {
		Path tooLong = Files.createDirectory(this.directory.resolve("x".repeat(110)));
		try (PeerServer another = new PeerServer(this.directory, new Mirror())) {
			another.open(new PeerChannel(channelOwner(), tooLong, new RunDirectoryWatch(), Stream::empty));
			Connector connector = another.tomcat().getConnector();
			assertThat(another.tomcat().getService().findConnectors()).containsExactly(connector);
			assertThat(connector.getState().isAvailable()).isTrue();
		}
	}

	@Test
	void commandIsAnswered() {
		assertThat(this.peers.ask(other(), "echo", Map.of("text", "a&b=ü"), LIMIT)).isInstanceOfSatisfying(
				PeerAnswer.Answered.class,
				(answer) -> assertThat(answer.body()).asString(StandardCharsets.UTF_8).isEqualTo("a&b=ü"));
	}

	@Test
	void commandThatFailsOrIsUnknownOrMakesNoSenseSaysSo() {
		assertThat(this.peers.ask(other(), "fail", Map.of(), LIMIT)).isInstanceOfSatisfying(PeerAnswer.Missing.class,
				(answer) -> assertThat(answer.reason()).contains("500").contains("on purpose"));
		assertThat(this.peers.ask(other(), "other", Map.of(), LIMIT)).isInstanceOfSatisfying(PeerAnswer.Missing.class,
				(answer) -> assertThat(answer.reason()).contains("404"));
		assertThat(this.peers.ask(other(), "echo", Map.of(), LIMIT))
			.isEqualTo(new PeerAnswer.Refused(other(), "text is missing"));
	}

	@Test
	void commandsAreAnsweredOnTheChannelOnly() throws IOException {
		HttpURLConnection connection = (HttpURLConnection) URI
			.create("http://127.0.0.1:" + this.tomcat.getConnector().getLocalPort() + "/.tomcorn/echo?text=x")
			.toURL()
			.openConnection();
		connection.setReadTimeout((int) LIMIT.toMillis());
		connection.setRequestProperty("X-Tomcorn-Remote-Address", "192.0.2.7");
		assertThat(new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
			.startsWith("GET http://127.0.0.1")
			.contains("/.tomcorn/echo?text=x from 127.0.0.1");
	}

	@Test
	void requestForwardedForAClientIsNoCommand() throws IOException {
		PeerRequest request = new PeerRequest("GET", "/.tomcorn/echo?text=x",
				List.of(Map.entry("Host", "localhost"), Map.entry("X-Tomcorn-Remote-Address", "192.0.2.7")),
				new byte[0]);
		try (PeerResponse response = this.peers.send(other(), request, LIMIT)) {
			assertThat(new String(response.body().readAllBytes(), StandardCharsets.UTF_8))
				.startsWith("GET http://localhost/.tomcorn/echo?text=x from 192.0.2.7");
		}
	}

	@Test
	void requestForwardedLooksAsItDidToTheWorkerThatGotIt() throws IOException {
		PeerRequest request = new PeerRequest("POST", "/path?q=1",
				List.of(Map.entry("Host", "example.org"), Map.entry("X-Tomcorn-Remote-Address", "192.0.2.7"),
						Map.entry("X-Tomcorn-Scheme", "https"), Map.entry("X-Tomcorn-Server-Name", "shop.test"),
						Map.entry("X-Tomcorn-Server-Port", "8443"), Map.entry("X-Own", "1")),
				"body".getBytes(StandardCharsets.UTF_8));
		try (PeerResponse response = this.peers.send(other(), request, LIMIT)) {
			assertThat(response.status()).isEqualTo(200);
			assertThat(new String(response.body().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(
					"POST https://shop.test:8443/path?q=1 from 192.0.2.7 secure true body body headers Host X-Own Content-Length");
		}
	}

	@Test
	void portThatWasNotToldIsThatOfTheScheme() throws IOException {
		try (PeerResponse response = this.peers.send(other(), PeerRequest.get("/path"), LIMIT)) {
			assertThat(new String(response.body().readAllBytes(), StandardCharsets.UTF_8))
				.startsWith("GET http://localhost/path");
		}
	}

	@Test
	void longAnswerInChunksArrivesWhole() throws IOException {
		try (PeerResponse response = this.peers.send(other(), PeerRequest.get("/long?size=1000000"), LIMIT)) {
			assertThat(response.headers()).contains(Map.entry("Transfer-Encoding", "chunked"));
			assertThat(response.body().readAllBytes()).hasSize(1_000_000).containsOnly('x');
		}
	}

	@Test
	void answerThatBreaksOffIsNotTakenForAWholeOne() throws IOException {
		try (PeerResponse response = this.peers.send(other(), PeerRequest.get("/long?size=100000&fail=true"), LIMIT)) {
			assertThatIOException().isThrownBy(() -> response.body().readAllBytes());
		}
	}

	@Test
	void headerCannotSmuggleAnother() {
		PeerRequest request = new PeerRequest("GET", "/", List.of(Map.entry("X", "1\r\nY: 2")), new byte[0]);
		assertThatIllegalArgumentException().isThrownBy(() -> this.peers.send(other(), request, LIMIT));
	}

	@Test
	void nobodyIsWaitedForLongerThanTheLimit() throws IOException {
		this.scoreboard.claim(2, 2, 3, 1).setState(WorkerState.READY);
		// Takes connections and sends nothing, as a frozen worker
		try (ServerSocketChannel frozen = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			frozen.bind(UnixDomainSocketAddress.of(this.directory.resolve("peer-3.sock")));
			long start = System.nanoTime();
			List<PeerAnswer> answers = new ArrayList<>(
					this.peers.ask(others(), "hang", Map.of(), Duration.ofMillis(300)));
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(250));
			assertThat(answers).hasSize(2)
				.allSatisfy((answer) -> assertThat(answer).isInstanceOfSatisfying(PeerAnswer.Missing.class,
						(missing) -> assertThat(missing.reason()).contains("no answer in time")));
		}
	}

	@Test
	@Timeout(60)
	void workerThatFreezesIsNotWaitedForHoweverLongItsAnswerMayTake() throws IOException {
		this.scoreboard.claim(2, 2, 3, 1).setState(WorkerState.READY);
		try (ServerSocketChannel frozen = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			frozen.bind(UnixDomainSocketAddress.of(this.directory.resolve("peer-3.sock")));
			Peer peer = others().getLast();
			assertThat(peer.age()).isEqualTo(3);
			assertThatIOException()
				.isThrownBy(() -> this.peers.send(peer, PeerRequest.get("/heapdump"), Duration.ofHours(1)))
				.withMessage("it shows no sign of life");
		}
	}

	/**
	 * Its carriers may be held: its channel has threads of its own.
	 */
	@Test
	void silentWorkerThatKnowsWhyIsAsked() throws Exception {
		WorkerSlot slot = this.scoreboard.slot(1);
		slot.setTrouble(Trouble.SCHEDULER_STUCK);
		await().atMost(LIMIT).until(slot::isSilent);
		Peer peer = this.peers.others().getFirst();
		assertThat(peer.silent()).isTrue();
		assertThat(this.peers.ask(peer, "echo", Map.of("text", "hello"), LIMIT))
			.isInstanceOf(PeerAnswer.Answered.class);
		slot.setTrouble(Trouble.NONE);
		Peer mute = this.peers.others().getFirst();
		assertThat(this.peers.ask(mute, "echo", Map.of("text", "hello"), LIMIT)).isInstanceOfSatisfying(
				PeerAnswer.Missing.class,
				(missing) -> assertThat(missing.reason()).isEqualTo("it shows no sign of life"));
		assertThat(this.peers.askAnyway(mute, "echo", Map.of("text", "hello"), LIMIT)).as("it may answer all the same")
			.isInstanceOf(PeerAnswer.Answered.class);
		assertThat(this.peers.askAnyway(mute, "hang", Map.of("text", "hello"), Duration.ofMillis(50)))
			.isInstanceOfSatisfying(PeerAnswer.Missing.class, (missing) -> assertThat(missing.reason())
				.isEqualTo("it shows no sign of life (no answer in time)"));
	}

	@Test
	@Timeout(60)
	void workerThatFreezesIsNotSentALongBodyForEver() throws IOException {
		this.scoreboard.claim(2, 2, 3, 1).setState(WorkerState.READY);
		try (ServerSocketChannel frozen = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			frozen.bind(UnixDomainSocketAddress.of(this.directory.resolve("peer-3.sock")));
			PeerRequest request = new PeerRequest("POST", "/", List.of(), new byte[8 * 1024 * 1024]);
			assertThatIOException().isThrownBy(() -> this.peers.send(others().getLast(), request, Duration.ofHours(1)))
				.withMessage("it shows no sign of life");
		}
	}

	@Test
	void workerThatLoadsTheApplicationIsNotSilentAndOneThatHasIs() {
		WorkerSlot slot = this.scoreboard.claim(2, 2, 3, 1);
		slot.setState(WorkerState.READY);
		await().until(() -> this.peers.all().getLast().silent());
		slot.setState(WorkerState.STARTING);
		assertThat(this.peers.all().getLast().silent()).isFalse();
	}

	@Test
	void requestsThatHangLeaveThreadsToCommands() throws InterruptedException {
		int more = 2 * PeerConnector.MAX_FORWARDED;
		CountDownLatch refused = new CountDownLatch(more - PeerConnector.MAX_FORWARDED);
		for (int i = 0; i < more; i++) {
			Thread.ofPlatform().daemon().start(() -> {
				try (PeerResponse response = this.peers.send(other(), PeerRequest.get("/hang"), LIMIT)) {
					if (response.status() == 503) {
						refused.countDown();
					}
				}
				catch (IOException ex) {
					// It hangs
				}
			});
		}
		assertThat(refused.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		assertThat(this.peers.ask(other(), "echo", Map.of("text", "x"), LIMIT)).isInstanceOf(PeerAnswer.Answered.class);
	}

	@Test
	void workerWithoutSocketIsMissing() {
		this.scoreboard.claim(2, 2, 3, 1).setState(WorkerState.READY);
		assertThat(this.peers.ask(others(), "echo", Map.of("text", "x"), LIMIT))
			.hasExactlyElementsOfTypes(PeerAnswer.Answered.class, PeerAnswer.Missing.class);
	}

	@Test
	void socketIsTheOwnersAloneAndGoesWithTheServer() throws IOException, LifecycleException {
		assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket()))).isEqualTo("rw-------");
		this.tomcat.stop();
		assertThat(socket()).doesNotExist();
	}

	@Test
	void socketsOfWorkersThatWereKilledAreRemoved() throws IOException {
		Path left = Files.createFile(this.directory.resolve("peer-7.sock"));
		new PeerChannel(channelOwner(), this.directory, new RunDirectoryWatch(), Stream::empty).open(this.tomcat);
		assertThat(left).doesNotExist();
		assertThat(socket()).exists();
	}

	@Test
	void channelIsOpenedOnceAndAgainAfterARestart() throws LifecycleException {
		PeerChannel channel = new PeerChannel(channelOwner(), this.directory, new RunDirectoryWatch(), Stream::empty);
		channel.open(this.tomcat);
		assertThat(this.tomcat.getService().findConnectors()).hasSize(2);
		this.tomcat.stop();
		this.tomcat.start();
		channel.open(this.tomcat);
		assertThat(this.tomcat.getService().findConnectors()).hasSize(2);
		assertThat(this.peers.ask(other(), "echo", Map.of("text", "x"), LIMIT)).isInstanceOf(PeerAnswer.Answered.class);
	}

	@Test
	void workerIsFoundByItsPlaceAndTheOneThatServesCounts() {
		this.scoreboard.claim(2, 1, 3, 2).setState(WorkerState.STARTING);
		assertThat(this.peers.at(1)).hasValueSatisfying((peer) -> assertThat(peer.age()).isEqualTo(2));
		this.scoreboard.slot(2).setState(WorkerState.READY);
		this.scoreboard.slot(1).setState(WorkerState.DRAINING);
		assertThat(this.peers.at(1)).hasValueSatisfying((peer) -> assertThat(peer.age()).isEqualTo(3));
		assertThat(this.peers.at(7)).isEmpty();
	}

	private PeerCommand command(String name) {
		return new PeerCommand() {

			@Override
			public String name() {
				return name;
			}

			@Override
			public byte[] answer(Map<String, String> parameters) throws Exception {
				if (name.equals("fail")) {
					throw new IllegalStateException("on purpose");
				}
				if (name.equals("hang")) {
					PeerChannelTests.this.release.await();
				}
				String text = parameters.get("text");
				if (text == null) {
					throw new IllegalArgumentException("text is missing");
				}
				return text.getBytes(StandardCharsets.UTF_8);
			}

		};
	}

	/**
	 * Answers with the request that it got.
	 */
	private final class Mirror extends HttpServlet {

		@Override
		protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
			OutputStream stream = response.getOutputStream();
			if (request.getRequestURI().equals("/hang")) {
				try {
					PeerChannelTests.this.release.await();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			}
			if (request.getRequestURI().equals("/long")) {
				stream.write("x".repeat(Integer.parseInt(request.getParameter("size"))).getBytes());
				stream.flush();
				if (request.getParameter("fail") != null) {
					throw new IOException("on purpose");
				}
				return;
			}
			String query = (request.getQueryString() != null) ? "?" + request.getQueryString() : "";
			stream.write("%s %s%s from %s secure %s body %s headers %s"
				.formatted(request.getMethod(), request.getRequestURL(), query, request.getRemoteAddr(),
						request.isSecure(), new String(request.getInputStream().readAllBytes(), StandardCharsets.UTF_8),
						String.join(" ", Collections.list(request.getHeaderNames())))
				.getBytes(StandardCharsets.UTF_8));
		}

	}

}
