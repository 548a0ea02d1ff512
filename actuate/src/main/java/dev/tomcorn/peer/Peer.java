package dev.tomcorn.peer;

import dev.tomcorn.core.scoreboard.Trouble;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;

/**
 * A worker of the fleet as another one sees it.
 *
 * @param index its place in the fleet, from 0
 * @param age how many workers were spawned before it, plus one
 * @param pid its process id
 * @param state what it does
 * @param silent whether it does no useful work, see {@link WorkerSlot#isSilent()}
 * @param mute whether it does not even say why: one that knows that its carriers are held
 * or that it does little but collect garbage can still be asked
 */
public record Peer(int index, long age, long pid, WorkerState state, boolean silent, boolean mute) {

	static Peer of(WorkerSlot slot) {
		return new Peer(slot.index(), slot.age(), slot.pid(), slot.state(), slot.isSilent(), isMute(slot));
	}

	static boolean isMute(WorkerSlot slot) {
		return slot.isSilent() && slot.trouble() == Trouble.NONE;
	}

}
