package dev.tomcorn.tomcat;

import dev.tomcorn.Worker;
import dev.tomcorn.WorkerDrainingEvent;
import dev.tomcorn.WorkerReadyEvent;
import dev.tomcorn.WorkerRecyclingEvent;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.context.ApplicationEventPublisher;

/**
 * Publishes the events of the worker. Listeners of {@link WorkerReadyEvent} and
 * {@link WorkerRecyclingEvent} run in a thread of their own, so that they do not delay
 * the caller. An exception of a listener is logged and does not stop the caller.
 */
final class WorkerEvents {

	private static final Log logger = LogFactory.getLog(WorkerEvents.class);

	private final Worker worker;

	private final ApplicationEventPublisher publisher;

	WorkerEvents(Worker worker, ApplicationEventPublisher publisher) {
		this.worker = worker;
		this.publisher = publisher;
	}

	void ready() {
		publishLater(new WorkerReadyEvent(this.worker));
	}

	void draining() {
		publish(new WorkerDrainingEvent(this.worker));
	}

	void recycling(String reason) {
		publishLater(new WorkerRecyclingEvent(this.worker, reason));
	}

	private void publishLater(Object event) {
		Thread.ofPlatform().daemon().name("tomcorn-events").start(() -> publish(event));
	}

	private void publish(Object event) {
		try {
			this.publisher.publishEvent(event);
		}
		catch (RuntimeException | LinkageError ex) {
			logger.error("A listener has failed at " + event, ex);
		}
	}

}
