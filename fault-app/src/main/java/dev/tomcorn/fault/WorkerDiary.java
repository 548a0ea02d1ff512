package dev.tomcorn.fault;

import dev.tomcorn.WorkerDrainingEvent;
import dev.tomcorn.WorkerReadyEvent;
import dev.tomcorn.WorkerRecyclingEvent;
import jakarta.annotation.PreDestroy;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Logs the events that the worker publishes to its application.
 */
@Component
class WorkerDiary {

	private static final Log logger = LogFactory.getLog(WorkerDiary.class);

	@EventListener
	void ready(WorkerReadyEvent event) {
		logger.info("Worker diary: ready, index " + event.worker().index());
	}

	@EventListener
	void recycling(WorkerRecyclingEvent event) {
		logger.info("Worker diary: recycling, " + event.reason());
	}

	@EventListener
	void draining(WorkerDrainingEvent event) {
		logger.info("Worker diary: draining, index " + event.worker().index());
	}

	@PreDestroy
	void closed() {
		logger.info("Worker diary: closed");
	}

}
