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
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.tomcorn.it.Exchange.Outcome;
import dev.tomcorn.it.PrometheusServer.Sample;
import dev.tomcorn.it.PrometheusServer.Series;
import org.assertj.core.data.Offset;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The alert rules and the dashboard of the documentation, and what a real Prometheus
 * makes of the scrapes of a fleet whose workers come and go.
 */
class MonitoringIT {

	private static final Path MONITORING = Path.of("../docs/monitoring").toAbsolutePath().normalize();

	private static final Path RULES = MONITORING.resolve("tomcorn.rules.yml");

	private static final Path RULE_TESTS = MONITORING.resolve("tomcorn.rules.test.yml");

	private static final Path DASHBOARD = MONITORING.resolve("tomcorn.dashboard.json");

	private static final Pattern ALERT = Pattern.compile("- alert: (\\w+)");

	private static final Pattern SILENT = Pattern.compile("alertname: (\\w+)\\s+exp_alerts: \\[]");

	private static final Pattern FIRES = Pattern.compile("alertname: (\\w+)\\s+exp_alerts:\\s+- exp_labels:");

	private static final Pattern SELECTOR = Pattern.compile("(?<![\\w:])(?:tomcorn|http_server)_\\w+(?:\\{[^}]*})?");

	private static final String COUNT = "http_server_requests_seconds_count{job=\"%s\", uri=\"/io\"}"
		.formatted(PrometheusServer.JOB);

	private static final int FEW = 2;

	private static final int MORE = 3;

	private static final int KEPT = 3;

	private static final int NEW = 1;

	private static final String LOAD = "/io?ms=50";

	/**
	 * Requests, for each part of the load.
	 */
	private static final int SOME = 50;

	private static final double ROUNDING = 0.01;

	@RegisterExtension
	final PrometheusTools tools = new PrometheusTools();

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@Test
	void everyAlertFiresWhenItIsToAndOnlyThen() throws IOException {
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

	@Test
	void numbersStayRightThroughReloadScaleAndKill(@TempDir Path directory) throws Exception {
		DemoProcess app = this.apps.start(Launch.workers(FEW, "gevent")
			.jvmOptions("-Xmx96m")
			.arguments(Operator.ACCESS, "--management.endpoints.web.exposure.include=workers,prometheus",
					"--management.metrics.distribution.percentiles-histogram.http.server.requests=true"));
		app.awaitWarm(FEW);
		PrometheusServer prometheus = this.tools.start(app.port(), RULES, directory);
		Sample before = awaitSteady(prometheus);

		Tally planned = reloadAndScale(app);
		double afterPlanned = awaitSteady(prometheus).value();
		planned.print("reload, scale from 2 to 3 workers and back, scraped each second").assertAllOk(planned.size());
		assertThat(afterPlanned - before.value()).as("requests counted").isEqualTo(planned.size());
		assertThat(prometheus.firing()).as("alerts after what was planned").isEmpty();

		Death death = new Death(app.fleet().worker(0));
		Tally killed = kill(app, prometheus, death);
		double afterKill = awaitSteady(prometheus).value();
		killed.print("kill -9 of a worker of 2, scraped each second");
		assertUnscrapedIsLost(prometheus, killed, death, afterKill - afterPlanned);

		assertIncrease(prometheus, before, afterKill);
		assertNothingDecreased(prometheus);
		assertAlertsKnowTheDeath(prometheus);
		assertRulesHaveData(prometheus);
		assertDashboardHasData(prometheus);
	}

	private static Tally reloadAndScale(DemoProcess app) throws Exception {
		try (LoadGenerator.Load load = app.load().start(KEPT, NEW, LOAD)) {
			awaitMore(load);
			assertThat(Operator.reload(app).get().status()).as("reload").isEqualTo(200);
			awaitMore(load);
			app.signal("TTIN");
			app.awaitFleet((fleet) -> fleet.whole(MORE));
			awaitMore(load);
			app.signal("TTOU");
			app.awaitFleet((fleet) -> fleet.whole(FEW));
			awaitMore(load);
			return load.stop();
		}
	}

	/**
	 * Kill a worker of which scrapes have seen a part of what it has served, and the
	 * others the rest.
	 */
	private static Tally kill(DemoProcess app, PrometheusServer prometheus, Death death) {
		double before = count(prometheus);
		try (LoadGenerator.Load load = app.load().start(KEPT, NEW, LOAD)) {
			await("requests of the victim").atMost(DemoProcess.PATIENCE)
				.until(() -> load.soFar().byPid().getOrDefault(death.victim, 0) > SOME
						&& count(prometheus) > before + SOME);
			death.happen();
			app.awaitFleet((fleet) -> fleet.whole(FEW) && !fleet.pids().contains(death.victim));
			awaitMore(load);
			return load.stop();
		}
	}

	private static double count(PrometheusServer prometheus) {
		return prometheus.value("sum(%s)".formatted(COUNT));
	}

	private static void awaitMore(LoadGenerator.Load load) {
		int before = load.soFar().size();
		await("more load").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().size() >= before + SOME);
	}

