package dev.tomcorn.metrics;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

import dev.tomcorn.core.problem.WorkerFacts.Pool;
import dev.tomcorn.worker.FigureSampler;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;

import org.springframework.beans.factory.support.StaticListableBeanFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;

class ConnectionPoolsTests {

	private final MeterRegistry registry = new SimpleMeterRegistry();

	private final AtomicInteger waiting = new AtomicInteger();

	private final AtomicLong now = new AtomicLong(7);

	private final FigureSampler sampler = mock();

	private ConnectionPools pools(StaticListableBeanFactory factory) {
		return new ConnectionPools(this.sampler, factory.getBeanProvider(MeterRegistry.class), this.now::get);
	}

	private ConnectionPools pools() {
		return pools(new StaticListableBeanFactory());
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
		ConnectionPools pools = pools();
		assertThat(pools.busiest(this.registry)).isEqualTo(new Pool("b", 0, 0, 1, 7));
		this.now.set(20);
		this.waiting.set(24);
		assertThat(pools.busiest(this.registry)).isEqualTo(new Pool("a", 10, 10, 24, 20));
		this.now.set(30);
		assertThat(pools.busiest(this.registry)).isEqualTo(new Pool("a", 10, 10, 24, 20));
		this.waiting.set(0);
		assertThat(pools.busiest(this.registry)).isEqualTo(new Pool("b", 0, 0, 1, 7));
		this.waiting.set(2);
		assertThat(pools.busiest(this.registry)).isEqualTo(new Pool("a", 10, 10, 2, 30));
	}

	@Test
	void applicationWithoutSuchPoolsHasNone() {
		assertThat(pools().busiest(this.registry)).isNull();
	}

	@Test
	void registryIsAskedForOnceWhileTheContextStarts() {
		pools().afterSingletonsInstantiated();
		then(this.sampler).shouldHaveNoInteractions();
		StaticListableBeanFactory factory = new StaticListableBeanFactory();
		factory.addBean("registry", this.registry);
		ArgumentCaptor<Supplier<Pool>> watched = ArgumentCaptor.captor();
		pools(factory).afterSingletonsInstantiated();
		then(this.sampler).should().watchPools(watched.capture());
		factory.addBean("another", new SimpleMeterRegistry());
		gauge("pending", "a", new AtomicInteger(3));
		assertThat(watched.getValue().get()).isEqualTo(new Pool("a", 0, 0, 3, 7));
	}

}
