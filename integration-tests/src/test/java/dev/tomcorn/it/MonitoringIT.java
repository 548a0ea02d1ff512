package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.tomcorn.it.Exchange.Outcome;
import dev.tomcorn.it.PrometheusServer.Sample;
import dev.tomcorn.it.PrometheusServer.Series;
import org.assertj.core.data.Offset;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The meters of all workers in one scrape, while workers come and go, die or are frozen.
 * A real Prometheus evaluates the alert rules and the dashboard of the documentation with
 * them.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Order(1)
class MonitoringIT {

	private static final Path MONITORING = Path.of("../docs/monitoring").toAbsolutePath().normalize();

	private static final Path RULES = MONITORING.resolve("tomcorn.rules.yml");

	private static final Path RULE_TESTS = MONITORING.resolve("tomcorn.rules.test.yml");

	private static final Path DASHBOARD = MONITORING.resolve("tomcorn.dashboard.json");

	private static final Pattern ALERT = Pattern.compile("- alert: (\\w+)");

	private static final Pattern SILENT = Pattern.compile("alertname: (\\w+)\\s+exp_alerts: \\[]");

	private static final Pattern FIRES = Pattern.compile("alertname: (\\w+)\\s+exp_alerts:\\s+- exp_labels:");

	private static final Pattern SELECTOR = Pattern.compile("(?<![\\w:])(?:tomcorn|http_server)_\\w+(?:\\{[^}]*})?");

	private static final String PATH = "/io";

	private static final String COUNT = "http_server_requests_seconds_count";

	private static final String BUCKET = "http_server_requests_seconds_bucket";

	private static final String COUNT_OF_JOB = "%s{job=\"%s\", uri=\"%s\"}".formatted(COUNT, PrometheusServer.JOB,
			PATH);

	private static final int WORKERS = 2;

	private static final int RELOADS = Boolean.getBoolean("chaos.full") ? 5 : 1;

	private static final int SCRAPES = Boolean.getBoolean("chaos.full") ? 200 : 10;

	private static final int KEPT = 4;

	private static final int NEW = 2;

	/**
	 * Requests that wait, so that the workers have CPU left to boot.
	 */
	private static final String LOAD = PATH + "?ms=600";

	/**
	 * Requests, for each part of the load.
	 */
	private static final int SOME = 20;

	private static final double ROUNDING = 0.01;

	/**
	 * With a pause, so that the workers have CPU left to boot.
	 */
	private static final Duration PAUSE = Duration.ofMillis(Boolean.getBoolean("chaos.full") ? 100 : 1000);

	/**
	 * A worker that is silent for two seconds is not asked any more.
	 */
	private static final Duration NOT_ASKED = Duration.ofSeconds(3);

	@RegisterExtension
	static final PrometheusTools tools = new PrometheusTools();

	@RegisterExtension
	static final DemoApps apps = new DemoApps();

	/**
	 * Whether a worker dies before Prometheus watches. A build sees that at the death
	 * which Prometheus watches.
	 */
	private static final boolean KILLED_BEFORE = Boolean.getBoolean("chaos.full") || !tools.installed();

	@TempDir
	static Path directory;

	private static DemoProcess app;

	private static FleetBoard board;

	/**
	 * Requests that were counted before, and since.
	 */
	private static double counted;

	/**
	 * The counts of Prometheus before the fleet changed for the first time.
	 */
	private static @Nullable Sample unchanged;

	@BeforeAll
	static void start() {
		app = apps.start(Launch.workers(WORKERS, "gevent")
			.jvmOptions("-Xmx96m")
			.arguments("--tomcorn.run-directory=" + directory.resolve("run"),
					"--management.endpoints.web.exposure.include=workers,prometheus,metrics",
					"--management.metrics.distribution.percentiles-histogram.http.server.requests=true",
					"--management.metrics.distribution.slo.http.server.requests=10ms,300s",
					// Longer than a worker is frozen here
					"--tomcorn.timeout=" + DemoProcess.PATIENCE.toSeconds() + "s"));
		app.awaitWarm(WORKERS);
		board = FleetBoard.in(directory.resolve("run"));
	}

