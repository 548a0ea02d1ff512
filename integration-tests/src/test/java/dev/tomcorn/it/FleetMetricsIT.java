package dev.tomcorn.it;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The meters of all workers in one scrape, whoever dies meanwhile.
 */
class FleetMetricsIT {

	private static final String PATH = "/io";

	private static final String COUNT = "http_server_requests_seconds_count";

	private static final String BUCKET = "http_server_requests_seconds_bucket";

	/**
	 * Scrapes that a worker which is well may miss while another one is frozen.
	 */
	private static final int MOST_MISSED = 2;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	private DemoProcess start(int workers, Path directory) {
		DemoProcess app = this.apps.start(Launch.workers(workers, "gevent")
			.arguments("--tomcorn.run-directory=" + directory,
					"--management.metrics.distribution.slo.http.server.requests=1ms,10ms,1s"));
		app.awaitWarm(workers);
		return app;
	}

	private static double counted(Scrape scrape) {
		return scrape.sum(COUNT, "uri=\"%s\"".formatted(PATH));
	}

	private static double distributed(Scrape scrape) {
		return scrape.sum(BUCKET, "uri=\"%s\"".formatted(PATH), "le=\"+Inf\"");
	}

	private static double handled(Scrape scrape) {
		return scrape.sum("tomcorn_requests_handled_requests_total");
	}

	/**
	 * The last answers are on their way before they are counted.
	 */
	private static Scrape awaitCounted(DemoProcess app, double expected) {
		Scrape scrape = await("what was counted").atMost(DemoProcess.PATIENCE)
			.until(() -> Scrape.of(app), (latest) -> counted(latest) >= expected && distributed(latest) >= expected);
		assertThat(counted(scrape)).as("requests counted").isEqualTo(expected);
		assertThat(distributed(scrape)).isEqualTo(expected);
		assertThat(scrape.sum(BUCKET, "uri=\"%s\"".formatted(PATH), "le=\"1.0\"")).isBetween(expected * 0.5, expected);
		return scrape;
	}

	/**
	 * Scrape when nothing is under way, and wait until the scrape has been counted
	 * itself.
	 */
	private static Scrape scrapeWhenIdle(DemoProcess app, FleetBoard board, int workers) {
		Scrape scrape = await("a scrape of all workers").atMost(DemoProcess.PATIENCE).until(() -> {
			board.awaitIdle();
			return Scrape.of(app);
		}, (latest) -> latest.sum("tomcorn_worker_up") == workers);
		board.awaitIdle();
		return scrape;
	}

