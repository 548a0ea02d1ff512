package dev.tomcorn.metrics;

import dev.tomcorn.worker.FigureSampler;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Adds the number of pinned virtual threads to a worker's figures, if the application
 * counts them. Binds the application's counter to a registry of Tomcorn's own, because
 * the application's registry may count by intervals, or not at all.
 */
final class PinnedThreads implements SmartInitializingSingleton {

	private static final String COUNTER = "io.micrometer.java21.instrument.binder.jdk.VirtualThreadMetrics";

	private static final String TIMER = "jvm.threads.virtual.pinned";

	private final FigureSampler sampler;

	private final ObjectProvider<MeterBinder> binders;

	private final MeterRegistry registry = new SimpleMeterRegistry();

	/**
	 * Create the reader.
	 * @param sampler reports the worker's figures to the arbiter
	 * @param binders the application's binders, perhaps with Micrometer's of virtual
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
