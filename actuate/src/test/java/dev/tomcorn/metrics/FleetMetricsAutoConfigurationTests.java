package dev.tomcorn.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.tomcorn.core.scoreboard.ListenerTable;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.peer.PeerAutoConfiguration;
import dev.tomcorn.peer.Peers;
import dev.tomcorn.settings.Counters;
import dev.tomcorn.settings.TomcornProperties;
import dev.tomcorn.tomcat.TomcornAutoConfiguration;
import dev.tomcorn.worker.OnSupervised;
import dev.tomcorn.worker.WorkerProcess;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Statistic;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.logging.LoggingMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.actuate.endpoint.MetricsEndpoint;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsEndpointAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusOutputFormat;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusScrapeEndpoint;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableWebApplicationContext;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for scrapes, solo and as worker 1 of two, of which the other is frozen or does
 * not exist yet.
 */
@Execution(ExecutionMode.CONCURRENT)
class FleetMetricsAutoConfigurationTests {

	/**
	 * No answer is awaited any longer.
	 */
	private static final Duration LIMIT = Duration.ofMinutes(2);

	/**
	 * A full disk.
	 */
	private static final Path FULL = Path.of("/dev/full");

	private final WorkerProcess process = mock(WorkerProcess.class);

	@TempDir
	private Path directory;

	private Scoreboard scoreboard;

	/**
	 * A thread of the worker uses the mock meanwhile, so that it cannot be changed.
	 */
	private volatile WorkerSlot slot;

