package dev.tomcorn.tomcat;

import dev.tomcorn.worker.Traffic;
import dev.tomcorn.worker.WorkerProcess;

import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.Ordered;

/**
 * Connects the worker's traffic to the application's lifecycle. Traffic begins when the
 * application is ready and is drained before any bean stops.
 */
final class WorkerLifecycle {

	private WorkerLifecycle() {
	}

	/**
	 * Runs once the application is ready and its runners have finished. Warms the
	 * application up and reports the worker as ready.
	 */
	static final class OnReady implements ApplicationListener<ApplicationReadyEvent>, Ordered {

		private final ApplicationContext context;

		private final WorkerProcess process;

		private final Traffic traffic;

		private final WorkerEvents events;

		private final WorkerWarmUp warmUp;

		private final Runnable watch;

		OnReady(ApplicationContext context, WorkerProcess process, Traffic traffic, WorkerEvents events,
				WorkerWarmUp warmUp, Runnable watch) {
			this.context = context;
			this.process = process;
			this.traffic = traffic;
			this.events = events;
			this.warmUp = warmUp;
			this.watch = watch;
		}

		@Override
		public void onApplicationEvent(ApplicationReadyEvent event) {
			if (event.getApplicationContext() == this.context) {
				this.process.whenRecycling(this.events::recycling);
				this.warmUp.run(event.getApplicationContext());
				this.process.ready(this::serve);
				this.watch.run();
			}
		}

		private void serve() {
			this.traffic.startAccepting();
			this.events.ready();
		}

		@Override
		public int getOrder() {
			return Ordered.LOWEST_PRECEDENCE;
		}

	}

	/**
	 * Runs when the context begins to close, before any lifecycle bean stops and before
	 * executors reject the tasks of requests in flight.
	 */
	static final class OnClosed implements ApplicationListener<ContextClosedEvent>, Ordered {

		private final ApplicationContext context;

		private final Runnable drain;

		OnClosed(ApplicationContext context, Runnable drain) {
			this.context = context;
			this.drain = drain;
		}

		@Override
		public void onApplicationEvent(ContextClosedEvent event) {
			if (event.getApplicationContext() == this.context) {
				this.drain.run();
			}
		}

		@Override
		public int getOrder() {
			return Ordered.HIGHEST_PRECEDENCE;
		}

	}

}
