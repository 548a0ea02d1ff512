package dev.tomcorn.core.scoreboard;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * A worker that drains never takes traffic again, even if its start is still going on.
 */
@JCStressTest
@Outcome(id = "DRAINING", expect = Expect.ACCEPTABLE, desc = "absorbing")
@Outcome(expect = Expect.FORBIDDEN, desc = "it takes traffic again")
@State
public class WorkerStateStress {

	private final WorkerSlot slot = TestMemory.slot();

	public WorkerStateStress() {
		this.slot.claim(0, 1, 1);
	}

	@Actor
	public void start() {
		if (this.slot.advance(WorkerState.STARTING, WorkerState.STANDBY)) {
			this.slot.advance(WorkerState.STANDBY, WorkerState.READY);
		}
	}

	@Actor
	public void drain() {
		this.slot.setState(WorkerState.DRAINING);
	}

	@Arbiter
	public void end(L_Result result) {
		result.r1 = this.slot.state();
	}

}
