package dev.tomcorn.it;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Reloads under load over TLS, with HTTP/1.1 and HTTP/2: HUP, a new generation, the old
 * one drained. {@link FleetUnderLoadIT} has those without TLS. In a build the fleet of
 * {@link DrainIT} is reloaded.
 */
@EnabledIfSystemProperty(named = "chaos.full", matches = "true", disabledReason = "Is for -Dtests.chaos.full=true")
class ReloadIT {

	private static final int WORKERS = ChaosScale.workers();

	/**
	 * Clients that share a connection of HTTP/2.
	 */
	private static final int STREAMS = 4;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@RegisterExtension
	final OutcomeTable table = new OutcomeTable();

	@Test
	void reloadsOverTlsLoseNoRequestOfHttp1AndHttp2(@TempDir Path directory) {
		TestTls tls = TestTls.create(directory);
		DemoProcess app = this.apps.start(Launch.faults(WORKERS, "gevent")
			.arguments(tls.arguments())
			.arguments("--tomcorn.arbiter.enabled=true", "--server.http2.enabled=true"));
		awaitWorkers(app, WORKERS, 1);
		reloadsLoseNoRequest(app, WORKERS, tls, this.table);
	}

	/**
	 * Reload a fleet of the first generation.
	 */
	static void reloadsLoseNoRequest(DemoProcess app, int workers, TestTls tls, OutcomeTable table) {
		int reloads = ChaosScale.securedReloads();
		int requests = ChaosScale.securedRequests();
		MixedLoad.Clients http1Clients = ChaosScale.securedLoad(app.port()).tls(tls);
		MixedLoad.Clients http2Clients = ChaosScale.securedLoad(app.port()).http2(tls, STREAMS);
		MixedTally http1Tally;
		MixedTally http2Tally;
		try (UsualClients usualHttp1 = new UsualClients(app.port(), tls, HttpClient.Version.HTTP_1_1);
				UsualClients usualHttp2 = new UsualClients(app.port(), tls, HttpClient.Version.HTTP_2);
				MixedLoad http1 = http1Clients.start();
				MixedLoad http2 = http2Clients.start()) {
			http1.awaitRequests(ChaosScale.some());
			http2.awaitRequests(ChaosScale.some());
			usualHttp1.awaitAnswers(10);
			usualHttp2.awaitAnswers(10);
			for (int generation = 2; generation < 2 + reloads; generation++) {
				app.signal("HUP");
				awaitWorkers(app, workers, generation);
				app.awaitLine("Reload to generation %d succeeded in ".formatted(generation));
				http1.awaitMore(requests / 20);
				http2.awaitMore(requests / 20);
			}
			http1Tally = http1.awaitRequests(requests).stop();
			http2Tally = http2.awaitRequests(requests).stop();
			usualHttp1.stop();
			usualHttp2.stop();
			Figures.print("clients of the JDK meanwhile: %s, %s", usualHttp1, usualHttp2);
			assertThat(usualHttp1.failed).isEmpty();
			assertThat(usualHttp2.failed).isEmpty();
		}
		table.add("%d reloads, HTTP/1.1 over TLS, %s".formatted(reloads, http1Clients), http1Tally);
		table.add("%d reloads, HTTP/2 over TLS, %s".formatted(reloads, http2Clients), http2Tally);
		http1Tally.assertAllOk(requests);
		http2Tally.assertAllOk(requests);
	}

	/**
	 * Wait for all workers of a generation, by the log: with TLS the test cannot use the
	 * endpoint.
	 */
	private static void awaitWorkers(DemoProcess app, int workers, int generation) {
		app.awaitLine("(?s)(?:Worker \\d+ \\(pid \\d+\\) ready in \\S+ s, generation %d\\b.*){%d}".formatted(generation,
				workers));
	}

	/**
	 * Clients like those of applications, which manage their connections themselves.
	 */
	private static final class UsualClients implements AutoCloseable {

		private static final int CLIENTS = 4;

		private final AtomicInteger answered = new AtomicInteger();

		private final List<String> failed = new CopyOnWriteArrayList<>();

		private final HttpClient client;

		private final HttpRequest request;

		private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

		private volatile boolean stopped;

		UsualClients(int port, TestTls tls, HttpClient.Version version) {
			this.client = HttpClient.newBuilder().sslContext(tls.context()).version(version).build();
			this.request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:%d/io?ms=500".formatted(port)))
				.timeout(DemoProcess.PATIENCE)
				.build();
			for (int i = 0; i < CLIENTS; i++) {
				this.executor.execute(this::run);
			}
		}

		private void run() {
			while (!this.stopped && this.failed.size() < 100) {
				try {
					HttpResponse<String> response = this.client.send(this.request,
							HttpResponse.BodyHandlers.ofString());
					assertThat(response.statusCode()).isEqualTo(200);
					assertThat(response.version()).isEqualTo(this.client.version());
					this.answered.incrementAndGet();
				}
				catch (IOException | InterruptedException | AssertionError ex) {
					this.failed.add(ex.toString());
				}
			}
		}

		void awaitAnswers(int number) {
			await("answers").atMost(DemoProcess.PATIENCE)
				.until(() -> this.answered.get() >= number || !this.failed.isEmpty());
		}

		void stop() {
			this.stopped = true;
			this.executor.close();
		}

		@Override
		public void close() {
			stop();
			this.client.close();
		}

		@Override
		public String toString() {
			return "%s: %d requests answered, failed %s".formatted(this.client.version(), this.answered.get(),
					this.failed);
		}

	}

}
