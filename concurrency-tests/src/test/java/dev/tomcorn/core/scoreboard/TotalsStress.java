package dev.tomcorn.core.scoreboard;

import java.util.List;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/**
 * While the counts of an ended worker move to the fleet's, they count once, also when its
 * slot goes to another worker at once.
 */
@JCStressTest
@Outcome(id = "3, 1", expect = Expect.ACCEPTABLE, desc = "once")
@Outcome(expect = Expect.FORBIDDEN, desc = "twice, or not at all")
@State
public class TotalsStress {

	private final EndedWorkers ended = new EndedWorkers(TestMemory.bytes(64));

	private final WorkerSlot slot = TestMemory.slot();

	private final List<WorkerSlot> slots = List.of(this.slot);

	public TotalsStress() {
		this.slot.claim(0, 1, 1);
		for (int request = 0; request < 3; request++) {
			this.slot.requestBegan();
			this.slot.requestEnded();
		}
		this.slot.requestFailed();
	}

	@Actor
	public void end() {
		this.ended.add(this.slot);
		this.slot.claim(0, 2, 1);
	}

	@Actor
	public void read(JJ_Result result) {
		Scoreboard.Totals totals = this.ended.plus(this.slots);
		result.r1 = totals.handledRequests();
		result.r2 = totals.failedRequests();
	}

}
