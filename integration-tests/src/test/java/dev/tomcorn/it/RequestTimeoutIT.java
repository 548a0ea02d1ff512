package dev.tomcorn.it;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Requests that take too long, and what becomes of those beside them.
 */
class RequestTimeoutIT {

	private static final int NEIGHBOURS = 200;

	/**
	 * For what heeds its interrupt, as soon as it has a CPU.
	 */
	private static final Duration AMPLE = Duration.ofSeconds(20);

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	private DemoProcess start(String workerClass, Duration grace) {
		DemoProcess app = this.apps.start(Launch.faults(1, workerClass)
			.arguments("--tomcorn.arbiter.enabled=true", "--tomcorn.request-timeout=20s",
					"--tomcorn.request-timeout-overrides[0].path=/stuck/**",
					"--tomcorn.request-timeout-overrides[0].timeout=1s",
					"--tomcorn.request-timeout-overrides[1].path=/stuck-async",
					"--tomcorn.request-timeout-overrides[1].timeout=1s",
					"--tomcorn.request-timeout-grace=" + grace.toSeconds() + "s"));
		app.awaitWarm(1);
		return app;
	}

	private static void assertAnswered503(Exchange exchange) {
		assertThat(exchange.detail()).isEqualTo("503 The request took longer than it may\n");
	}

	private static void assertLogged(DemoProcess app) {
		app.awaitLine(
				"WARN .*Request GET /stuck of worker 0 has run for [1-5]\\.\\d s, longer than its limit of 1\\.0 s: "
						+ "interrupting \\S+");
		app.awaitLine("at dev\\.tomcorn\\.fault\\.StuckController\\.stuck\\(StuckController\\.java");
	}

	@Test
	void stuckRequestAmong200HealthyOnesIsInterruptedAlone() {
		DemoProcess app = start("gevent", AMPLE);
		List<CompletableFuture<Exchange>> healthy = IntStream.range(0, NEIGHBOURS)
			.mapToObj((i) -> app.load().send("/io?ms=8000"))
			.toList();
		Exchange stuck = app.load().send("/stuck?ms=60000").join();
		assertThat(healthy).as("healthy requests that were in flight with it")
			.anyMatch((exchange) -> !exchange.isDone());
		Tally tally = new Tally(healthy.stream().map(CompletableFuture::join).toList())
			.print("1 stuck request, answered after %d ms, beside:".formatted(stuck.took().toMillis()));
		tally.assertAllOk(NEIGHBOURS);
		assertThat(tally.byPid()).hasSize(1);
		assertAnswered503(stuck);
		assertLogged(app);
		assertThat(app.lines("interrupting ")).hasSize(1);
		assertThat(app.lines("ignores its interrupt")).isEmpty();
		assertAnswered503(app.load().send("/stuck-async").join());
		app.awaitLine("Request GET /stuck-async of worker 0 has taken");
		assertThat(app.lines("Request GET /stuck-async of worker 0 has taken")).hasSize(1);
	}

	@Test
	void stuckRequestOnAThreadOfAPoolIsInterruptedAlone() {
		DemoProcess app = start("gthread", AMPLE);
		List<CompletableFuture<Exchange>> healthy = IntStream.range(0, 50)
			.mapToObj((i) -> app.load().send("/io?ms=3000"))
			.toList();
		assertAnswered503(app.load().send("/stuck").join());
		new Tally(healthy.stream().map(CompletableFuture::join).toList()).print("beside a stuck request, gthread")
			.assertAllOk(50);
		assertLogged(app);
		assertThat(app.lines("interrupting ")).hasSize(1);
	}

	@Test
	void syncWorkerServesAgainAfterAStuckRequest() {
		DemoProcess app = start("sync", AMPLE);
		CompletableFuture<Exchange> stuck = app.load().send("/stuck");
		CompletableFuture<Exchange> behind = app.load().send("/io?ms=10");
		assertAnswered503(stuck.join());
		assertThat(behind.join().ok()).isTrue();
		assertLogged(app);
		new Tally(List.of(app.load().send("/whoami").join())).print("after a stuck request, sync").assertAllOk(1);
	}

	@Test
	void requestThatIgnoresItsInterruptHasItsWorkerReplacedWhileItsNeighboursFinish() {
		DemoProcess app = start("gevent", Duration.ofSeconds(2));
		CompletableFuture<Exchange> stuck = app.load().send("/stuck?ms=8000&ignoreInterrupts=true");
		List<CompletableFuture<Exchange>> healthy = IntStream.range(0, 50)
			.mapToObj((i) -> app.load().send("/io?ms=6000"))
			.toList();
		app.awaitLine("Request GET /stuck of worker 0 has run for [3-9]\\.\\d s and ignores its interrupt: "
				+ "asking for another worker");
		new Tally(healthy.stream().map(CompletableFuture::join).toList())
			.print("beside a request that ignores its interrupt")
			.assertAllOk(50);
		assertAnswered503(stuck.join());
	}

}
