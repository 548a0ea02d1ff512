package dev.tomcorn.it;

import java.io.IOException;
import java.net.ConnectException;
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
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Boot's own settings, in worker processes.
 */
class ServerSettingsIT {

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	/**
	 * One fleet has them all: what each does shows by itself.
	 */
	@Test
	void settingsOfTheServerAndOfTheJvmReachTheWorkers(@TempDir Path directory) throws Exception {
		TestTls tls = TestTls.create(directory);
		DemoProcess app = this.apps.start(Launch.workers(2, "gevent")
			.jvmOptions("-XX:MaxRAM=2g", "-Xlog:gc:file=" + directory.resolve("gc-{worker}.log"),
					"-Xlog:safepoint:file=" + directory.resolve("safepoint.log"),
					"-Dcom.sun.management.jmxremote.rmi.port=0")
			.arguments(tls.arguments())
			.arguments(Stream.of(tls.arguments())
				.map((argument) -> argument.replace("--server.ssl", "--management.server.ssl"))
				.toArray(String[]::new))
			.arguments("--management.server.port=0", "--server.http2.enabled=true", "--server.compression.enabled=true",
					"--server.compression.min-response-size=10", "--server.servlet.context-path=/shop",
					"--server.address=127.0.0.1", "--server.tomcat.accesslog.enabled=true",
					"--server.tomcat.basedir=" + directory.resolve("tomcat")));
		List<Long> workers = IntStream.range(0, 2)
			.mapToObj((index) -> app.awaitLine("Worker %d \\(pid (\\d+)\\) ready".formatted(index)).group(1))
			.map(Long::valueOf)
			.toList();
		assertThatTlsHttp2CompressionAndContextPathWork(app, tls);
		assertThatTheManagementPortSpeaksTls(app, tls);
		assertThatOnlyTheAddressIsListenedOn(app);
		assertThatTheHeapOfOneJvmIsShared(app, workers);
		assertThatOptionsWhichTwoJvmsCannotShareAreLeftOutOrToldApart(app, directory);
		// What Tomcat has not written yet it writes when it ends
		app.signal("TERM");
		assertThat(app.awaitExit()).isZero();
		assertThat(accessLog(directory)).hasSize(2).allMatch((line) -> line.contains("/shop/whoami"));
		assertThat(app.output()).doesNotContain("has no effect");
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

	private static void assertThatTheHeapOfOneJvmIsShared(DemoProcess app, List<Long> workers) {
		long share = Long.parseLong(app.awaitLine("Each worker gets a heap of (\\d+) MB").group(1));
		Figures.print("a quarter of 2 GB shared by 2 workers: %d MB each", share);
		assertThat(share).isBetween(220L, 256L);
		assertThat(workers).allSatisfy((pid) -> assertThat(Processes.commandLine(pid)).contains("-Xmx" + share + "m"));
	}

	private static void assertThatOptionsWhichTwoJvmsCannotShareAreLeftOutOrToldApart(DemoProcess app, Path directory) {
		app.awaitLine("Not passed to the workers.*" + Pattern.quote("jmxremote.rmi.port"));
		for (String name : List.of("gc-0.log", "gc-1.log", "safepoint.log", "safepoint-0.log", "safepoint-1.log")) {
			await(name).atMost(DemoProcess.PATIENCE)
				.untilAsserted(() -> assertThat(directory.resolve(name)).isNotEmptyFile());
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