	@Test
	@Order(1)
	void oneScrapeTellsWhatAllWorkersHaveServedAndNoCounterEverGoesBack() {
		countsAreExact();
		if (KILLED_BEFORE) {
			whatNoScrapeHasAskedForDiesWithItsWorker();
		}
		if (tools.installed()) {
			unchanged = awaitSteady(tools.start(app.port(), RULES, directory));
			assertThat(unchanged.value()).as("requests counted").isEqualTo(counted);
		}
		ScrapeWatch watch = new ScrapeWatch(app);
		scale(watch, "TTOU", WORKERS - 1);
		reload(watch);
		scale(watch, "TTIN", WORKERS);
		freeze(watch);
		Figures.print("%d scrapes, %d counters, none went back", watch.scrapes(), watch.counters());
		assertThat(app.get("/actuator/metrics/http.server.requests?tag=uri:" + PATH)).contains("\"COUNT\"");
	}

	private static double counted(Scrape scrape) {
		return scrape.sum(COUNT, "uri=\"%s\"".formatted(PATH));
	}

	private static double distributed(Scrape scrape, String limit) {
		return scrape.sum(BUCKET, "uri=\"%s\"".formatted(PATH), "le=\"%s\"".formatted(limit));
	}

	private static double handled(Scrape scrape) {
		return scrape.sum("tomcorn_requests_handled_total");
	}

	/**
	 * The last answers are on their way before they are counted.
	 */
	private static void awaitCounted() {
		Scrape scrape = await("what was counted").atMost(DemoProcess.PATIENCE)
			.pollInterval(PAUSE)
			.until(() -> Scrape.of(app),
					(latest) -> counted(latest) >= counted && distributed(latest, "+Inf") >= counted);
		assertThat(counted(scrape)).as("requests counted").isEqualTo(counted);
		assertThat(distributed(scrape, "+Inf")).isEqualTo(counted);
		assertThat(distributed(scrape, "300.0")).isEqualTo(counted);
		assertThat(distributed(scrape, "0.01")).as("requests that were answered before their time").isZero();
	}

	/**
	 * Scrape when no request is in flight, and wait until the scrape itself has been
	 * counted.
	 */
	private static Scrape scrapeWhenIdle() {
		Scrape scrape = await("a scrape of all workers").atMost(DemoProcess.PATIENCE).pollInterval(PAUSE).until(() -> {
			board.awaitIdle();
			return Scrape.of(app);
		}, (latest) -> latest.sum("tomcorn_worker_up") == WORKERS);
		board.awaitIdle();
		return scrape;
	}

