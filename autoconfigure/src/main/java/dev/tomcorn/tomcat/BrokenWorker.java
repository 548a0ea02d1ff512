package dev.tomcorn.tomcat;

import dev.tomcorn.worker.WorkerProcess;

import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.context.ApplicationListener;

/**
 * Has the worker replaced when its application reports {@link LivenessState#BROKEN}.
 */
final class BrokenWorker implements ApplicationListener<AvailabilityChangeEvent<?>> {

	private final WorkerProcess process;

	/**
	 * Create the listener.
	 * @param process the worker
	 */
	BrokenWorker(WorkerProcess process) {
		this.process = process;
	}

	@Override
	public void onApplicationEvent(AvailabilityChangeEvent<?> event) {
		if (event.getState() == LivenessState.BROKEN) {
			this.process.recycle("its application says that it is broken (LivenessState.BROKEN)");
		}
	}

}
