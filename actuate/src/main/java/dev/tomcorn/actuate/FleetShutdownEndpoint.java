package dev.tomcorn.actuate;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.Operation;
import dev.tomcorn.worker.WorkerProcess;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.context.ShutdownEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.context.ApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * {@link ShutdownEndpoint} of a fleet. It stops the whole fleet gracefully, as TERM to
 * the arbiter does. Boot's own would end one worker, and the arbiter would replace it.
 */
public final class FleetShutdownEndpoint extends ShutdownEndpoint {

	private static final Log logger = LogFactory.getLog(FleetShutdownEndpoint.class);

	private final WorkerProcess process;

	/**
	 * Create the endpoint.
	 * @param process the worker that answers
	 */
	public FleetShutdownEndpoint(WorkerProcess process) {
		this.process = process;
	}

	/**
	 * Answer as Boot does, and end the fleet a moment later.
	 * @return Boot's answer
	 * @throws IllegalStateException if the arbiter shows no sign of life
	 */
	@Override
	@WriteOperation
	public ShutdownDescriptor shutdown() {
		if (this.process.scoreboard().isArbiterSilent()) {
			throw new IllegalStateException("The arbiter shows no sign of life: the fleet was not stopped");
		}
		return super.shutdown();
	}

	@Override
	public void setApplicationContext(ApplicationContext context) {
		super.setApplicationContext(new FleetContext());
	}

	private void stopFleet() {
		logger.info("Asking the arbiter to stop: the shutdown endpoint was called");
		this.process.ask(new Operation.Stop(false)).whenComplete(FleetShutdownEndpoint::tell);
	}

	private static void tell(@Nullable Answer answer, @Nullable Throwable failure) {
		if (answer == null || answer.outcome() == Answer.Outcome.FAILED) {
			logger.error("The fleet was not stopped: " + ((answer != null) ? answer.message() : failure));
		}
	}

	/**
	 * The context that Boot's endpoint closes. Closing it stops the fleet.
	 */
	private final class FleetContext extends GenericApplicationContext {

		@Override
		public void close() {
			stopFleet();
		}

	}

}
