package dev.tomcorn.core.problem;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What workers have told, by age. Safe from any thread.
 */
final class ToldFacts {

	private final Map<Long, Told> told = new ConcurrentHashMap<>();

	private record Told(WorkerFacts facts, long at) {
	}

	void take(long age, byte[] bytes, long now) {
		this.told.put(age, new Told(WorkerFacts.ofBytes(bytes), now));
	}

	/**
	 * Forget all workers but these.
	 */
	void retain(Set<Long> ages) {
		this.told.keySet().retainAll(ages);
	}

	WorkerFacts of(long age) {
		Told last = this.told.get(age);
		return (last != null) ? last.facts() : WorkerFacts.NONE;
	}

	/**
	 * Return whether a worker has told something within a time.
	 */
	boolean isFresh(long age, long now, Duration limit) {
		Told last = this.told.get(age);
		return last != null && now - last.at() <= limit.toNanos();
	}

}
