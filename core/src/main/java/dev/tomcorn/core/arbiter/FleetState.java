package dev.tomcorn.core.arbiter;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * The state of the fleet; immutable.
 *
 * @param phase the phase of the fleet's life
 * @param settings the supervision policy of the current generation
 * @param targetWorkers target number of serving workers unless the fleet is paused
 * @param paused whether the fleet is paused: no worker runs until the operator resumes it
 * @param generation number of the current load of the application, from 1
 * @param nextAge age of the next worker
 * @param workers the workers that have not been reaped, by age
 * @param crashes recent deaths, by index
 * @param interruptions consecutive boots that a signal interrupted
 * @param reload the reload under way, {@code null} if there is none
 * @param queue the requesters of another reload after the one under way
 * @param dumps dumps under way, by the worker's age
 * @param pending other operations whose requesters wait for the outcome
 * @param busy CPUs that booted workers use
 * @param replacement whether one arbiter is replacing another
 * @param replaceBy deadline for the other arbiter to take over
 * @param stopAt end of the graceful timeout, once the fleet is stopping; the listener
 * closes at half of it at the latest
 * @param emptyLooks consecutive readings since then in which the listener's queue was
 * empty
 * @param report the report for operators
 * @param releases the releases of the generations
 */
record FleetState(Phase phase, ArbiterSettings settings, int targetWorkers, boolean paused, int generation,
		long nextAge, SortedMap<Long, WorkerHandle> workers, Map<Integer, CrashHistory> crashes, int interruptions,
		@Nullable Reload reload, List<Requester> queue, Map<Long, Dump> dumps, List<Pending> pending, double busy,
		Replacement replacement, long replaceBy, long stopAt, int emptyLooks, FleetReport report, Releases releases) {

	enum Phase {

		/** No worker of the generation has been ready yet. */
		BOOTING,

		RUNNING,

		/** The listener refuses new clients while workers serve those in the queue. */
		CLOSING,

		/** Every worker was asked to drain. */
		STOPPING,

		/** Every worker was asked to end without waiting. */
		STOPPING_FAST,

		HALTED

	}

	/**
	 * Whether one arbiter is replacing another.
	 */
	enum Replacement {

		NONE,

		/** Another arbiter boots its workers and takes over once they are ready. */
		STARTING,

		/** Another arbiter has taken over: the workers of this one drain. */
		TAKEN_OVER,

		/** This arbiter replaces another, which waits for all workers to be ready. */
		EXPECTED,

		/** This arbiter has notified the other and waits for its answer. */
		TAKING_OVER;

		/**
		 * Return whether another arbiter may still need the listening socket.
		 */
		boolean sharesListener() {
			return this == EXPECTED || this == TAKING_OVER;
		}

	}

	/**
	 * A reload under way.
	 *
	 * @param generation its number
	 * @param startedAt when it was requested
	 * @param proven whether one of its workers has been ready, so that the others follow
	 * @param requests the requesters that wait for its outcome
	 * @param failures how many of its workers have died
	 */
	record Reload(int generation, long startedAt, boolean proven, List<Requester> requests, int failures) {

		Reload {
			requests = List.copyOf(requests);
		}

		boolean askedBy(WorkerHandle worker) {
			return this.requests.stream().anyMatch((request) -> request.client() == worker.age());
		}

	}

	/**
	 * The releases of the generations.
	 *
	 * @param keep whether the arbiter keeps releases
	 * @param current the release of the current generation
	 * @param next the release of the reload under way, once it is known
	 * @param preparation the release under preparation, {@code null} if there is none
	 */
	record Releases(boolean keep, ApplicationRelease current, ApplicationRelease next,
			@Nullable Preparation preparation) {
	}

	/**
	 * A release under preparation. No worker of its generation is spawned meanwhile.
	 *
	 * @param generation the generation
	 * @param since when it was requested
	 * @param until deadline after which the generation starts from the files on disk
	 * @param wanted whether an operator requested this particular release
	 * @param before the report of the previous reload, or {@code null}
	 */
	record Preparation(int generation, long since, long until, boolean wanted,
			FleetReport.@Nullable ReloadReport before) {
	}

	/**
	 * A dump under way.
	 *
	 * @param requester the client that waits
	 * @param index the worker's index
	 * @param pid its process id
	 * @param answerBy deadline for the answer
	 */
	record Dump(Requester requester, int index, long pid, long answerBy) {
	}

	/**
	 * An operation whose requester waits for its outcome.
	 */
	sealed interface Pending {

		/**
		 * Return the client that waits.
		 */
		Requester requester();

		/**
		 * Return when it was requested.
		 */
		long since();

		/**
		 * A change of the number of workers.
		 *
		 * @param requester the client that waits
		 * @param since when it was requested
		 * @param to target number of workers
		 */
		record Scaling(Requester requester, long since, int to) implements Pending {
		}

		/**
		 * The replacement of a worker.
		 *
		 * @param requester the client that waits
		 * @param since when it was requested
		 * @param age the worker's age
		 * @param index the worker's index
		 * @param label the worker's name in messages
		 */
		record Recycling(Requester requester, long since, long age, int index, String label) implements Pending {
		}

		/**
		 * A pause.
		 *
		 * @param requester the client that waits
		 * @param since when it was requested
		 */
		record Pausing(Requester requester, long since) implements Pending {
		}

		/**
		 * The end of a pause.
		 *
		 * @param requester the client that waits
		 * @param since when it was requested
		 */
		record Resuming(Requester requester, long since) implements Pending {
		}

	}

	FleetState {
		workers = Collections.unmodifiableSortedMap(new TreeMap<>(workers));
		crashes = Map.copyOf(crashes);
		queue = List.copyOf(queue);
		dumps = Map.copyOf(dumps);
		pending = List.copyOf(pending);
	}

	static FleetState initial(ArbiterSettings settings, boolean replacesAnother, boolean keepsReleases) {
		return new FleetState(Phase.BOOTING, settings, settings.workers(), false, 1, 1, new TreeMap<>(), Map.of(), 0,
				null, List.of(), Map.of(), List.of(), 0, replacesAnother ? Replacement.EXPECTED : Replacement.NONE,
				WorkerHandle.NEVER, 0, 0, FleetReport.EMPTY,
				new Releases(keepsReleases, ApplicationRelease.AS_GIVEN, ApplicationRelease.AS_GIVEN, null));
	}

}
