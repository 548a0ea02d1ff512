package dev.tomcorn.metrics;

import java.time.Duration;
import java.util.Locale;
import java.util.Set;

import dev.tomcorn.Worker;
import dev.tomcorn.core.arbiter.ProblemKind;
import dev.tomcorn.tomcat.TomcornAutoConfiguration;
import dev.tomcorn.worker.FigureSampler;
import dev.tomcorn.worker.WorkerProcess;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link WorkerMetricsAutoConfiguration}.
 */
class WorkerMetricsAutoConfigurationTests {

	/**
	 * Shares, counts of CPUs, and what is 1 or 0.
	 */
	private static final Set<String> DIMENSIONLESS = Set.of("tomcorn.saturation", "tomcorn.worker.saturation",
			"tomcorn.worker.cpu", "tomcorn.worker.gc", "tomcorn.worker.leader", "tomcorn.virtual.threads.parallelism");

	private final WebApplicationContextRunner plain = new WebApplicationContextRunner(
			AnnotationConfigServletWebServerApplicationContext::new)
		.withConfiguration(AutoConfigurations.of(TomcatServletWebServerAutoConfiguration.class))
		.withPropertyValues("server.port=0");

	private final WebApplicationContextRunner runner = this.plain
		.withConfiguration(AutoConfigurations.of(TomcornAutoConfiguration.class, WorkerMetricsAutoConfiguration.class));

	@Test
	void soloNothingIsMeasuredThatNobodyCanSee() {
		WebApplicationContextRunner starterOnly = this.plain
			.withConfiguration(AutoConfigurations.of(TomcornAutoConfiguration.class));
		starterOnly.withClassLoader(new FilteredClassLoader("io.micrometer.core"))
			.run((context) -> assertThat(context).as("Actuator is there").hasSingleBean(FigureSampler.class));
		starterOnly.withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
			.run((context) -> assertThat(context).as("Micrometer is there").hasSingleBean(FigureSampler.class));
		starterOnly.withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate", "io.micrometer.core"))
			.run((context) -> assertThat(context).hasSingleBean(Worker.class).doesNotHaveBean(FigureSampler.class));
	}

	@Test
	void worksWithoutMicrometer() {
		this.runner.withClassLoader(new FilteredClassLoader("io.micrometer"))
			.run((context) -> assertThat(context).hasSingleBean(Worker.class).doesNotHaveBean(WorkerMetrics.class));
	}

	@Test
	void metersAreBoundWithDescriptionAndUnit() {
		this.runner.withBean(MeterRegistry.class, SimpleMeterRegistry::new).run((context) -> {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			context.getBean(WorkerMetrics.class).bindTo(registry);
			context.getBean(FleetMetrics.class).bindTo(registry);
			assertThat(registry.get("tomcorn.workers").tag("state", "starting").gauge().value()).isEqualTo(1);
			assertThat(registry.get("tomcorn.requests.active").tag("worker", "0").gauge().value()).isZero();
			assertThat(registry.get("tomcorn.requests.handled").tag("worker", "0").functionCounter().count()).isZero();
			assertThat(registry.get("tomcorn.connections.open").tag("worker", "0").gauge().value()).isZero();
			assertThat(registry.getMeters()).allSatisfy((meter) -> {
				assertThat(meter.getId().getDescription()).isNotBlank();
				String name = meter.getId().getName();
				if (name.matches("tomcorn\\.(workers|requests|connections)\\..*")) {
					assertThat(meter.getId().getBaseUnit()).as("Prometheus appends the unit to " + name).isNull();
				}
				else if (!DIMENSIONLESS.contains(name)) {
					assertThat(meter.getId().getBaseUnit()).as(name).isNotBlank();
				}
				assertThat(meter.getId().getTags()).allSatisfy(
						(tag) -> assertThat(tag.getKey()).isIn("worker", "state", "stage", "cause", "outcome", "kind"));
			});
			assertThat(registry.get("tomcorn.request.time").tag("stage", "waiting").functionTimer().count()).isZero();
			for (ProblemKind kind : ProblemKind.values()) {
				assertThat(registry.get("tomcorn.problems")
					.tag("kind", kind.name().toLowerCase(Locale.ROOT))
					.gauge()
					.value()).isZero();
			}
			assertThat(registry.get("tomcorn.deaths").tag("cause", "silent").functionCounter().count()).isZero();
			assertThat(registry.get("tomcorn.listener.queue").gauge().value()).as("unknown when solo").isNaN();
			assertThat(registry.getMeters().stream().map((meter) -> meter.getId().getName()).distinct()).contains(
					"tomcorn.requests.failed", "tomcorn.worker.saturation", "tomcorn.worker.resident.memory",
					"tomcorn.worker.cpu", "tomcorn.worker.gc", "tomcorn.worker.heartbeat.age",
					"tomcorn.worker.boot.time", "tomcorn.worker.leader", "tomcorn.virtual.threads",
					"tomcorn.virtual.threads.parallelism", "tomcorn.workers.target", "tomcorn.workers.silent",
					"tomcorn.listener.queue.limit", "tomcorn.listener.wait", "tomcorn.recycles", "tomcorn.reloads",
					"tomcorn.boots", "tomcorn.boot.time", "tomcorn.drain.time", "tomcorn.saturation");
		});
	}

	@Test
	void metersBackOffToTheUsers() {
		WorkerProcess process = WorkerProcess.solo(Duration.ofSeconds(1));
		FleetMetrics own = new FleetMetrics(process);
		this.runner.withBean(MeterRegistry.class, SimpleMeterRegistry::new)
			.withBean(FleetMetrics.class, () -> own)
			.run((context) -> assertThat(context.getBean(FleetMetrics.class)).isSameAs(own));
	}

}
