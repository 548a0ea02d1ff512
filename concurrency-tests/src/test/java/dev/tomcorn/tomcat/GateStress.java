package dev.tomcorn.tomcat;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.TestMemory;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;
import org.openjdk.jcstress.infra.results.Z_Result;

/**
 * The agreement between a gate and the acceptor. No worker has siblings here.
 */
public final class GateStress {

	/**
	 * Without siblings these are not read.
	 */
	private static final Scoreboard SCOREBOARD = Scoreboard.solo();

	private GateStress() {
	}

	private static AcceptGate gate(WorkerSlot slot) {
		return new AcceptGate(SCOREBOARD, slot, 1, null, () -> 0);
	}

	/**
	 * A gate that has closed does not show a worker that accepts. An acceptor that has
	 * passed before finds it closed at its second check, before it takes a connection.
	 */
	@JCStressTest
	@Outcome(id = { "false, true, false", "true, true, false" }, expect = Expect.ACCEPTABLE,
			desc = "passed before, or turned away")
	@Outcome(expect = Expect.FORBIDDEN, desc = "open, or shown to accept")
	@State
	public static class Closed {

		private final WorkerSlot slot = TestMemory.slot();

		private final AcceptGate gate = gate(this.slot);

		@Actor
		public void accept(ZZZ_Result result) {
			result.r1 = this.gate.awaitTurn(() -> {
			});
		}

		@Actor
		public void close() {
			this.gate.close();
		}

		@Arbiter
		public void end(ZZZ_Result result) {
			result.r2 = this.gate.isClosed();
			result.r3 = this.slot.accepting();
		}

	}

	/**
	 * Nothing opens a closed gate again.
	 */
	@JCStressTest
	@Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "closed")
	@Outcome(expect = Expect.FORBIDDEN, desc = "open again")
	@State
	public static class ClosedForGood {

		private final AcceptGate gate = gate(TestMemory.slot());

		@Actor
		public void others() {
			this.gate.lastCall();
			this.gate.open();
		}

		@Actor
		public void close() {
			this.gate.close();
		}

		@Arbiter
		public void end(Z_Result result) {
			result.r1 = this.gate.isClosed();
		}

	}

}
