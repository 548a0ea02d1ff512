package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Requests that take too long, and what becomes of those beside them and of their worker.
 */
class RequestTimeoutIT {

	private static final int NEIGHBOURS = 100;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@TempDir
	private Path files;

	/**
	 * The limit of requests and the time to drain are longer than neighbours are held,
	 * the grace is ample for what heeds its interrupt as soon as it has a CPU.
	 */
	@Test
	void stuckRequestIsInterruptedAloneAndOneThatIgnoresItHasItsWorkerReplaced() throws IOException {
		DemoProcess app = this.apps.start(Launch.faults(1, "gevent")
			.arguments("--tomcorn.arbiter.enabled=true", "--tomcorn.request-timeout=10m",
					"--tomcorn.graceful-timeout=10m", "--tomcorn.request-timeout-overrides[0].path=/stuck/**",
					"--tomcorn.request-timeout-overrides[0].timeout=1s",
					"--tomcorn.request-timeout-overrides[1].path=/stuck-async",
					"--tomcorn.request-timeout-overrides[1].timeout=1s", "--tomcorn.request-timeout-grace=10s"));
		app.awaitWhole(1);
		List<CompletableFuture<Exchange>> neighbours = hold(app, "first");
		stuckRequestIsInterruptedAlone(app);
		asynchronousOneIsAnsweredAsWell(app);
		assertThat(neighbours).as("healthy requests that were in flight all the time")
			.noneMatch(CompletableFuture::isDone);
		assertReleased(neighbours, "first");
		requestThatIgnoresItsInterruptHasItsWorkerReplaced(app);
	}

	private List<CompletableFuture<Exchange>> hold(DemoProcess app, String release) {
		List<CompletableFuture<Exchange>> held = IntStream.range(0, NEIGHBOURS)
			.mapToObj((i) -> new LoadGenerator(app.port(), DemoProcess.PATIENCE)
				.send("/held?until=" + this.files.resolve(release)))
			.toList();
		app.awaitFleet((fleet) -> fleet.worker(0).activeRequests() > NEIGHBOURS);
		return held;
	}

	private void assertReleased(List<CompletableFuture<Exchange>> held, String release) throws IOException {
		Files.createFile(this.files.resolve(release));
		Tally tally = new Tally(held.stream().map(CompletableFuture::join).toList()).print("beside a stuck request");
		tally.assertAllOk(NEIGHBOURS);
		assertThat(tally.byPid()).hasSize(1);
	}

	private static void stuckRequestIsInterruptedAlone(DemoProcess app) {
		Exchange stuck = app.load().send("/stuck").join();
		assertAnswered503(stuck);
		app.awaitLine(
				"WARN .*Request GET /stuck of worker 0 has run for \\d+\\.\\d s, longer than its limit of 1\\.0 s: "
						+ "interrupting \\S+");
		app.awaitLine("at dev\\.tomcorn\\.fault\\.StuckController\\.stuck\\(StuckController\\.java");
		assertThat(app.lines("interrupting ")).hasSize(1);
		assertThat(app.lines("ignores its interrupt")).isEmpty();
	}

	private static void assertAnswered503(Exchange exchange) {
		assertThat(exchange.detail()).isEqualTo("503 The request took longer than it may\n");
	}

	private static void asynchronousOneIsAnsweredAsWell(DemoProcess app) {
		assertAnswered503(app.load().send("/stuck-async").join());
		app.awaitLine("Request GET /stuck-async of worker 0 has taken");
		assertThat(app.lines("Request GET /stuck-async of worker 0 has taken")).hasSize(1);
	}

	private void requestThatIgnoresItsInterruptHasItsWorkerReplaced(DemoProcess app) throws IOException {
		long pid = app.fleet().worker(0).pid();
		List<CompletableFuture<Exchange>> neighbours = hold(app, "second");
		CompletableFuture<Exchange> stuck = new LoadGenerator(app.port(), DemoProcess.PATIENCE)
			.send("/stuck?ignoreInterrupts=true&until=" + this.files.resolve("second"));
		app.awaitLine("Request GET /stuck of worker 0 has run for \\d+\\.\\d s and ignores its interrupt: "
				+ "asking for another worker");
		app.awaitFleet((fleet) -> fleet.workers().stream().anyMatch((worker) -> worker.ready() && worker.pid() != pid));
		assertThat(neighbours).as("healthy requests that the old worker still runs")
			.noneMatch(CompletableFuture::isDone);
		assertReleased(neighbours, "second");
		assertAnswered503(stuck.join());
		app.awaitLine("\\(pid %d\\) stopped".formatted(pid));
	}

}
