package dev.tomcorn.it;

import java.nio.file.Path;
import java.time.Duration;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The meters of all workers in one scrape, while workers die or are frozen.
 */
class FleetMetricsIT {

	private static final int WORKERS = 2;

	private static final int MORE = 3;

	private static final int RELOADS = Boolean.getBoolean("chaos.full") ? 5 : 1;

	private static final int SCRAPES = Boolean.getBoolean("chaos.full") ? 200 : 20;

	private static final String PATH = "/io";

	private static final int SLEEP_MILLIS = 200;

	private static final String COUNT = "http_server_requests_seconds_count";

	private static final String BUCKET = "http_server_requests_seconds_bucket";

	/**
	 * Not without a pause, or nothing is left for the workers to boot with.
	 */
	private static final Duration PAUSE = Duration.ofMillis(100);

	/**
	 * One that is silent for two seconds is not asked any more.
	 */
	private static final Duration NOT_ASKED = Duration.ofSeconds(3);

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	/**
	 * Requests that were counted before, and since.
	 */
	private double counted;

	private static double counted(Scrape scrape) {
		return scrape.sum(COUNT, "uri=\"%s\"".formatted(PATH));
	}

	private static double distributed(Scrape scrape, String limit) {
		return scrape.sum(BUCKET, "uri=\"%s\"".formatted(PATH), "le=\"%s\"".formatted(limit));
	}

	private static double handled(Scrape scrape) {
		return scrape.sum("tomcorn_requests_handled_requests_total");
	}

	/**
	 * The last answers are on their way before they are counted.
	 */
	private void awaitCounted(DemoProcess app) {
		Scrape scrape = await("what was counted").atMost(DemoProcess.PATIENCE)
			.until(() -> Scrape.of(app),
					(latest) -> counted(latest) >= this.counted && distributed(latest, "+Inf") >= this.counted);
		assertThat(counted(scrape)).as("requests counted").isEqualTo(this.counted);
		assertThat(distributed(scrape, "+Inf")).isEqualTo(this.counted);
		assertThat(distributed(scrape, "300.0")).isEqualTo(this.counted);
		assertThat(distributed(scrape, "0.01")).as("requests that were answered before their time").isZero();
	}

	/**
	 * Scrape when nothing is under way, and wait until the scrape has been counted
	 * itself.
	 */
	private static Scrape scrapeWhenIdle(DemoProcess app, FleetBoard board) {
		Scrape scrape = await("a scrape of all workers").atMost(DemoProcess.PATIENCE).until(() -> {
			board.awaitIdle();
			return Scrape.of(app);
		}, (latest) -> latest.sum("tomcorn_worker_up") == WORKERS);
		board.awaitIdle();
		return scrape;
	}

