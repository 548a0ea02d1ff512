package dev.tomcorn.tomcat;

import dev.tomcorn.worker.WorkerProcess;
import org.junit.jupiter.api.Test;

import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.support.GenericApplicationContext;

import static org.mockito.ArgumentMatchers.contains;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link BrokenWorker}.
 */
class BrokenWorkerTests {

	private final WorkerProcess process = mock(WorkerProcess.class);

	@Test
	void onlyWorkerWhoseApplicationIsBrokenIsReplaced() {
		try (GenericApplicationContext context = new GenericApplicationContext()) {
			context.registerBean(BrokenWorker.class, () -> new BrokenWorker(this.process));
			context.refresh();
			AvailabilityChangeEvent.publish(context, LivenessState.CORRECT);
			AvailabilityChangeEvent.publish(context, ReadinessState.REFUSING_TRAFFIC);
			then(this.process).shouldHaveNoInteractions();
			AvailabilityChangeEvent.publish(context, LivenessState.BROKEN);
			then(this.process).should().recycle(contains("LivenessState.BROKEN"));
		}
	}

}
