package dev.tomcorn.it;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.tomcorn.core.scoreboard.WorkerSlot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Settings of Boot and of the JVM, in a worker process.
 */
class ServerSettingsIT {

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	/**
	 * One fleet has all of them, because each effect can be seen separately.
	 */
	@Test
	void settingsOfTheServerTheLogAndTheJvmReachTheWorkers(@TempDir Path directory) throws Exception {
		TestTls tls = TestTls.create(directory);
		Path recordings = Files.createDirectory(directory.resolve("recordings"));
		Path runDirectory = Files.createDirectory(directory.resolve("run"));
		DemoProcess app = this.apps.start(Launch.faults(1, "gevent")
			.jvmOptions("-XX:MaxRAM=2g", "-Xlog:gc:file=" + directory.resolve("gc-{worker}.log"),
					"-Xlog:safepoint:file=" + directory.resolve("safepoint.log"),
					"-Dcom.sun.management.jmxremote.rmi.port=0",
					"-XX:StartFlightRecording:filename=" + recordings.resolve("rec.jfr"))
			.arguments(tls.arguments())
			.arguments(Stream.of(tls.arguments())
				.map((argument) -> argument.replace("--server.ssl", "--management.server.ssl"))
				.toArray(String[]::new))
			.arguments("--tomcorn.arbiter.enabled=true", "--management.server.port=0", "--tomcorn.graceful-timeout=2s",
					"--tomcorn.run-directory=" + runDirectory, "--server.http2.enabled=true",
					"--server.compression.enabled=true", "--server.compression.min-response-size=10",
					"--server.servlet.context-path=/shop", "--server.address=127.0.0.1",
					"--server.tomcat.accesslog.enabled=true", "--server.tomcat.basedir=" + directory.resolve("tomcat"),
					"--logging.structured.format.console=ecs"));
		long worker = Long.parseLong(app.awaitLine("Worker 0 \\(pid (\\d+)\\) ready").group(1));
		assertThatTlsHttp2CompressionAndContextPathWork(app, tls);
		assertThatTheManagementPortSpeaksTls(app, tls);
		assertThatOnlyTheAddressIsListenedOn(app);
		assertThatTheWorkerHasItsShareOfTheHeap(app, worker);
		assertThatOptionsWhichTwoJvmsCannotShareAreLeftOutOrToldApart(app, directory);
		// Tomcat writes the rest when it ends
		requestsThatAreNotDoneInTimeAreAnsweredWhereThatIsPossible(app, tls,
				FleetBoard.in(runDirectory).slotOf(worker));
		assertThat(app.awaitExit()).isZero();
		assertThat(accessLog(directory)).filteredOn((line) -> line.contains("/shop/whoami")).hasSize(2);
		assertThat(app.output()).doesNotContain("has no effect");
		assertThatStructuredLinesHaveTheWorkerAsAField(app);
		assertThatEachJvmHasItsRecording(app, recordings);
	}

	private static void assertThatTlsHttp2CompressionAndContextPathWork(DemoProcess app, TestTls tls) throws Exception {
		try (HttpClient client = HttpClient.newBuilder().sslContext(tls.context()).build()) {
			HttpResponse<String> http2 = get(client, app, HttpClient.Version.HTTP_2);
			HttpResponse<String> http1 = get(client, app, HttpClient.Version.HTTP_1_1);
			Figures.print("TLS on 127.0.0.1 with context path: %s %d, %s %d with Content-Encoding %s", http2.version(),
					http2.statusCode(), http1.version(), http1.statusCode(),
					http1.headers().allValues("content-encoding"));
			assertThat(http2.version()).isEqualTo(HttpClient.Version.HTTP_2);
			assertThat(http2.statusCode()).isEqualTo(200);
			assertThat(http1.statusCode()).isEqualTo(200);
			assertThat(http1.headers().allValues("content-encoding")).containsExactly("gzip");
		}
	}

	private static void assertThatTheManagementPortSpeaksTls(DemoProcess app, TestTls tls) throws Exception {
		URI health = URI.create("https://127.0.0.1:%d/actuator/health".formatted(ManagementClient.of(app).port()));
		try (HttpClient client = HttpClient.newBuilder().sslContext(tls.context()).build()) {
			assertThat(client
				.send(HttpRequest.newBuilder(health).timeout(DemoProcess.PATIENCE).build(),
						HttpResponse.BodyHandlers.ofString())
				.statusCode()).isEqualTo(200);
		}
	}