	/**
	 * Requests that wait, so that something is left for the workers to boot with.
	 */
	private static Tally load(DemoProcess app, int requests, Runnable meanwhile) {
		try (LoadGenerator.Load load = app.load().start(4, 2, "%s?ms=%d".formatted(PATH, SLEEP_MILLIS))) {
			meanwhile.run();
			await("requests").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().size() >= requests);
			Tally tally = load.stop();
			tally.assertAllOk(tally.size());
			return tally;
		}
	}

	@Test
	void oneScrapeTellsWhatAllWorkersHaveServedAndNoCounterEverGoesBack(@TempDir Path directory) {
		DemoProcess app = this.apps.start(Launch.workers(WORKERS, "gevent")
			.arguments("--tomcorn.run-directory=" + directory,
					"--management.metrics.distribution.slo.http.server.requests=10ms,300s",
					// Longer than a worker is frozen here
					"--tomcorn.timeout=" + DemoProcess.PATIENCE.toSeconds() + "s"));
		app.awaitWarm(WORKERS);
		FleetBoard board = FleetBoard.in(directory);
		countsAreExact(app, board);
		whatNoScrapeHasAskedForDiesWithItsWorker(app);
		Watch watch = new Watch(app);
		reload(app, watch);
		app.signal("TTIN");
		app.awaitWhole(MORE);
		freeze(app, watch, board);
		scaleDown(app, watch);
		Figures.print("%d scrapes, %d counters, none went back", watch.scrapes(), watch.counters());
		assertThat(app.get("/actuator/metrics/http.server.requests?tag=uri:" + PATH)).contains("\"COUNT\"");
	}

	private void countsAreExact(DemoProcess app, FleetBoard board) {
		Scrape before = scrapeWhenIdle(app, board);
		double warmUp = counted(before);
		Tally tally = load(app, 120, () -> {
		});
		assertThat(tally.byWorker()).hasSize(WORKERS);
		AtomicInteger scrapes = new AtomicInteger();
		board.awaitIdle();
		Scrape scrape = await("all that was handled").atMost(DemoProcess.PATIENCE).until(() -> {
			scrapes.incrementAndGet();
			return Scrape.of(app);
		}, (latest) -> handled(latest) - handled(before) > tally.size());
		// The scrapes before are requests as well
		assertThat(handled(scrape) - handled(before)).as("handled")
			.isBetween(tally.size() + 1.0, tally.size() + scrapes.doubleValue());
		this.counted = warmUp + tally.size();
		awaitCounted(app);
		Figures.print("%d workers served %s requests, one scrape counts %.0f", WORKERS, tally.byWorker(),
				this.counted - warmUp);
	}

	private void whatNoScrapeHasAskedForDiesWithItsWorker(DemoProcess app) {
		Tally tally = load(app, 60, () -> {
		});
		int unscraped = tally.byWorker().getOrDefault(1, 0);
		Processes.signal("KILL", app.fleet().worker(1).pid());
		this.counted += tally.size() - unscraped;
		awaitCounted(app);
		app.awaitWhole(WORKERS);
		awaitCounted(app);
		Figures.print("worker 1 killed with %d of %d requests that no scrape had asked for", unscraped, tally.size());
	}

	private void reload(DemoProcess app, Watch watch) {
		int generation = app.fleet().worker(0).generation();
		Tally tally = load(app, 0, () -> {
			CompletableFuture<Void> reloading = CompletableFuture.runAsync(() -> {
				for (int i = 1; i <= RELOADS; i++) {
					app.signal("HUP");
					app.awaitLine("Reload to generation %d succeeded in ".formatted(generation + i));
				}
			});
			await("scrapes").atMost(DemoProcess.PATIENCE.multipliedBy(RELOADS))
				.pollInterval(PAUSE)
				.until(() -> watch.scrape() != null && reloading.isDone() && watch.scrapes() >= SCRAPES);
			reloading.join();
		});
		this.counted += tally.size();
		awaitCounted(app);
		Figures.print("%d scrapes through %d reload(s) under %d requests", watch.scrapes(), RELOADS, tally.size());
	}

	private void scaleDown(DemoProcess app, Watch watch) {
		Tally tally = load(app, 30, () -> {
			app.signal("TTOU");
			app.awaitFleet((fleet) -> watch.scrape() != null && fleet.whole(WORKERS));
		});
		this.counted += tally.size();
		awaitCounted(app);
	}

	/**
	 * Every scrape is answered while the worker is still frozen: first it is asked in
	 * vain, then, once it is silent, not at all.
	 */
	private static void freeze(DemoProcess app, Watch watch, FleetBoard board) {
		long pid = app.awaitWhole(MORE).worker(2).pid();
		Processes.freeze(pid);
		try {
			int before = watch.scrapes();
			// A busy machine may make the one that is well late
			await("scrapes of all others").atMost(DemoProcess.PATIENCE)
				.pollInterval(PAUSE)
				.until(() -> watchFrozen(watch).sum("tomcorn_worker_up") == MORE - 1);
			await("scrapes without asking the frozen one").atMost(DemoProcess.PATIENCE)
				.pollInterval(PAUSE)
				.until(() -> watchFrozen(watch).sum("tomcorn_worker_up") == MORE - 1
						&& board.slotOf(pid).heartbeatAge().compareTo(NOT_ASKED) > 0);
			assertThat(Processes.isStopped(pid)).as("frozen through all of the scrapes").isTrue();
			Figures.print("worker 2 frozen: %d scrapes, up 0", watch.scrapes() - before);
		}
		finally {
			Processes.signal("CONT", pid);
		}
		await("answer of the worker that thaws").atMost(DemoProcess.PATIENCE)
			.until(() -> watch.scrape().value("tomcorn_worker_up{worker=\"2\"}") == 1);
	}

	private static Scrape watchFrozen(Watch watch) {
		Scrape scrape = watch.scrape();
		assertThat(scrape.value("tomcorn_worker_up{worker=\"2\"}")).isZero();
		assertThat(scrape.samples().keySet())
			.noneMatch((name) -> name.startsWith("jvm_memory_used_bytes") && name.contains("worker=\"2\""));
		return scrape;
	}

	/**
	 * Scrapes again and again, and sees to it that no counter goes back.
	 */
	private static final class Watch {

		private final DemoProcess app;

		private Scrape last;

		private int scrapes;

		Watch(DemoProcess app) {
			this.app = app;
			this.last = Scrape.of(app);
		}

		Scrape scrape() {
			Scrape scrape = Scrape.of(this.app);
			this.scrapes++;
			SortedMap<String, Double> now = scrape.cumulative();
			this.last.cumulative()
				.forEach((name, before) -> assertThat(now.get(name)).as("%s in scrape %d", name, this.scrapes)
					.isNotNull()
					.isGreaterThanOrEqualTo(before));
			this.last = scrape;
			return scrape;
		}

		int scrapes() {
			return this.scrapes;
		}

		int counters() {
			return this.last.cumulative().size();
		}

	}

}
