package dev.tomcorn.metrics;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

import dev.tomcorn.actuate.WorkersEndpointAutoConfiguration;
import dev.tomcorn.core.scoreboard.WorkerFigures;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.peer.PeerAutoConfiguration;
import dev.tomcorn.tomcat.TomcornAutoConfiguration;
import dev.tomcorn.worker.WorkerProcess;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.jvm.JvmMetricsAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the count of pinned virtual threads, from a flight recording to the
 * scoreboard.
 */
@Execution(ExecutionMode.CONCURRENT)
class PinnedVirtualThreadsTests {

	@Test
	void pinnedVirtualThreadsAreShownWhereTheApplicationHasThemCounted() {
		WebApplicationContextRunner counting = new WebApplicationContextRunner(
				AnnotationConfigServletWebServerApplicationContext::new)
			.withConfiguration(AutoConfigurations.of(TomcatServletWebServerAutoConfiguration.class,
					TomcornAutoConfiguration.class, PeerAutoConfiguration.class, WorkersEndpointAutoConfiguration.class,
					WorkerMetricsAutoConfiguration.class))
			.withPropertyValues("server.port=0")
			.withBean(MeterRegistry.class, CompositeMeterRegistry::new);
		counting.run((context) -> {
			WorkerSlot slot = context.getBean(WorkerProcess.class).slot();
			await().untilAsserted(() -> assertThat(pinned(slot)).as("nobody counts").isEqualTo(-1));
		});
		counting.withConfiguration(AutoConfigurations.of(JvmMetricsAutoConfiguration.class)).run((context) -> {
			WorkerSlot slot = context.getBean(WorkerProcess.class).slot();
			await().untilAsserted(() -> assertThat(pinned(slot)).isNotNegative());
			assertThat(Thread.ofVirtual().start(SlowToInitialize::use).join(Duration.ofMinutes(2))).isTrue();
			await().untilAsserted(() -> assertThat(pinned(slot)).isPositive());
		});
	}

	private static @Nullable Long pinned(WorkerSlot slot) {
		WorkerFigures figures = slot.figures();
		return (figures != null && figures.virtualThreads() != null) ? figures.virtualThreads().pinned() : null;
	}

	/**
	 * A thread that waits in its initializer pins the carrier.
	 */
	private static final class SlowToInitialize {

		static {
			LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
		}

		static void use() {
		}

	}

}
