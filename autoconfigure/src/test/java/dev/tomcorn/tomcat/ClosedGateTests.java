package dev.tomcorn.tomcat;

import java.util.function.IntSupplier;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A worker whose gate has closed is not shown as accepting, whatever its acceptor was
 * doing.
 */
@Execution(ExecutionMode.CONCURRENT)
class ClosedGateTests {

	private final Scoreboard scoreboard = Scoreboard.solo();

	private final WorkerSlot slot = this.scoreboard.slot(0);

	private AcceptGate gate;

	private boolean awaitTurn(IntSupplier suspended) {
		this.gate = new AcceptGate(this.scoreboard, this.slot, 1, null, suspended);
		return this.gate.awaitTurn(() -> {
		});
	}

	@Test
	void acceptorHasPassed() {
		assertThat(awaitTurn(() -> 0)).isTrue();
		assertThat(this.slot.accepting()).isTrue();
		this.gate.close();
		assertThat(this.slot.accepting()).isFalse();
	}

	@Test
	void acceptorIsAboutToPass() {
		// Called after the check of the gate, and before the slot is updated
		assertThat(awaitTurn(() -> {
			this.gate.close();
			return 0;
		})).isFalse();
		assertThat(this.slot.accepting()).isFalse();
	}

}
