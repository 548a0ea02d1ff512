package dev.tomcorn.metrics;

import dev.tomcorn.worker.FigureSampler;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * Shows among a worker's figures how often virtual threads were pinned, where the
 * application has that counted: with {@code micrometer-java21} Spring Boot binds the
 * timer that is read here.
 */
public final class PinnedThreads implements MeterBinder {

	static final String TIMER = "jvm.threads.virtual.pinned";

	private final FigureSampler sampler;

	/**
	 * Create the binder.
	 * @param sampler writes down the worker's figures
	 */
	public PinnedThreads(FigureSampler sampler) {
		this.sampler = sampler;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		this.sampler.countPinned(() -> {
			Timer timer = registry.find(TIMER).timer();
			return (timer != null) ? timer.count() : -1;
		});
	}

}
