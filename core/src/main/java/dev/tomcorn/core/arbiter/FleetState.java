package dev.tomcorn.core.arbiter;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * Everything the arbiter knows about its fleet; immutable.
 *
 * @param phase where in its life the fleet is
 * @param targetWorkers how many workers there are to be
 * @param generation number of the current load of the application, from 1
 * @param nextAge age of the next worker
 * @param workers the workers that have not been reaped, by age
 * @param crashes recent deaths, by index
 */
record FleetState(Phase phase, int targetWorkers, int generation, long nextAge, SortedMap<Long, WorkerHandle> workers,
		Map<Integer, CrashHistory> crashes) {

	enum Phase {

		/** No worker of the generation has been ready yet: one boots alone. */
		BOOTING,

		RUNNING,

		/** Every worker was asked to drain. */
		STOPPING,

		/** Every worker was asked to end without waiting. */
		STOPPING_FAST,

		HALTED

	}

	FleetState {
		workers = Collections.unmodifiableSortedMap(new TreeMap<>(workers));
		crashes = Map.copyOf(crashes);
	}

	static FleetState initial(int workers) {
		return new FleetState(Phase.BOOTING, workers, 1, 1, new TreeMap<>(), Map.of());
	}

	boolean stopping() {
		return this.phase == Phase.STOPPING || this.phase == Phase.STOPPING_FAST;
	}

	@Nullable WorkerHandle worker(long age) {
		return this.workers.get(age);
	}

	Collection<WorkerHandle> all() {
		return this.workers.values();
	}

	CrashHistory crashes(int index) {
		return this.crashes.getOrDefault(index, CrashHistory.NONE);
	}

	FleetState phase(Phase newPhase) {
		return new FleetState(newPhase, this.targetWorkers, this.generation, this.nextAge, this.workers, this.crashes);
	}

	FleetState target(int newTarget) {
		return new FleetState(this.phase, newTarget, this.generation, this.nextAge, this.workers, this.crashes);
	}

	FleetState with(WorkerHandle worker) {
		TreeMap<Long, WorkerHandle> changed = new TreeMap<>(this.workers);
		changed.put(worker.age(), worker);
		return new FleetState(this.phase, this.targetWorkers, this.generation, Math.max(this.nextAge, worker.age() + 1),
				changed, this.crashes);
	}

	FleetState without(long age) {
		TreeMap<Long, WorkerHandle> changed = new TreeMap<>(this.workers);
		changed.remove(age);
		return new FleetState(this.phase, this.targetWorkers, this.generation, this.nextAge, changed, this.crashes);
	}

	FleetState crashed(int index, CrashHistory history) {
		TreeMap<Integer, CrashHistory> changed = new TreeMap<>(this.crashes);
		changed.put(index, history);
		return new FleetState(this.phase, this.targetWorkers, this.generation, this.nextAge, this.workers, changed);
	}

	/**
	 * Return the lowest slot no living worker has.
	 */
	int freeSlot() {
		int slot = 0;
		while (taken(slot)) {
			slot++;
		}
		return slot;
	}

	private boolean taken(int slot) {
		return all().stream().anyMatch((worker) -> worker.placement().slot() == slot);
	}

	boolean filled(int index) {
		return all().stream().anyMatch((worker) -> worker.active() && worker.index() == index);
	}

}
