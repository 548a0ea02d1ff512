package dev.tomcorn.core.arbiter;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * A worker as the arbiter sees it. Times are readings of the arbiter's clock in
 * nanoseconds.
 *
 * @param placement its placement
 * @param pid its process id, 0 until it is known
 * @param lifecycle its stage as the arbiter decides it;
 * {@link dev.tomcorn.core.scoreboard.WorkerState} is the stage in its slot
 * @param since when it entered that stage
 * @param killAt deadline for this stage, after which it is killed
 * @param heartbeat the last heartbeat seen
 * @param heartbeatAt when the heartbeat last changed
 * @param planned whether it drains or the fleet stops, so that its exit needs no
 * replacement and no warning
 * @param recycle why it asks to be replaced, or {@code null}
 * @param failure its report on a failed boot, or {@code null}
 * @param verdict why the arbiter kills it, or {@code null}
 * @param dismissed whether its index is no longer needed
 */
record WorkerHandle(Placement placement, long pid, Lifecycle lifecycle, long since, long killAt, long heartbeat,
		long heartbeatAt, boolean planned, @Nullable String recycle, @Nullable String failure, @Nullable Death verdict,
		boolean dismissed) {

	/**
	 * A time that never comes.
	 */
	static final long NEVER = Long.MAX_VALUE;

	private static final int MAX_SENTENCE = 500;

	enum Lifecycle {

		/** Boots. */
		STARTING,

		/** Has booted and takes no traffic. */
		STANDBY,

		/** Serves. */
		READY,

		/** Finishes its requests. */
		DRAINING,

		/** Is killed as soon as its diagnostics are recorded. */
		RECORDING,

		KILLED

	}

	static WorkerHandle starting(Placement placement, long now, Duration bootTimeout) {
		return new WorkerHandle(placement, 0, Lifecycle.STARTING, now, deadline(now, bootTimeout), 0, now, false, null,
				null, null, false);
	}

	static long deadline(long now, Duration limit) {
		return limit.isZero() ? NEVER : now + limit.toNanos();
	}

	private WorkerHandle enter(Lifecycle newLifecycle, long now, long newKillAt, boolean newPlanned) {
		return new WorkerHandle(this.placement, this.pid, newLifecycle, now, newKillAt, this.heartbeat,
				this.heartbeatAt, newPlanned, this.recycle, this.failure, this.verdict, this.dismissed);
	}

	WorkerHandle spawned(long newPid) {
		return new WorkerHandle(this.placement, newPid, this.lifecycle, this.since, this.killAt, this.heartbeat,
				this.heartbeatAt, this.planned, this.recycle, this.failure, this.verdict, this.dismissed);
	}

	WorkerHandle allowUntil(long newKillAt) {
		return new WorkerHandle(this.placement, this.pid, this.lifecycle, this.since, newKillAt, this.heartbeat,
				this.heartbeatAt, this.planned, this.recycle, this.failure, this.verdict, this.dismissed);
	}

	WorkerHandle standby(long now) {
		return enter(Lifecycle.STANDBY, now, NEVER, false).alive(this.heartbeat, now);
	}

	WorkerHandle serving(long now) {
		return enter(Lifecycle.READY, now, NEVER, false);
	}

	/**
	 * Return the worker as it drains. One that drains already does not get more time.
	 */
	WorkerHandle draining(long now, long newKillAt, boolean newPlanned) {
		return is(Lifecycle.DRAINING)
				? enter(Lifecycle.DRAINING, this.since, Math.min(this.killAt, newKillAt), newPlanned)
				: enter(Lifecycle.DRAINING, now, newKillAt, newPlanned);
	}

	WorkerHandle recording(long now, long newKillAt, Death newVerdict) {
		return new WorkerHandle(this.placement, this.pid, Lifecycle.RECORDING, now, newKillAt, this.heartbeat,
				this.heartbeatAt, this.planned, this.recycle, this.failure, newVerdict, this.dismissed);
	}

	WorkerHandle killed(long now) {
		return enter(Lifecycle.KILLED, now, NEVER, this.planned);
	}

	WorkerHandle beat(long newHeartbeat, long now) {
		return (newHeartbeat == this.heartbeat) ? this : alive(newHeartbeat, now);
	}

	private WorkerHandle alive(long newHeartbeat, long now) {
		return new WorkerHandle(this.placement, this.pid, this.lifecycle, this.since, this.killAt, newHeartbeat, now,
				this.planned, this.recycle, this.failure, this.verdict, this.dismissed);
	}

	WorkerHandle recycle(String reason) {
		return new WorkerHandle(this.placement, this.pid, this.lifecycle, this.since, this.killAt, this.heartbeat,
				this.heartbeatAt, this.planned, reason, this.failure, this.verdict, this.dismissed);
	}

	WorkerHandle dismiss() {
		return new WorkerHandle(this.placement, this.pid, this.lifecycle, this.since, this.killAt, this.heartbeat,
				this.heartbeatAt, this.planned, this.recycle, this.failure, this.verdict, true);
	}

	WorkerHandle failed(String report) {
		return new WorkerHandle(this.placement, this.pid, this.lifecycle, this.since, this.killAt, this.heartbeat,
				this.heartbeatAt, this.planned, this.recycle, report, this.verdict, this.dismissed);
	}

	long age() {
		return this.placement.age();
	}

	int index() {
		return this.placement.index();
	}

	int generation() {
		return this.placement.generation();
	}

	/**
	 * Return whether the worker serves, stands by or boots.
	 */
	boolean active() {
		return switch (this.lifecycle) {
			case STARTING, STANDBY, READY -> true;
			case DRAINING, RECORDING, KILLED -> false;
		};
	}

	/**
	 * Return whether an operator may request a dump. A worker that is being killed is
	 * recorded without a request.
	 */
	boolean mayBeDumped() {
		return active() || is(Lifecycle.DRAINING);
	}

	boolean is(Lifecycle other) {
		return this.lifecycle == other;
	}

	/**
	 * Return why it could not boot, in a sentence: the first line of its report.
	 */
	@Nullable String bootFailure() {
		if (this.failure == null) {
			return null;
		}
		String sentence = this.failure.strip().lines().findFirst().orElse("").strip();
		if (sentence.length() > MAX_SENTENCE) {
			sentence = sentence.substring(0, MAX_SENTENCE) + " …";
		}
		while (sentence.endsWith(".")) {
			sentence = sentence.substring(0, sentence.length() - 1);
		}
		return sentence.isEmpty() ? null : PrintableText.line(sentence);
	}

	/**
	 * Return the worker's name in log lines.
	 */
	String label() {
		return "Worker " + index() + ((this.pid != 0) ? " (pid " + this.pid + ")" : "");
	}

}