	/**
	 * Wait until three scrapes in a row have counted the same, the first of them after
	 * now. An answer may be counted a moment after its client has it.
	 * @return the last of them
	 */
	private static Sample awaitSteady(PrometheusServer prometheus) {
		long now = System.currentTimeMillis();
		return await("a steady count").atMost(DemoProcess.PATIENCE)
			.until(() -> counts(prometheus, now).reversed().stream().limit(3).toList(),
					(counts) -> counts.size() == 3 && counts.stream().map(Sample::value).distinct().count() == 1)
			.getFirst();
	}

	/**
	 * Return what each scrape since then has counted, earliest first.
	 */
	private static List<Sample> counts(PrometheusServer prometheus, long since) {
		NavigableMap<Long, Double> sums = new TreeMap<>();
		for (Series series : prometheus.query(COUNT + "[10m]")) {
			series.samples().forEach((sample) -> sums.merge(sample.at(), sample.value(), Double::sum));
		}
		return sums.tailMap(since, false)
			.entrySet()
			.stream()
			.map((sum) -> new Sample(sum.getKey(), sum.getValue()))
			.toList();
	}

	/**
	 * What a worker has served since it was last asked dies with it, and nothing else.
	 */
	private static void assertUnscrapedIsLost(PrometheusServer prometheus, Tally tally, Death death, double counted) {
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
		// An answer may be counted after its client has it, for each client the last one
		int uncounted = KEPT + NEW;
		Figures.print("  answered %d, counted %.0f; answers of the dead worker %d, of these %d after it was last asked",
				answered, counted, tally.byPid().get(death.victim), unscraped);
		assertThat(tally.failures().size()).as("failed requests").isLessThanOrEqualTo(KEPT + NEW);
		assertThat(counted).as("requests counted")
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
	private static void assertIncrease(PrometheusServer prometheus, Sample before, double after) {
		long begin = before.at() - 1;
		long end = System.currentTimeMillis();
		List<Sample> counts = counts(prometheus, begin).stream().filter((sample) -> sample.at() <= end).toList();
		assertThat(counts.getFirst()).as("first sample of the range").isEqualTo(before);
		assertThat(counts.getLast().value()).as("last sample of the range").isEqualTo(after);
		double most = (end - begin) / (double) (counts.getLast().at() - counts.getFirst().at());
		double counted = after - before.value();
		// The same time for all, whenever they are asked
		String range = String.format(Locale.ROOT, "%s[%dms] @ %.3f", COUNT, end - begin, end / 1000.0);
		double increase = prometheus.value("sum(increase(%s))".formatted(range));
		double rate = prometheus.value("sum(rate(%s))".formatted(range));
		Figures.print("  increase() over %d ms: %.1f, rate(): %.2f/s, difference of the samples: %.0f", end - begin,
				increase, rate, counted);
		assertThat(increase).isCloseTo(counted, Offset.offset(counted * (most - 1) + ROUNDING));
		assertThat(increase).isGreaterThanOrEqualTo(counted - ROUNDING);
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
			Sample before = series.samples().getFirst();
			for (Sample sample : series.samples()) {
				if (sample.value() < before.value()) {
					decreases.add("%s from %s to %s".formatted(series.labels(), before, sample));
				}
				before = sample;
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
		assertThat(prometheus.value("sum(tomcorn_deaths_total)")).as("deaths").isOne();
		assertThat(prometheus.value("sum(tomcorn_reloads_total{outcome=\"succeeded\"})")).as("reloads").isOne();
		assertThat(prometheus.value("tomcorn_workers_target_workers")).as("target").isEqualTo(FEW);
		assertThat(firing).singleElement()
			.satisfies((alert) -> assertThat(alert).containsEntry("alertname", "TomcornWorkerDied")
				.containsEntry("cause", "signal")
				.containsEntry("job", PrometheusServer.JOB));
	}

	/**
	 * An alert about a name that is not there would never fire.
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
		await(what).atMost(DemoProcess.PATIENCE).pollDelay(Duration.ZERO).untilAsserted(assertion);
	}

	private static void assertHasData(PrometheusServer prometheus, Dashboard.Query query) {
		assertThat(prometheus.query(query.expression())).as(query.toString())
			.anySatisfy((series) -> assertThat(series.last()).isNotNaN());
	}

}
