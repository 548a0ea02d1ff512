package dev.tomcorn.core.arbiter;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * Everything the arbiter knows about its fleet; immutable.
 *
 * @param phase where in its life the fleet is
 * @param settings the supervision policy of the current generation
 * @param targetWorkers how many workers are to serve, unless the fleet is paused
 * @param paused whether no worker is to run until the operator says so
 * @param generation number of the current load of the application, from 1
 * @param nextAge age of the next worker
 * @param workers the workers that have not been reaped, by age
 * @param crashes recent deaths, by index
 * @param interruptions boots in a row that a signal interrupted
 * @param reload the reload under way
 * @param queue the requesters of another reload after the one under way
 * @param dumps what operators have asked for about workers, by age
 * @param pending what else operators have asked for and wait for
 * @param busy CPUs that workers keep busy that have booted
 * @param replacement whether one arbiter is replacing another
 * @param replaceBy when the other arbiter must have taken over
 * @param stopAt when the listener closes at the latest, once the fleet is to stop
 * @param emptyLooks how many times in a row the listener's queue was found empty since
 * @param report what operators see of it all
 * @param releases what generations start from
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

		/** Another one boots its workers and takes over once they are ready. */
		STARTING,

		/** Another one has taken over: this one's workers drain. */
		TAKEN_OVER,

		/** This one replaces another, which waits for all workers to be ready. */
		EXPECTED,

		/** This one has notified the other and waits for its answer. */
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
	 * @param proven whether a worker of it has been ready, so that the others follow
	 * @param requests the requesters that wait for its outcome
	 * @param failures deaths of its workers
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
	 * What generations start from.
	 *
	 * @param keep whether the arbiter keeps a copy of what a generation starts from
	 * @param current what the current generation starts from
	 * @param next what the generation of the reload under way starts from, once that is
	 * known
	 * @param preparation what is being prepared
	 */
	record Releases(boolean keep, ApplicationRelease current, ApplicationRelease next,
			@Nullable Preparation preparation) {
	}

	/**
	 * A release under preparation. No worker of its generation is spawned meanwhile.
	 *
	 * @param generation the generation
	 * @param since when that was asked for
	 * @param until when it starts from what is on disk instead
	 * @param wanted whether an operator asked for this very release
	 * @param before the report of the reload before, or {@code null}
	 */
	record Preparation(int generation, long since, long until, boolean wanted,
			FleetReport.@Nullable ReloadReport before) {
	}

	/**
	 * A dump under way for a requester who waits.
	 *
	 * @param requester who waits
	 * @param index the worker's place
	 * @param pid its process id
	 * @param answerBy the latest time for an answer
	 */
	record Dump(Requester requester, int index, long pid, long answerBy) {
	}

	/**
	 * An operation whose requester waits for its outcome.
	 */
	sealed interface Pending {

		/**
		 * Return who waits.
		 */
		Requester requester();

		/**
		 * Return when it was asked for.
		 */
		long since();

		/**
		 * There are to be more workers or fewer.
		 *
		 * @param requester who waits
		 * @param since when it was asked for
		 * @param to how many are to serve
		 */
		record Scaling(Requester requester, long since, int to) implements Pending {
		}

		/**
		 * A worker is to be replaced.
		 *
		 * @param requester who waits
		 * @param since when it was asked for
		 * @param age the worker's age
		 * @param index the worker's place
		 * @param label how it is named
		 */
		record Recycling(Requester requester, long since, long age, int index, String label) implements Pending {
		}

		/**
		 * Every worker is to end.
		 *
		 * @param requester who waits
		 * @param since when it was asked for
		 */
		record Pausing(Requester requester, long since) implements Pending {
		}

		/**
		 * Workers are to run again.
		 *
		 * @param requester who waits
		 * @param since when it was asked for
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
