package dev.tomcorn.leader;

import java.io.IOException;
import java.nio.channels.FileLock;

import dev.tomcorn.core.scoreboard.FleetLocks;
import org.jspecify.annotations.Nullable;

/**
 * What a worker must win to be the leader.
 */
interface Ballot {

	/**
	 * Try to win. Does not wait.
	 */
	boolean win() throws IOException;

	/**
	 * Let somebody else win.
	 */
	void giveUp() throws IOException;

	/**
	 * The vote of a fleet, which the kernel counts.
	 */
	static Ballot of(FleetLocks locks) {
		return new Ballot() {

			private @Nullable FileLock lock;

			@Override
			public boolean win() throws IOException {
				this.lock = locks.tryLead();
				return this.lock != null;
			}

			@Override
			public void giveUp() throws IOException {
				if (this.lock != null) {
					this.lock.release();
				}
				this.lock = null;
			}

		};
	}

	/**
	 * The vote where there is only one worker.
	 */
	static Ballot alone() {
		return new Ballot() {

			@Override
			public boolean win() {
				return true;
			}

			@Override
			public void giveUp() {
				// To nobody
			}

		};
	}

}