	private static Tally load(int requests, Runnable meanwhile) {
		try (LoadGenerator.Load load = app.load().start(KEPT, NEW, LOAD)) {
			meanwhile.run();
			await("requests").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().size() >= requests);
			Tally tally = load.stop();
			tally.assertAllOk(tally.size());
			return tally;
		}
	}

	private static void countsAreExact() {
		Scrape before = scrapeWhenIdle();
		double warmUp = counted(before);
		Tally tally = load(50, () -> {
		});
		assertThat(tally.byWorker()).hasSize(WORKERS);
		AtomicInteger scrapes = new AtomicInteger();
		board.awaitIdle();
		Scrape scrape = await("all that was handled").atMost(DemoProcess.PATIENCE).pollInterval(PAUSE).until(() -> {
			scrapes.incrementAndGet();
			return Scrape.of(app);
		}, (latest) -> handled(latest) - handled(before) > tally.size());
		// The earlier scrapes are also requests
		assertThat(handled(scrape) - handled(before)).as("handled")
			.isBetween(tally.size() + 1.0, tally.size() + scrapes.doubleValue());
		counted = warmUp + tally.size();
		awaitCounted();
		Figures.print("%d workers served %s requests, one scrape counts %.0f", WORKERS, tally.byWorker(),
				counted - warmUp);
	}

	private static void whatNoScrapeHasAskedForDiesWithItsWorker() {
		Tally tally = load(30, () -> {
		});
		int unscraped = tally.byWorker().getOrDefault(1, 0);
		Processes.signal("KILL", app.fleet().worker(1).pid());
		counted += tally.size() - unscraped;
		awaitCounted();
		app.awaitWhole(WORKERS);
		awaitCounted();
		Figures.print("worker 1 killed with %d of %d requests that no scrape had asked for", unscraped, tally.size());
	}

	private static void reload(ScrapeWatch watch) {
		int generation = app.fleet().worker(0).generation();
		Tally tally = load(0, () -> {
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
		counted += tally.size();
		awaitCounted();
		Figures.print("%d scrapes through %d reload(s) under %d requests", watch.scrapes(), RELOADS, tally.size());
	}

	private static void scale(ScrapeWatch watch, String signal, int workers) {
		Tally tally = load(SOME, () -> {
			app.signal(signal);
			app.awaitFleet((fleet) -> watch.scrape() != null && fleet.whole(workers));
		});
		counted += tally.size();
		awaitCounted();
	}

	/**
	 * Every scrape is answered while the worker is still frozen: at first it waits for
	 * the worker in vain, and not any more once the worker is silent.
	 */
	private static void freeze(ScrapeWatch watch) {
		long pid = awaitAll().worker(1).pid();
		Processes.freeze(pid);
		try {
			int before = watch.scrapes();
			// A busy machine may delay the healthy one
			await("scrapes of all others").atMost(DemoProcess.PATIENCE)
				.pollInterval(PAUSE)
				.until(() -> watchFrozen(watch).sum("tomcorn_worker_up") == WORKERS - 1);
			await("scrapes without asking the frozen one").atMost(DemoProcess.PATIENCE)
				.pollInterval(PAUSE)
				.until(() -> watchFrozen(watch).sum("tomcorn_worker_up") == WORKERS - 1
						&& board.slotOf(pid).heartbeatAge().compareTo(NOT_ASKED) > 0);
			assertThat(Processes.isStopped(pid)).as("frozen through all of the scrapes").isTrue();
			Figures.print("worker 1 frozen: %d scrapes, up 0", watch.scrapes() - before);
		}
		finally {
			Processes.signal("CONT", pid);
		}
		await("answer of the worker that thaws").atMost(DemoProcess.PATIENCE)
			.pollInterval(PAUSE)
			.until(() -> watch.scrape().value("tomcorn_worker_up{worker=\"1\"}") == 1);
	}

	/**
	 * Prometheus keeps a connection open, so the fleet is never idle.
	 */
	private static Fleet awaitAll() {
		return app.awaitFleet((fleet) -> fleet.whole(WORKERS));
	}

	private static Scrape watchFrozen(ScrapeWatch watch) {
		Scrape scrape = watch.scrape();
		assertThat(scrape.value("tomcorn_worker_up{worker=\"1\"}")).isZero();
		assertThat(scrape.samples().keySet())
			.noneMatch((name) -> name.startsWith("jvm_memory_used_bytes") && name.contains("worker=\"1\""));
		return scrape;
	}

	@Test
	@Order(2)
	void numbersOfPrometheusStayRightThroughReloadScaleAndKill() {
		tools.assumeInstalled();
		PrometheusServer prometheus = tools.server();
		Sample first = Objects.requireNonNull(unchanged);
		double afterPlanned = awaitSteady(prometheus).value();
		assertThat(afterPlanned).as("requests counted").isEqualTo(counted);
		assertThat(prometheus.firing()).as("alerts after what was planned").isEmpty();

		Death death = new Death(awaitAll().worker(0));
		Tally killed = kill(prometheus, death);
		double afterKill = awaitSteady(prometheus).value();
		killed.print("kill -9 of a worker of 2, scraped every two seconds");
		assertUnscrapedIsLost(prometheus, killed, death, afterKill - afterPlanned);

		assertIncrease(prometheus, first, afterKill);
		assertNothingDecreased(prometheus);
		assertAlertsKnowTheDeath(prometheus);
		assertRulesHaveData(prometheus);
		assertDashboardHasData(prometheus);
	}

	/**
	 * Kill a worker after scrapes have seen a part of its requests, and other workers
	 * have served the rest.
	 */
	private static Tally kill(PrometheusServer prometheus, Death death) {
		double start = count(prometheus);
		try (LoadGenerator.Load load = app.load().start(KEPT, NEW, LOAD)) {
			await("requests of the victim").atMost(DemoProcess.PATIENCE)
				.until(() -> load.soFar().byPid().getOrDefault(death.victim, 0) > SOME
						&& count(prometheus) > start + SOME);
			death.happen();
			app.awaitFleet((fleet) -> fleet.whole(WORKERS) && !fleet.pids().contains(death.victim));
			awaitMore(load);
			return load.stop();
		}
	}

	private static double count(PrometheusServer prometheus) {
		return prometheus.value("sum(%s)".formatted(COUNT_OF_JOB));
	}

	private static void awaitMore(LoadGenerator.Load load) {
		int sent = load.soFar().size();
		await("more load").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().size() >= sent + SOME);
	}

	/**
	 * Wait until three scrapes in a row have the same counts, the first of them after
	 * now. An answer may be counted a moment after its client has it.
	 * @return the last of them
	 */
	private static Sample awaitSteady(PrometheusServer prometheus) {
		long now = System.currentTimeMillis();
		return await("a steady count").atMost(DemoProcess.PATIENCE)
			.pollInterval(PAUSE)
			.until(() -> counts(prometheus, now).reversed().stream().limit(3).toList(),
					(counts) -> counts.size() == 3 && counts.stream().map(Sample::value).distinct().count() == 1)
			.getFirst();
	}

	/**
	 * Return the counts of each scrape since then, earliest first.
	 */
	private static List<Sample> counts(PrometheusServer prometheus, long since) {
		NavigableMap<Long, Double> sums = new TreeMap<>();
		for (Series series : prometheus.query(COUNT_OF_JOB + "[10m]")) {
			series.samples().forEach((sample) -> sums.merge(sample.at(), sample.value(), Double::sum));
		}
		return sums.tailMap(since, false)
			.entrySet()
			.stream()
			.map((sum) -> new Sample(sum.getKey(), sum.getValue()))
			.toList();
	}

	/**
	 * Only the requests that a worker has served since its last scrape are lost with it.
	 */
	private static void assertUnscrapedIsLost(PrometheusServer prometheus, Tally tally, Death death, double sum) {
		int answered = tally.count(Outcome.OK);
		List<Sample> asked = prometheus.query("tomcorn_worker_up{worker=\"%d\"}[5m]".formatted(death.worker))
			.getFirst()
			.samples();
		long lastAsked = asked.stream()
			.filter((sample) -> sample.value() == 1 && sample.at() < death.millis)
			.mapToLong(Sample::at)
			.max()
			.orElseThrow();
		long lastAskedNanos = death.nanos - TimeUnit.MILLISECONDS.toNanos(death.millis - lastAsked + 1);
		int unscraped = tally
			.only((exchange) -> exchange.ok() && exchange.served().pid() == death.victim
					&& exchange.ended() >= lastAskedNanos)
			.size();
		// An answer may be counted after its client has it: the last one of each client
		int uncounted = KEPT + NEW;
		Figures.print("  answered %d, counted %.0f; answers of the dead worker %d, of these %d after it was last asked",
				answered, sum, tally.byPid().get(death.victim), unscraped);
		assertThat(tally.failures().size()).as("failed requests").isLessThanOrEqualTo(KEPT + NEW);
		assertThat(sum).as("requests counted")
			.isLessThanOrEqualTo(answered)
			.isGreaterThanOrEqualTo(answered - unscraped - uncounted);
	}

	/**
	 * The death of a worker, and when it happened by two clocks.
	 */
	private static final class Death {

		private final int worker;

		private final long victim;

		private long nanos;

		private long millis;

		Death(Fleet.Worker worker) {
			this.worker = worker.index();
			this.victim = worker.pid();
		}

		void happen() {
			this.nanos = System.nanoTime();
			this.millis = System.currentTimeMillis();
			Processes.signal("KILL", this.victim);
		}

	}

	/**
	 * Prometheus extrapolates from the first and the last sample to the bounds of the
	 * range.
	 */
	private static void assertIncrease(PrometheusServer prometheus, Sample first, double last) {
		long begin = first.at() - 1;
		long end = System.currentTimeMillis();
		List<Sample> counts = counts(prometheus, begin).stream().filter((sample) -> sample.at() <= end).toList();
		assertThat(counts.getFirst()).as("first sample of the range").isEqualTo(first);
		assertThat(counts.getLast().value()).as("last sample of the range").isEqualTo(last);
		double most = (end - begin) / (double) (counts.getLast().at() - counts.getFirst().at());
		double difference = last - first.value();
		// The same time for all queries
		String range = String.format(Locale.ROOT, "%s[%dms] @ %.3f", COUNT_OF_JOB, end - begin, end / 1000.0);
		double increase = prometheus.value("sum(increase(%s))".formatted(range));
		double rate = prometheus.value("sum(rate(%s))".formatted(range));
		Figures.print("  increase() over %d ms: %.1f, rate(): %.2f/s, difference of the samples: %.0f", end - begin,
				increase, rate, difference);
		assertThat(increase).isCloseTo(difference, Offset.offset(difference * (most - 1) + ROUNDING));
		assertThat(increase).isGreaterThanOrEqualTo(difference - ROUNDING);
		assertThat(rate * (end - begin) / 1000).isCloseTo(increase, Offset.offset(ROUNDING));
		assertThat(prometheus.value("sum(resets(%s))".formatted(range))).as("resets").isZero();
	}

	private static void assertNothingDecreased(PrometheusServer prometheus) {
		Map<String, String> types = prometheus.types();
		int counters = 0;
		int scrapes = 0;
		List<String> decreases = new ArrayList<>();
		for (Series series : prometheus.query("{job=\"%s\"}[10m]".formatted(PrometheusServer.JOB))) {
			if (!countsUp(series.name(), types)) {
				continue;
			}
			counters++;
			scrapes = Math.max(scrapes, series.samples().size());
			Sample last = series.samples().getFirst();
			for (Sample sample : series.samples()) {
				if (sample.value() < last.value()) {
					decreases.add("%s from %s to %s".formatted(series.labels(), last, sample));
				}
				last = sample;
			}
		}
		Figures.print("  %d scrapes, %d series that count up, %d decreases", scrapes, counters, decreases.size());
		assertThat(counters).as("series that count up").isGreaterThan(20);
		assertThat(decreases).as("decreases").isEmpty();
	}

	private static boolean countsUp(String name, Map<String, String> types) {
		// With OpenMetrics the type is that of the name without its suffix
		String family = name.replaceFirst("_(total|count|sum|bucket)$", "");
		return Stream.of(name, family)
			.map((candidate) -> types.getOrDefault(candidate, ""))
			.anyMatch((type) -> type.equals("counter")
					|| (!family.equals(name) && (type.equals("histogram") || type.equals("summary"))));
	}

	private static void assertAlertsKnowTheDeath(PrometheusServer prometheus) {
		List<Map<String, String>> firing = await("alert").atMost(DemoProcess.PATIENCE)
			.until(prometheus::firing, (alerts) -> alerts.stream()
				.anyMatch((alert) -> "TomcornWorkerDied".equals(alert.get("alertname"))));
		Figures.print("  firing after the kill: %s", firing);
		assertThat(prometheus.value("sum(tomcorn_deaths_total)")).as("deaths").isEqualTo(KILLED_BEFORE ? 2 : 1);
		assertThat(prometheus.value("sum(tomcorn_reloads_total{outcome=\"succeeded\"})")).as("reloads")
			.isEqualTo(RELOADS);
		assertThat(prometheus.value("tomcorn_workers_target")).as("target").isEqualTo(WORKERS);
		assertThat(firing).singleElement()
			.satisfies((alert) -> assertThat(alert).containsEntry("alertname", "TomcornWorkerDied")
				.containsEntry("cause", "signal")
				.containsEntry("job", PrometheusServer.JOB));
	}

	/**
	 * An alert on a name that does not exist would never fire.
	 */
	private static void assertRulesHaveData(PrometheusServer prometheus) {
		Set<String> selectors = new TreeSet<>();
		for (JsonNode rule : prometheus.rules()) {
			assertThat(rule.get("health").asString()).as(rule.toString()).isEqualTo("ok");
			SELECTOR.matcher(rule.get("query").asString()).results().map(MatchResult::group).forEach(selectors::add);
		}
		// No request has failed
		selectors.removeIf((selector) -> selector.contains("5.."));
		Figures.print("  %d rules, %d selectors", prometheus.rules().size(), selectors.size());
		assertThat(selectors).hasSizeGreaterThan(10);
		awaitAfterScrape("data of every rule", () -> assertThat(selectors)
			.allSatisfy((selector) -> assertThat(prometheus.query(selector)).as(selector).isNotEmpty()));
	}

	private static void assertDashboardHasData(PrometheusServer prometheus) {
		Dashboard dashboard = Dashboard.read(DASHBOARD);
		Figures.print("  dashboard: %d queries of panels, %d of annotations, %d of variables",
				dashboard.panels().size(), dashboard.annotations().size(), dashboard.variables().size());
		assertThat(dashboard.panels()).hasSizeGreaterThan(20);
		assertThat(dashboard.variables()).hasSize(3);
		awaitAfterScrape("data of every panel and variable",
				() -> assertThat(Stream.concat(dashboard.panels().stream(), dashboard.variables().stream()))
					.allSatisfy((query) -> assertHasData(prometheus, query)));
		assertThat(dashboard.annotations()).filteredOn((query) -> !prometheus.query(query.expression()).isEmpty())
			.extracting(Dashboard.Query::title)
			.containsExactly("Deaths", "Reloads", "Scaling");
	}

	/**
	 * A scrape that takes too long leaves no data until the next.
	 */
	private static void awaitAfterScrape(String what, ThrowingRunnable assertion) {
		await(what).atMost(DemoProcess.PATIENCE).pollDelay(Duration.ZERO).pollInterval(PAUSE).untilAsserted(assertion);
	}

	private static void assertHasData(PrometheusServer prometheus, Dashboard.Query query) {
		assertThat(prometheus.query(query.expression())).as(query.toString())
			.anySatisfy((series) -> assertThat(series.last()).isNotNaN());
	}

	@Test
	@Order(3)
	void everyAlertFiresWhenItIsToAndOnlyThen() throws IOException {
		tools.assumeInstalled();
		PrometheusTools.check("check", "rules", RULES.toString());
		PrometheusTools.check("test", "rules", RULE_TESTS.toString());
		Set<String> alerts = names(ALERT, RULES);
		Figures.print("alert rules, each seen firing and silent: %d", alerts.size());
		assertThat(alerts).isNotEmpty();
		assertThat(names(FIRES, RULE_TESTS)).as("alerts with a test that they fire").isEqualTo(alerts);
		assertThat(names(SILENT, RULE_TESTS)).as("alerts with a test that they are silent").isEqualTo(alerts);
	}

	private static Set<String> names(Pattern pattern, Path file) throws IOException {
		return pattern.matcher(Files.readString(file))
			.results()
			.map((result) -> result.group(1))
			.collect(Collectors.toCollection(TreeSet::new));
	}

}
