package dev.tomcorn.it;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One fault at one step of one operation.
 *
 * @param operation the operation
 * @param step the step at which the fault comes
 * @param fault the fault
 * @param victim the process of the fault; {@link Victim#FLEET} if it is a fault of all
 */
record Trial(PlannedOperation operation, Step step, Fault fault, Victim victim) {

	/**
	 * The operations of a fleet, and their steps.
	 */
	enum PlannedOperation {

		RELOAD(Step.ASKED, Step.BOOTING, Step.READY, Step.DRAINING, Step.ENDED),

		SCALE_UP(Step.ASKED, Step.BOOTING, Step.READY),

		SCALE_DOWN(Step.ASKED, Step.DRAINING, Step.ENDED),

		RECYCLE(Step.ASKED, Step.BOOTING, Step.READY, Step.DRAINING, Step.ENDED),

		/** A standby takes the place of a worker that was killed. */
		STANDBY(Step.ASKED, Step.BOOTING, Step.READY),

		/** USR2. */
		REPLACE(Step.ASKED, Step.BOOTING, Step.READY, Step.DRAINING, Step.ENDED),

		STOP(Step.ASKED, Step.DRAINING);

		private final List<Step> steps;

		PlannedOperation(Step... steps) {
			this.steps = List.of(steps);
		}

		boolean drains() {
			return this.steps.contains(Step.DRAINING);
		}

	}

	/**
	 * The steps of an operation. Its processes show them, so that they do not depend on
	 * time.
	 */
	enum Step {

		/**
		 * It was just requested.
		 */
		ASKED,

		/** A new worker loads the application. */
		BOOTING,

		/** A new worker takes traffic. */
		READY,

		/**
		 * An old worker finishes its requests.
		 */
		DRAINING,

		/**
		 * The operation has ended.
		 */
		ENDED

	}

	/**
	 * The faults.
	 */
	enum Fault {

		/** {@code kill -9}. */
		KILL,

		/** The process is stopped, and continued later. */
		FREEZE,

		/** A worker gets TERM. */
		TERM,

		/** The run directory is removed. */
		RUN_DIRECTORY_GONE,

		/** The disk that has the run directory and incidents is full for a while. */
		DISK_FULL,

		/**
		 * The log is not read for a while.
		 */
		LOG_STALLED,

		/** The program that starts a JVM is missing for a while. */
		SPAWN_FAILS

	}

	/**
	 * The process of a fault.
	 */
	enum Victim {

		/** No process alone. */
		FLEET,

		ARBITER,

		/** The arbiter that replaces another. */
		SUCCESSOR,

		/** The worker whose place is taken, or that leaves. */
		OLD,

		/** The worker that comes. */
		NEW,

		/**
		 * A worker that is not part of the operation.
		 */
		OTHER

	}

	/**
	 * Return every possible combination.
	 */
	static List<Trial> all() {
		List<Trial> trials = new ArrayList<>();
		for (PlannedOperation operation : PlannedOperation.values()) {
			for (Step step : operation.steps) {
				for (Fault fault : Fault.values()) {
					victims(operation, step, fault).map((victim) -> new Trial(operation, step, fault, victim))
						.forEach(trials::add);
				}
			}
		}
		return trials;
	}

	private static Stream<Victim> victims(PlannedOperation operation, Step step, Fault fault) {
		return switch (fault) {
			case KILL, FREEZE -> processes(operation, step).stream();
			case TERM -> processes(operation, step).stream()
				.filter((victim) -> victim != Victim.ARBITER && victim != Victim.SUCCESSOR);
			case RUN_DIRECTORY_GONE, DISK_FULL, LOG_STALLED, SPAWN_FAILS -> Stream.of(Victim.FLEET);
		};
	}

	/**
	 * Return the processes that exist at a step.
	 */
	private static Set<Victim> processes(PlannedOperation operation, Step step) {
		Set<Victim> victims = EnumSet.of(Victim.ARBITER);
		switch (operation) {
			case RELOAD -> {
				if (step != Step.ENDED) {
					victims.add(Victim.OTHER);
				}
			}
			case SCALE_UP, SCALE_DOWN, RECYCLE -> victims.add(Victim.OTHER);
			case REPLACE -> {
				if (step != Step.ASKED) {
					victims.add(Victim.SUCCESSOR);
				}
				if (step == Step.ENDED) {
					victims.remove(Victim.ARBITER);
				}
			}
			case STANDBY, STOP -> {
			}
		}
		if (operation != PlannedOperation.SCALE_UP && operation != PlannedOperation.STANDBY && step != Step.ENDED) {
			victims.add(Victim.OLD);
		}
		if (operation != PlannedOperation.STOP && operation != PlannedOperation.SCALE_DOWN && step != Step.ASKED) {
			victims.add(Victim.NEW);
		}
		return victims;
	}

	/**
	 * Return whether the fleet that has been tried goes on afterwards.
	 */
	boolean endsTheFleet() {
		return this.operation == PlannedOperation.STOP
				|| this.fault == Fault.KILL && (this.victim == Victim.ARBITER || this.victim == Victim.SUCCESSOR);
	}

	/**
	 * Return whether the victim exists only in a fleet of two.
	 */
	boolean takesTwoWorkers() {
		return this.victim == Victim.OTHER
				&& (this.operation == PlannedOperation.RELOAD || this.operation == PlannedOperation.RECYCLE);
	}

	@Override
	public String toString() {
		return "%s, %s, %s%s".formatted(this.operation, this.step, this.fault,
				(this.victim == Victim.FLEET) ? "" : " of " + this.victim);
	}

}
