package dev.tomcorn.core.problem;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The facts that workers have reported, by age. Safe from any thread.
 */
final class ReportedFacts {

	private final Map<Long, Report> reports = new ConcurrentHashMap<>();

	private record Report(WorkerFacts facts, long at) {
	}

	void take(long age, byte[] bytes, long now) {
		this.reports.put(age, new Report(WorkerFacts.ofBytes(bytes), now));
	}

	/**
	 * Forget all workers but these.
	 */
	void retain(Set<Long> ages) {
		this.reports.keySet().retainAll(ages);
	}

	WorkerFacts of(long age) {
		Report last = this.reports.get(age);
		return (last != null) ? last.facts() : WorkerFacts.NONE;
	}

	/**
	 * Return whether a worker has reported something within a time.
	 */
	boolean isFresh(long age, long now, Duration limit) {
		Report last = this.reports.get(age);
		return last != null && now - last.at() <= limit.toNanos();
	}

}
