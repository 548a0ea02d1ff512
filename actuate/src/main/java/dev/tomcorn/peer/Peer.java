package dev.tomcorn.peer;

import dev.tomcorn.core.scoreboard.Trouble;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;

/**
 * A worker of the fleet as another worker sees it.
 *
 * @param index its index in the fleet, from 0
 * @param age its position in the order in which workers were spawned, from 1
 * @param pid its process id
 * @param state what it does
 * @param silent whether it is silent, see {@link WorkerSlot#isSilent()}
 * @param mute whether it is silent without a reported cause; a worker that reports
 * blocked carriers or constant garbage collection can still be asked
 */
public record Peer(int index, long age, long pid, WorkerState state, boolean silent, boolean mute) {

	static Peer of(WorkerSlot slot) {
		return new Peer(slot.index(), slot.age(), slot.pid(), slot.state(), slot.isSilent(), isMute(slot));
	}

	static boolean isMute(WorkerSlot slot) {
		return slot.isSilent() && slot.trouble() == Trouble.NONE;
	}

}
