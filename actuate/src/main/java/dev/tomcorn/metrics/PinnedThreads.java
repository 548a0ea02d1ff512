package dev.tomcorn.metrics;

import dev.tomcorn.worker.FigureSampler;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Shows among a worker's figures how often virtual threads were pinned, where the
 * application has that counted. What counts it binds to a registry of our own besides:
 * the application's may count by intervals, or not at all.
 */
final class PinnedThreads implements SmartInitializingSingleton {

	private static final String COUNTER = "io.micrometer.java21.instrument.binder.jdk.VirtualThreadMetrics";

	private static final String TIMER = "jvm.threads.virtual.pinned";

	private final FigureSampler sampler;

	private final ObjectProvider<MeterBinder> binders;

	private final MeterRegistry registry = new SimpleMeterRegistry();

	/**
	 * Create what shows them.
	 * @param sampler writes down the worker's figures
	 * @param binders the application's, among which may be Micrometer's of virtual
	 * threads
	 */
	PinnedThreads(FigureSampler sampler, ObjectProvider<MeterBinder> binders) {
		this.sampler = sampler;
		this.binders = binders;
	}

	@Override
	public void afterSingletonsInstantiated() {
		this.binders.stream()
			.filter((binder) -> binder.getClass().getName().equals(COUNTER))
			.findFirst()
			.ifPresent(this::count);
	}

	private void count(MeterBinder counter) {
		counter.bindTo(this.registry);
		Timer timer = this.registry.find(TIMER).timer();
		if (timer != null) {
			this.sampler.countPinned(timer::count);
		}
	}

}
