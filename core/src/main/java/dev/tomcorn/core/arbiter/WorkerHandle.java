package dev.tomcorn.core.arbiter;

import java.time.Duration;

/**
 * A worker as the arbiter sees it. Times are readings of the arbiter's clock in
 * nanoseconds.
 *
 * @param placement where it stands
 * @param pid its process id, 0 until it is known
 * @param state what it does
 * @param since when it entered the state
 * @param killAt when it is killed if it is still in the state
 * @param heartbeat the last heartbeat seen
 * @param heartbeatAt when the heartbeat last changed
 * @param planned whether the arbiter asked it to end, so that its exit needs no
 * replacement and no warning
 */
record WorkerHandle(Placement placement, long pid, State state, long since, long killAt, long heartbeat,
		long heartbeatAt, boolean planned) {

	/**
	 * Stands for "never" where a time is expected.
	 */
	static final long NEVER = Long.MAX_VALUE;

	enum State {

		STARTING, READY, DRAINING, KILLED

	}

	static WorkerHandle starting(Placement placement, long now, Duration bootTimeout) {
		return new WorkerHandle(placement, 0, State.STARTING, now, deadline(now, bootTimeout), 0, now, false);
	}

	static long deadline(long now, Duration limit) {
		return limit.isZero() ? NEVER : now + limit.toNanos();
	}

	WorkerHandle spawned(long newPid) {
		return new WorkerHandle(this.placement, newPid, this.state, this.since, this.killAt, this.heartbeat,
				this.heartbeatAt, this.planned);
	}

	WorkerHandle ready(long now) {
		return new WorkerHandle(this.placement, this.pid, State.READY, now, NEVER, this.heartbeat, now, false);
	}

	WorkerHandle draining(long now, long newKillAt, boolean newPlanned) {
		return new WorkerHandle(this.placement, this.pid, State.DRAINING, now, newKillAt, this.heartbeat,
				this.heartbeatAt, newPlanned);
	}

	WorkerHandle killed(long now) {
		return new WorkerHandle(this.placement, this.pid, State.KILLED, now, NEVER, this.heartbeat, this.heartbeatAt,
				this.planned);
	}

	WorkerHandle beat(long newHeartbeat, long now) {
		if (newHeartbeat == this.heartbeat) {
			return this;
		}
		return new WorkerHandle(this.placement, this.pid, this.state, this.since, this.killAt, newHeartbeat, now,
				this.planned);
	}

	long age() {
		return this.placement.age();
	}

	int index() {
		return this.placement.index();
	}

	/**
	 * Return whether the worker fills its place: it serves or is about to.
	 */
	boolean active() {
		return this.state == State.STARTING || this.state == State.READY;
	}

	/**
	 * Return how log lines name the worker.
	 */
	String label() {
		return "Worker " + index() + ((this.pid != 0) ? " (pid " + this.pid + ")" : "");
	}

}
