package dev.tomcorn.it;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reloads under load: HUP, a new generation, the old one drained.
 */
class ReloadIT {

	/**
	 * So many that connections are busy and idle in turn, and so few that a boot gets a
	 * CPU.
	 */
	private static final int RATE = 1000;

	/**
	 * A handshake costs as much as many requests.
	 */
	private static final int SMALL_RATE = 250;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@RegisterExtension
	final OutcomeTable table = new OutcomeTable();

	@Test
	void manyReloadsInARowLoseNoRequest() {
		DemoProcess app = this.apps.start(Launch.faults(2, "gevent"));
		app.awaitWarm(2);
		MixedLoad.Clients clients = MixedLoad.to(app.port()).rate(RATE);
		reloadUnder(app, clients, ChaosScale.reloads(), ChaosScale.requests(), "HTTP/1.1");
	}

	@Test
	void reloadsOverTlsLoseNoRequest(@TempDir Path directory) {
		TestTls tls = TestTls.create(directory);
		DemoProcess app = this.apps.start(Launch.faults(2, "gevent").arguments(tls.arguments()));
		awaitGeneration(app, 1);
		MixedLoad.Clients clients = MixedLoad.to(app.port()).tls(tls).newConnections(8).rate(SMALL_RATE);
		reloadUnder(app, clients, ChaosScale.securedReloads(), ChaosScale.securedRequests(), "HTTP/1.1 over TLS");
	}

	@Test
	void reloadsWithHttp2LoseNoRequest(@TempDir Path directory) {
		TestTls tls = TestTls.create(directory);
		DemoProcess app = this.apps
			.start(Launch.faults(2, "gevent").arguments(tls.arguments()).arguments("--server.http2.enabled=true"));
		awaitGeneration(app, 1);
		MixedLoad.Clients clients = MixedLoad.to(app.port()).http2(tls, 4).newConnections(8).rate(SMALL_RATE);
		reloadUnder(app, clients, ChaosScale.securedReloads(), ChaosScale.securedRequests(), "HTTP/2 over TLS");
	}

	private void reloadUnder(DemoProcess app, MixedLoad.Clients clients, int reloads, int requests, String protocol) {
		MixedTally tally;
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(requests / 50);
			for (int generation = 2; generation < 2 + reloads; generation++) {
				app.signal("HUP");
				awaitGeneration(app, generation);
				load.awaitMore(requests / 100);
			}
			tally = load.awaitRequests(requests).stop();
		}
		this.table.add("%d reloads, %s, %s".formatted(reloads, protocol, clients), tally);
		tally.assertAllOk(requests);
	}

	/**
	 * Wait until two workers of a generation and none of another is left, by the log:
	 * with TLS the endpoint is not at hand.
	 */
	private static void awaitGeneration(DemoProcess app, int generation) {
		app.awaitLine(
				"(?s)(?:Worker \\d+ \\(pid \\d+\\) ready in \\S+ s, generation %d\\b.*){2}".formatted(generation));
		if (generation > 1) {
			app.awaitLine("Reload to generation %d succeeded in ".formatted(generation));
		}
	}

}