	/**
	 * Requests that wait, so that something is left for the workers to boot with.
	 */
	private static Tally load(DemoProcess app, int requests, Runnable meanwhile) {
		try (LoadGenerator.Load load = app.load().start(6, 2, PATH + "?ms=30")) {
			meanwhile.run();
			await("requests").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().size() >= requests);
			return load.stop();
		}
	}

	@Test
	void oneScrapeTellsExactlyWhatAllWorkersHaveServed(@TempDir Path directory) {
		DemoProcess app = start(4, directory);
		FleetBoard board = FleetBoard.in(directory);
		Scrape before = scrapeWhenIdle(app, board, 4);
		double warmUp = counted(before);
		Tally first = load(app, 2000, () -> {
		});
		first.assertAllOk(first.size());
		assertThat(first.byWorker()).hasSize(4);
		AtomicInteger scrapes = new AtomicInteger();
		board.awaitIdle();
		Scrape scrape = await("all that was handled").atMost(DemoProcess.PATIENCE).until(() -> {
			scrapes.incrementAndGet();
			return Scrape.of(app);
		}, (latest) -> handled(latest) - handled(before) > first.size());
		// The scrapes before are requests as well
		assertThat(handled(scrape) - handled(before)).as("handled")
			.isBetween(first.size() + 1.0, first.size() + scrapes.doubleValue());
		awaitCounted(app, warmUp + first.size());
		Figures.print("4 workers served %s requests, one scrape counts %.0f", first.byWorker(),
				counted(Scrape.of(app)) - warmUp);

		Tally second = load(app, 1000, () -> {
		});
		second.assertAllOk(second.size());
		int unscraped = second.byWorker().getOrDefault(1, 0);
		Processes.signal("KILL", app.fleet().worker(1).pid());
		double left = warmUp + first.size() + second.size() - unscraped;
		awaitCounted(app, left);
		app.awaitWhole(4);
		awaitCounted(app, left);
		Figures.print("worker 1 killed with %d of %d requests that no scrape had asked for: %.0f are counted",
				unscraped, first.size() + second.size(), left - warmUp);

		Tally third = load(app, 500, () -> {
			app.signal("HUP");
			app.awaitFleet((fleet) -> fleet.whole(4) && fleet.worker(0).generation() == 2
					&& fleet.worker(3).generation() == 2);
		});
		third.assertAllOk(third.size());
		left += third.size();
		awaitCounted(app, left);
		Tally fourth = load(app, 500, () -> {
			app.signal("TTIN");
			app.awaitFleet((fleet) -> fleet.whole(5));
			app.signal("TTOU");
			app.awaitFleet((fleet) -> fleet.whole(4));
			app.signal("TTOU");
			app.awaitFleet((fleet) -> fleet.whole(3));
		});
		fourth.assertAllOk(fourth.size());
		left += fourth.size();
		awaitCounted(app, left);
		Figures.print("reloaded under %d requests, scaled 4-5-3 under %d: %.0f are counted", third.size(),
				fourth.size(), left - warmUp);
		assertThat(app.get("/actuator/metrics/http.server.requests?tag=uri:" + PATH)).contains("\"COUNT\"");
	}

	@Test
	void noCounterGoesBackThroughReloadsNorWhileAWorkerIsFrozen(@TempDir Path directory) {
		DemoProcess app = this.apps
			.start(Launch.workers(3, "gevent").arguments("--tomcorn.run-directory=" + directory));
		app.awaitWarm(3);
		Watch watch = new Watch(app);
		int scrapes = Integer.getInteger("chaos.scrapes", Boolean.getBoolean("chaos.full") ? 200 : 60);
		int reloads = Boolean.getBoolean("chaos.full") ? 5 : 2;
		try (LoadGenerator.Load load = app.load().start(2, 0, "/io?ms=50")) {
			AtomicBoolean reloaded = new AtomicBoolean();
			CompletableFuture<Void> reloading = CompletableFuture.runAsync(() -> {
				for (int i = 2; i < 2 + reloads; i++) {
					int generation = i;
					app.signal("HUP");
					app.awaitLine("Reload to generation %d succeeded in ".formatted(generation));
				}
			}).whenComplete((_, _) -> reloaded.set(true));
			// Not without a pause, or nothing is left for the workers to boot with
			await("scrapes").atMost(DemoProcess.PATIENCE.multipliedBy(reloads))
				.pollInterval(Duration.ofMillis(100))
				.until(() -> watch.scrape() != null && reloaded.get() && watch.scrapes() >= scrapes);
			reloading.join();
			load.stop().failures().print("failed");
		}
		Figures.print("%d scrapes through %d reloads, %d counters, none went back; a scrape took %d ms, at most %d",
				watch.scrapes(), reloads, watch.counters(), watch.typical().toMillis(), watch.longest().toMillis());
		frozen(app, watch, FleetBoard.in(directory));
	}

	private static void frozen(DemoProcess app, Watch watch, FleetBoard board) {
		long pid = app.awaitWhole(3).worker(2).pid();
		Watch frozen = new Watch(app, watch.last());
		Processes.freeze(pid);
		try {
			// First it is asked in vain, then, once it is silent, not at all
			int zeroMissed = 0;
			int oneMissed = 0;
			do {
				Scrape scrape = frozen.scrape();
				assertThat(scrape.value("tomcorn_worker_up{worker=\"2\"}")).isZero();
				zeroMissed += missed(scrape, 0);
				oneMissed += missed(scrape, 1);
				assertThat(scrape.samples().keySet())
					.noneMatch((name) -> name.startsWith("jvm_memory_used_bytes") && name.contains("worker=\"2\""));
			}
			while (board.slotOf(pid).heartbeatAge().compareTo(Duration.ofSeconds(4)) < 0);
			Figures.print(
					"worker 2 frozen: %d scrapes, up 0, without worker 0 %d, without worker 1 %d, "
							+ "a scrape took %d ms, at most %d",
					frozen.scrapes(), zeroMissed, oneMissed, frozen.typical().toMillis(), frozen.longest().toMillis());
			// A busy machine may make one of them late now and then
			assertThat(zeroMissed).as("scrapes without worker 0").isLessThanOrEqualTo(MOST_MISSED);
			assertThat(oneMissed).as("scrapes without worker 1").isLessThanOrEqualTo(MOST_MISSED);
			assertThat(frozen.longest()).as("delay by a frozen worker")
				.isLessThan(watch.typical().plus(Duration.ofSeconds(1)));
		}
		finally {
			Processes.signal("CONT", pid);
		}
		await("answer of the worker that thaws").atMost(DemoProcess.PATIENCE)
			.until(() -> frozen.scrape().value("tomcorn_worker_up{worker=\"2\"}") == 1);
	}

	private static int missed(Scrape scrape, int worker) {
		return (scrape.value("tomcorn_worker_up{worker=\"%d\"}".formatted(worker)) == 1) ? 0 : 1;
	}

	/**
	 * Scrapes again and again, and sees to it that no counter goes back.
	 */
	private static final class Watch {

		private final DemoProcess app;

		private final List<Duration> times = new ArrayList<>();

		private Scrape last;

		Watch(DemoProcess app) {
			this(app, Scrape.of(app));
		}

		Watch(DemoProcess app, Scrape last) {
			this.app = app;
			this.last = last;
		}

		Scrape scrape() {
			Scrape scrape = Scrape.of(this.app);
			this.times.add(scrape.took());
			SortedMap<String, Double> now = scrape.cumulative();
			this.last.cumulative()
				.forEach((name, before) -> assertThat(now.get(name)).as("%s in scrape %d", name, this.times.size())
					.isNotNull()
					.isGreaterThanOrEqualTo(before));
			this.last = scrape;
			return scrape;
		}

		Scrape last() {
			return this.last;
		}

		int scrapes() {
			return this.times.size();
		}

		int counters() {
			return this.last.cumulative().size();
		}

		Duration typical() {
			return this.times.stream().sorted().toList().get(this.times.size() / 2);
		}

		Duration longest() {
			return this.times.stream().max(Duration::compareTo).orElseThrow();
		}

	}

}
