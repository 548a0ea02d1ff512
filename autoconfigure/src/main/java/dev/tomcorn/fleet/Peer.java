package dev.tomcorn.fleet;

import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;

/**
 * A worker of the fleet as another one sees it.
 *
 * @param index its place in the fleet, from 0
 * @param age how many workers were spawned before it, plus one
 * @param pid its process id
 * @param state what it does
 * @param silent whether it shows no sign of life, see {@link WorkerSlot#isSilent()}
 */
public record Peer(int index, long age, long pid, WorkerState state, boolean silent) {

	static Peer of(WorkerSlot slot) {
		return new Peer(slot.index(), slot.age(), slot.pid(), slot.state(), slot.isSilent());
	}

}
