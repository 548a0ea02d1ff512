package dev.tomcorn.metrics;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import dev.tomcorn.core.problem.WorkerFacts.Pool;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.support.StaticListableBeanFactory;

import static org.assertj.core.api.Assertions.assertThat;

class ConnectionPoolsTests {

	private final MeterRegistry registry = new SimpleMeterRegistry();

	private final AtomicInteger waiting = new AtomicInteger();

	private final AtomicLong now = new AtomicLong(7);

	private ConnectionPools pools(MeterRegistry meters) {
		StaticListableBeanFactory factory = new StaticListableBeanFactory();
		factory.addBean("registry", meters);
		return new ConnectionPools(null, factory.getBeanProvider(MeterRegistry.class), this.now::get);
	}

	private void gauge(String name, String pool, AtomicInteger value) {
		Gauge.builder("hikaricp.connections." + name, value, AtomicInteger::get)
			.tag("pool", pool)
			.register(this.registry);
	}

	@Test
	void poolForWhichMostWaitIsToldSinceItHadNoConnectionLeft() {
		gauge("pending", "a", this.waiting);
		gauge("active", "a", new AtomicInteger(10));
		gauge("max", "a", new AtomicInteger(10));
		gauge("pending", "b", new AtomicInteger(1));
		ConnectionPools pools = pools(this.registry);
		assertThat(pools.busiest()).isEqualTo(new Pool("b", 0, 0, 1, 7));
		this.now.set(20);
		this.waiting.set(24);
		assertThat(pools.busiest()).isEqualTo(new Pool("a", 10, 10, 24, 20));
		this.now.set(30);
		assertThat(pools.busiest()).isEqualTo(new Pool("a", 10, 10, 24, 20));
		this.waiting.set(0);
		assertThat(pools.busiest()).isEqualTo(new Pool("b", 0, 0, 1, 7));
		this.waiting.set(2);
		assertThat(pools.busiest()).isEqualTo(new Pool("a", 10, 10, 2, 30));
	}

	@Test
	void applicationWithoutSuchPoolsHasNone() {
		assertThat(pools(this.registry).busiest()).isNull();
	}

}
