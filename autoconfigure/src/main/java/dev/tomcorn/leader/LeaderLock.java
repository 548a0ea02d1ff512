package dev.tomcorn.leader;

import java.io.IOException;
import java.nio.channels.FileLock;

import dev.tomcorn.core.scoreboard.FleetLocks;
import org.jspecify.annotations.Nullable;

/**
 * The lock that makes a worker the leader.
 */
interface LeaderLock {

	/**
	 * Try to get the lock. Does not wait.
	 */
	boolean tryAcquire() throws IOException;

	/**
	 * Let another worker get the lock.
	 */
	void release() throws IOException;

	/**
	 * Return the lock of a fleet, which is a lock of the kernel.
	 */
	static LeaderLock of(FleetLocks locks) {
		return new LeaderLock() {

			private @Nullable FileLock lock;

			@Override
			public boolean tryAcquire() throws IOException {
				this.lock = locks.tryLead();
				return this.lock != null;
			}

			@Override
			public void release() throws IOException {
				if (this.lock != null) {
					this.lock.release();
				}
				this.lock = null;
			}

		};
	}

	/**
	 * Return the lock of an application with one worker, which always gets it.
	 */
	static LeaderLock alone() {
		return new LeaderLock() {

			@Override
			public boolean tryAcquire() {
				return true;
			}

			@Override
			public void release() {
				// No other worker waits for it
			}

		};
	}

}