	private static void assertThatOnlyTheAddressIsListenedOn(DemoProcess app) {
		assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> {
			try (Socket socket = new Socket()) {
				socket.connect(new InetSocketAddress("127.0.0.2", app.port()), (int) DemoProcess.PATIENCE.toMillis());
			}
		});
	}

	private static void assertThatTheWorkerHasItsShareOfTheHeap(DemoProcess app, long worker) {
		long share = Long.parseLong(app.awaitLine("Each worker gets a heap of (\\d+) MB").group(1));
		Figures.print("a quarter of 2 GB for the only worker: %d MB", share);
		assertThat(share).isBetween(440L, 512L);
		assertThat(Processes.commandLine(worker)).contains("-Xmx" + share + "m");
	}

	private static void assertThatOptionsWhichTwoJvmsCannotShareAreLeftOutOrToldApart(DemoProcess app, Path directory) {
		app.awaitLine("Not passed to the workers.*" + Pattern.quote("jmxremote.rmi.port"));
		for (String name : List.of("gc-0.log", "safepoint.log", "safepoint-0.log")) {
			await(name).atMost(DemoProcess.PATIENCE)
				.untilAsserted(() -> assertThat(directory.resolve(name)).isNotEmptyFile());
		}
	}

	private static void requestsThatAreNotDoneInTimeAreAnsweredWhereThatIsPossible(DemoProcess app, TestTls tls,
			WorkerSlot slot) throws IOException {
		await("the end of other requests").atMost(DemoProcess.PATIENCE).until(() -> slot.activeRequests() == 0);
		LateRequests late = new LateRequests(connect(app, tls), connect(app, tls), connect(app, tls)).send("/shop");
		await("requests in flight").atMost(DemoProcess.PATIENCE)
			.until(() -> slot.activeRequests() == LateRequests.COUNT);
		app.signal("TERM");
		late.assertAnsweredWhereThatIsPossible();
		assertThat(app.output()).doesNotContain("OutOfMemoryError");
	}

	private static HttpConnection connect(DemoProcess app, TestTls tls) throws IOException {
		Socket socket = tls.context().getSocketFactory().createSocket(InetAddress.ofLiteral("127.0.0.1"), app.port());
		socket.setSoTimeout((int) DemoProcess.PATIENCE.toMillis());
		return new HttpConnection(socket);
	}

	private static void assertThatStructuredLinesHaveTheWorkerAsAField(DemoProcess app) {
		assertThat(app.lines("\"@timestamp\"")).hasSizeGreaterThan(10)
			.allMatch((line) -> line.matches(".*\"worker\":\"(arbiter|0)\".*"))
			.anyMatch((line) -> line.contains("\"worker\":\"0\""));
	}

	/**
	 * A recording stops threads by the signal that otherwise replaces the arbiter.
	 */
	private static void assertThatEachJvmHasItsRecording(DemoProcess app, Path recordings) throws IOException {
		assertThat(app.lines("uses [USR2] itself")).hasSize(1);
		assertThat(app.lines("eplacing the arbiter")).isEmpty();
		try (Stream<Path> files = Files.list(recordings)) {
			assertThat(files).extracting((file) -> file.getFileName().toString())
				.containsExactlyInAnyOrder("rec.jfr", "rec-0.jfr");
		}
	}

	private static HttpResponse<String> get(HttpClient client, DemoProcess app, HttpClient.Version version)
			throws IOException, InterruptedException {
		HttpRequest request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + app.port() + "/shop/whoami"))
			.version(version)
			.timeout(DemoProcess.PATIENCE)
			.header("Accept-Encoding", (version == HttpClient.Version.HTTP_2) ? "identity" : "gzip")
			.build();
		return client.send(request, HttpResponse.BodyHandlers.ofString());
	}

	private static List<String> accessLog(Path directory) throws IOException {
		try (Stream<Path> files = Files.list(directory.resolve("tomcat/logs"))) {
			List<String> lines = new ArrayList<>();
			for (Path file : files.toList()) {
				lines.addAll(Files.readAllLines(file));
			}
			return lines;
		}
	}

}
