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

	@Test
	void tlsHttp2CompressionContextPathAddressAndAccessLogWork(@TempDir Path directory) throws Exception {
		TestTls tls = TestTls.create(directory);
		DemoProcess app = this.apps.start(Launch.workers(2, "gevent")
			.arguments(tls.arguments())
			.arguments("--server.http2.enabled=true", "--server.compression.enabled=true",
					"--server.compression.min-response-size=10", "--server.servlet.context-path=/shop",
					"--server.address=127.0.0.1", "--server.tomcat.accesslog.enabled=true",
					"--server.tomcat.basedir=" + directory.resolve("tomcat")));
		app.awaitLine("Worker 1 \\(pid \\d+\\) ready");
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
		assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> {
			try (Socket socket = new Socket()) {
				socket.connect(new InetSocketAddress("127.0.0.2", app.port()), (int) DemoProcess.PATIENCE.toMillis());
			}
		});
		// Tomcat writes it every ten seconds
		await("access log").atMost(DemoProcess.PATIENCE).until(() -> accessLog(directory).size() >= 2);
		assertThat(accessLog(directory)).allMatch((line) -> line.contains("/shop/whoami"));
		assertThat(app.output()).doesNotContain("has no effect");
	}

	@Test
	void workersShareTheHeapOfOneJvmUnlessASizeIsSet() {
		DemoProcess shared = this.apps.start(Launch.workers(2, "sync").jvmOptions("-XX:MaxRAM=2g"));
		long share = Long.parseLong(shared.awaitLine("Each worker gets a heap of (\\d+) MB").group(1));
		List<String> first = Processes.commandLine(shared.awaitWhole(2).worker(0).pid());
		Figures.print("a quarter of 2 GB shared by 2 workers: %d MB each", share);
		assertThat(share).isBetween(220L, 256L);
		assertThat(first).contains("-Xmx" + share + "m");

		DemoProcess own = this.apps.start(Launch.workers(2, "sync").jvmOptions("-Xmx100m"));
		List<String> second = Processes.commandLine(own.awaitWhole(2).worker(0).pid());
		assertThat(second.stream().filter((option) -> option.startsWith("-Xmx"))).containsExactly("-Xmx100m");
	}

	@Test
	void optionsThatTwoJvmsCannotShareAreLeftOutOrToldApart(@TempDir Path directory) {
		DemoProcess app = this.apps.start(Launch.workers(2, "sync")
			.jvmOptions("-Xlog:gc:file=" + directory.resolve("gc-{worker}.log"),
					"-Xlog:safepoint:file=" + directory.resolve("safepoint.log"),
					"-Dcom.sun.management.jmxremote.rmi.port=0"));
		app.awaitWhole(2);
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
