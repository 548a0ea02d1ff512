package dev.tomcorn.metrics;

import java.io.UncheckedIOException;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.Ordered;

/**
 * Publishes the final counts of a worker: once after the drain, before registries close,
 * and again after everything else has stopped, for requests that were cut short.
 */
final class FinalMeterPublisher implements ApplicationListener<ContextClosedEvent>, SmartLifecycle, Ordered {

	private static final Log logger = LogFactory.getLog(FinalMeterPublisher.class);

	private final ApplicationContext context;

	private final ObjectProvider<FleetSnapshots<?>> snapshots;

	private volatile boolean running;

	FinalMeterPublisher(ApplicationContext context, ObjectProvider<FleetSnapshots<?>> snapshots) {
		this.context = context;
		this.snapshots = snapshots;
	}

	@Override
	public void onApplicationEvent(ContextClosedEvent event) {
		if (event.getApplicationContext() == this.context) {
			publish();
		}
	}

	/**
	 * After the drain.
	 */
	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE + 1;
	}

	@Override
	public void start() {
		this.running = true;
	}

	@Override
	public void stop() {
		this.running = false;
		publish();
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	/**
	 * Starts first, and so stops last.
	 */
	@Override
	public int getPhase() {
		return Integer.MIN_VALUE;
	}

	private void publish() {
		for (FleetSnapshots<?> published : this.snapshots.stream().toList()) {
			try {
				published.publishLast();
			}
			catch (UncheckedIOException ex) {
				// Expected after the arbiter's end, when the directory is gone
				logger.warn("What this worker has counted since its last snapshot is lost: " + ex.getMessage());
			}
			catch (RuntimeException ex) {
				logger.warn("What this worker has counted since its last snapshot is lost", ex);
			}
		}
	}

}