	private final WebApplicationContextRunner solo = new WebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(EndpointAutoConfiguration.class, MetricsAutoConfiguration.class,
				CompositeMeterRegistryAutoConfiguration.class, PrometheusMetricsExportAutoConfiguration.class,
				SimpleMetricsExportAutoConfiguration.class, MetricsEndpointAutoConfiguration.class,
				TomcornAutoConfiguration.class, PeerAutoConfiguration.class, WorkerMetricsAutoConfiguration.class,
				FleetMetricsAutoConfiguration.class))
		.withPropertyValues("management.endpoints.web.exposure.include=*");

	private final WebApplicationContextRunner worker = this.solo.withInitializer(
			(context) -> context.getBeanFactory().registerSingleton(OnSupervised.WORKER_PROCESS_BEAN, this.process));

	@BeforeEach
	void fleet() throws IOException {
		this.scoreboard = Scoreboard.create(this.directory.resolve("scoreboard"), 4, 1);
		this.scoreboard.publish(1, 2, 0);
		this.scoreboard.claim(1, 1, 2, 1).setState(WorkerState.READY);
		given(this.process.isSupervised()).willReturn(true);
		given(this.process.scoreboard()).willReturn(this.scoreboard);
		given(this.process.listeners()).willReturn(ListenerTable.none());
		this.slot = this.scoreboard.slot(1);
		given(this.process.slot()).willAnswer((_) -> this.slot);
		given(this.process.runDirectory()).willReturn(this.directory);
	}

	private static String scrape(AssertableWebApplicationContext context, String... names) {
		byte[] body = context.getBean(FleetPrometheusWebExtension.class)
			.scrape(PrometheusOutputFormat.CONTENT_TYPE_004, (names.length > 0) ? Set.of(names) : null)
			.getBody();
		return new String(body);
	}

	@Test
	void soloApplicationHasWhatBootGivesIt() {
		this.solo.run((context) -> {
			assertThat(context).hasSingleBean(Peers.class)
				.hasSingleBean(PrometheusScrapeEndpoint.class)
				.hasSingleBean(MetricsEndpoint.class)
				.doesNotHaveBean(FleetMetricsAutoConfiguration.class)
				.doesNotHaveBean(FleetPrometheusWebExtension.class)
				.doesNotHaveBean(FleetMetricsWebExtension.class);
			assertThat(context.getBean(Peers.class).others()).isEmpty();
		});
	}

	@Test
	void registriesOfTheUserAmongWhichNoneIsTheOneAreLeftToBoot() {
		this.worker
			.withBean("one", PrometheusMeterRegistry.class, () -> new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))
			.withBean("two", PrometheusMeterRegistry.class, () -> new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(PrometheusScrapeEndpoint.class)
				.doesNotHaveBean(FleetPrometheusWebExtension.class));
	}

	@Test
	void gaugesHaveTheWorkerAndCountersAreSums() {
		this.worker.run((context) -> {
			Counter.builder("orders").tag("kind", "a").register(context.getBean(MeterRegistry.class)).increment(3);
			context.getBean(MeterRegistry.class).gauge("depth", 7);
			assertThat(scrape(context)).contains("orders_total{kind=\"a\"} 3.0")
				.contains("depth{worker=\"1\"} 7.0")
				.contains("tomcorn_workers{state=\"ready\"} 1.0")
				.contains("tomcorn_worker_up{worker=\"0\"} 0.0")
				.contains("tomcorn_worker_up{worker=\"1\"} 1.0");
		});
	}

	@Test
	void countersAreToldByWorkerWhenTheOperatorWantsIt() {
		this.worker.withPropertyValues("tomcorn.metrics.counters=by-worker").run((context) -> {
			context.getBean(MeterRegistry.class).counter("orders").increment(3);
			assertThat(scrape(context)).contains("orders_total{worker=\"1\"} 3.0");
			assertThat(context.getBean(TomcornProperties.class).getMetrics().getCounters())
				.isEqualTo(Counters.BY_WORKER);
		});
	}

	@Test
	void tasksThatRunNowAreNoCounter() {
		this.worker.run((context) -> {
			context.getBean(MeterRegistry.class).more().longTaskTimer("import").start();
			assertThat(scrape(context)).contains("import_seconds_count{worker=\"1\"} 1");
		});
	}

	@Test
	void quantilesAreToldOnlyByWorker() {
		this.worker.withPropertyValues("tomcorn.metrics.counters=by-worker").run((context) -> {
			Timer.builder("work").publishPercentiles(0.5).register(context.getBean(MeterRegistry.class));
			assertThat(scrape(context)).contains("work_seconds{worker=\"1\",quantile=\"0.5\"}");
		});
		this.worker.run((context) -> {
			Timer.builder("work").publishPercentiles(0.5).register(context.getBean(MeterRegistry.class));
			assertThat(scrape(context)).contains("work_seconds_count 0").doesNotContain("quantile");
		});
	}

	@Test
	void whatAWorkerHasCountedIsThereWhenAnotherHasItsPlace() {
		this.worker.run((context) -> {
			context.getBean(MeterRegistry.class).counter("orders").increment(3);
			context.getBean(MeterRegistry.class).gauge("depth", 7);
			scrape(context);
			context.getBean(FleetMetricsWebExtension.class).listNames();
		});
		// It is frozen, then gone
		this.slot = this.scoreboard.claim(0, 0, 3, 1);
		this.worker.run((context) -> {
			context.getBean(MeterRegistry.class).counter("orders").increment(4);
			assertThat(scrape(context)).contains("orders_total 7.0")
				.doesNotContain("depth")
				.contains("tomcorn_worker_up{worker=\"0\"} 1.0")
				.contains("tomcorn_worker_up{worker=\"1\"} 0.0");
			this.scoreboard.slot(1).vacate();
			assertThat(scrape(context)).contains("orders_total 7.0");
			assertThat(scrape(context)).contains("orders_total 7.0");
			FleetMetricsWebExtension.MetricDescriptor orders = context.getBean(FleetMetricsWebExtension.class)
				.metric("orders", null);
			assertThat(orders).isNotNull();
			assertThat(orders.measurements()).containsExactly(new FleetMetricsWebExtension.Sample(Statistic.COUNT, 7));
			assertThat(orders.availableTags())
				.containsExactly(new FleetMetricsWebExtension.AvailableTag("worker", Set.of("0", "1")));
			assertThat(context.getBean(FleetMetricsWebExtension.class).metric("orders", List.of("worker:1")))
				.extracting(FleetMetricsWebExtension.MetricDescriptor::measurements)
				.isEqualTo(List.of(new FleetMetricsWebExtension.Sample(Statistic.COUNT, 3)));
			assertThat(context.getBean(FleetMetricsWebExtension.class).metric("nothing", null)).isNull();
		});
		try (Stream<Path> files = Files.list(this.directory)) {
			assertThat(files).hasSize(7);
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	@Test
	void diskWithoutRoomStopsNoScrape() {
		this.worker.run((context) -> {
			Counter orders = context.getBean(MeterRegistry.class).counter("orders");
			Path draft = this.directory.resolve("prometheus2-2.new");
			Files.createSymbolicLink(draft, FULL);
			assertThat(scrape(context)).contains("tomcorn_workers{state=\"ready\"} 1.0")
				.contains("tomcorn_worker_up{worker=\"1\"} 0.0")
				.doesNotContain("orders");
			orders.increment(3);
			assertThat(scrape(context)).contains("orders_total 3.0").contains("tomcorn_worker_up{worker=\"1\"} 1.0");
			orders.increment(4);
			Files.createSymbolicLink(draft, FULL);
			assertThat(scrape(context)).as("what another worker tells next")
				.contains("orders_total 3.0")
				.contains("tomcorn_worker_up{worker=\"1\"} 0.0");
			Files.createSymbolicLink(draft, FULL);
			FleetSnapshots<?> snapshots = context.getBean("tomcornPrometheusSnapshots", FleetSnapshots.class);
			assertThatException().isThrownBy(() -> snapshots.answer(Map.of()))
				.withMessageContaining("cannot be written");
			assertThat(scrape(context)).contains("orders_total 7.0").contains("tomcorn_worker_up{worker=\"1\"} 1.0");
			Files.createSymbolicLink(this.directory.resolve("meters2-2.new"), FULL);
			assertThat(count(context, "tomcorn.boots")).isZero();
			assertThat(count(context, "orders")).isEqualTo(7);
		});
	}

	@Test
	void counterThatIsNotKnownAddsNothing() {
		this.worker.run((context) -> {
			FunctionCounter.builder("orders", this, (self) -> Double.NaN)
				.register(context.getBean(MeterRegistry.class));
			assertThat(scrape(context)).doesNotContain("orders_total NaN");
			context.getBean(FleetMetricsWebExtension.class).listNames();
		});
		nextWorker();
		this.worker.run((context) -> {
			context.getBean(MeterRegistry.class).counter("orders").increment(4);
			assertThat(scrape(context)).contains("orders_total 4.0");
			assertThat(count(context, "orders")).isEqualTo(4);
		});
	}

	@Test
	void whatIsRemovedWhileAWorkerStopsStillCounts() {
		this.worker.withUserConfiguration(Leaving.class).run((context) -> assertThat(context).hasNotFailed());
		nextWorker();
		this.worker.run((context) -> {
			assertThat(scrape(context)).contains("messages_total{topic=\"a\"} 5.0")
				.contains("messages_total{topic=\"b\"} 7.0")
				.contains("work_seconds_bucket{le=\"+Inf\"} 2")
				.contains("work_seconds_count 2");
			assertThat(count(context, "messages")).isEqualTo(12);
			assertThat(count(context, "work")).isEqualTo(2);
		});
	}

	private static double count(AssertableWebApplicationContext context, String name) {
		FleetMetricsWebExtension.MetricDescriptor metric = context.getBean(FleetMetricsWebExtension.class)
			.metric(name, null);
		assertThat(metric).isNotNull();
		return metric.measurements()
			.stream()
			.filter((sample) -> sample.statistic() == Statistic.COUNT)
			.mapToDouble(FleetMetricsWebExtension.Sample::value)
			.sum();
	}

	private void nextWorker() {
		this.scoreboard.slot(1).vacate();
		this.slot = this.scoreboard.claim(0, 0, 3, 1);
	}

	@Test
	void gaugeThatHangsHoldsUpOneThreadOnly() {
		this.worker.run((context) -> {
			CountDownLatch asked = new CountDownLatch(1);
			CountDownLatch release = new CountDownLatch(1);
			Gauge.builder("stuck", release, (latch) -> {
				asked.countDown();
				try {
					latch.await();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
				return 1;
			}).register(context.getBean(MeterRegistry.class));
			FleetSnapshots<?> snapshots = context.getBean("tomcornPrometheusSnapshots", FleetSnapshots.class);
			try (ExecutorService executor = Executors.newFixedThreadPool(2)) {
				Future<byte[]> first = executor.submit(() -> snapshots.answer(Map.of()));
				try {
					assertThat(asked.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
					assertThat(executor.submit(() -> snapshots.answer(Map.of()))).failsWithin(LIMIT)
						.withThrowableOfType(ExecutionException.class)
						.withCauseInstanceOf(IllegalStateException.class);
				}
				finally {
					release.countDown();
				}
				assertThat(first).succeedsWithin(LIMIT);
			}
			assertThat(snapshots.answer(Map.of())).isEmpty();
		});
	}

	@Test
	void scrapeCanBeOfSomeNamesAndInAllFormats() {
		this.worker.run((context) -> {
			context.getBean(MeterRegistry.class).counter("orders").increment(3);
			context.getBean(MeterRegistry.class).counter("others").increment(3);
			assertThat(scrape(context, "orders")).contains("orders_total").doesNotContain("others", "worker_up");
			for (PrometheusOutputFormat format : PrometheusOutputFormat.values()) {
				assertThat(context.getBean(FleetPrometheusWebExtension.class).scrape(format, null).getBody())
					.isNotEmpty();
			}
		});
	}

	@Test
	void pushedMetersHaveTheWorkerAndOthersDoNot() {
		this.worker.withUserConfiguration(Pushing.class).run((context) -> {
			context.getBean(LoggingMeterRegistry.class).counter("orders");
			context.getBean(PrometheusMeterRegistry.class).counter("orders");
			assertThat(context.getBean(LoggingMeterRegistry.class).get("orders").meter().getId().getTag("worker"))
				.isEqualTo("1");
			assertThat(context.getBean(PrometheusMeterRegistry.class).get("orders").meter().getId().getTag("worker"))
				.isNull();
		});
	}

	@Test
	void workerNeedsNeitherPrometheusNorActuator() {
		this.worker.withClassLoader(new FilteredClassLoader("io.prometheus", "io.micrometer.prometheusmetrics"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(FleetMetricsWebExtension.class)
				.doesNotHaveBean(FleetPrometheusWebExtension.class));
		new WebApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(TomcornAutoConfiguration.class, PeerAutoConfiguration.class,
					WorkerMetricsAutoConfiguration.class, FleetMetricsAutoConfiguration.class))
			.withInitializer((context) -> context.getBeanFactory()
				.registerSingleton(OnSupervised.WORKER_PROCESS_BEAN, this.process))
			.withClassLoader(
					new FilteredClassLoader("org.springframework.boot.actuate", "org.springframework.boot.micrometer"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(Peers.class)
				.doesNotHaveBean("tomcornPeerChannelOpener")
				.doesNotHaveBean(FleetMetricsAutoConfiguration.class));
	}

	@Test
	void endpointThatIsNotExposedIsNotCollected() {
		this.worker.withPropertyValues("management.endpoints.web.exposure.include=metrics")
			.run((context) -> assertThat(context).hasSingleBean(FleetMetricsWebExtension.class)
				.doesNotHaveBean(FleetPrometheusWebExtension.class));
	}

	/**
	 * Like clients of brokers, which remove their meters when they close.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Leaving {

		@Bean
		SmartLifecycle leaving(MeterRegistry registry) {
			return new SmartLifecycle() {

				private volatile boolean running;

				@Override
				public void start() {
					this.running = true;
					registry.counter("messages", "topic", "a").increment(5);
					registry.counter("messages", "topic", "b").increment(3);
					work().record(Duration.ofMillis(1));
				}

				@Override
				public void stop() {
					this.running = false;
					registry.counter("messages", "topic", "b").increment(4);
					work().record(Duration.ofMillis(1));
					registry.remove(registry.counter("messages", "topic", "a"));
				}

				private Timer work() {
					return Timer.builder("work").publishPercentileHistogram().register(registry);
				}

				@Override
				public boolean isRunning() {
					return this.running;
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Pushing {

		@Bean
		LoggingMeterRegistry loggingMeterRegistry() {
			return new LoggingMeterRegistry();
		}

	}

}
