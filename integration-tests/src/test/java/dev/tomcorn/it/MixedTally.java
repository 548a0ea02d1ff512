package dev.tomcorn.it;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

import dev.tomcorn.it.Exchange.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The outcome of every request of a mixed load: counts, and the details of the failures.
 *
 * @param outcomes number of requests by outcome
 * @param byPid number of answers by the process that gave them
 * @param failures the requests that were not answered well, by the time they ended
 * @param connections how many connections were opened
 * @param latencies how long the answers took, connecting included
 * @param duration how long the load has lasted
 * @param lastAcceptedAt reading of {@link System#nanoTime()} when the client began to
 * open the last connection on which the first request was answered well
 */
record MixedTally(Map<Outcome, Long> outcomes, SortedMap<Long, Long> byPid, List<Failure> failures, long connections,
		Latencies latencies, Duration duration, long lastAcceptedAt) {

	static MixedTally sum(List<MixedTally> tallies, Duration duration) {
		Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
		SortedMap<Long, Long> byPid = new TreeMap<>();
		Latencies latencies = new Latencies();
		for (MixedTally tally : tallies) {
			tally.outcomes.forEach((outcome, count) -> outcomes.merge(outcome, count, Long::sum));
			tally.byPid.forEach((pid, count) -> byPid.merge(pid, count, Long::sum));
			latencies.add(tally.latencies);
		}
		List<Failure> failures = tallies.stream()
			.flatMap((tally) -> tally.failures.stream())
			.sorted((one, other) -> Long.compare(one.ended(), other.ended()))
			.toList();
		return new MixedTally(outcomes, byPid, failures, tallies.stream().mapToLong(MixedTally::connections).sum(),
				latencies, duration,
				tallies.stream().mapToLong(MixedTally::lastAcceptedAt).max().orElse(Long.MIN_VALUE));
	}

	long count(Outcome outcome) {
		return this.outcomes.getOrDefault(outcome, 0L);
	}

	long size() {
		return this.outcomes.values().stream().mapToLong(Long::longValue).sum();
	}

	double rate() {
		return size() * 1e9 / Math.max(1, this.duration.toNanos());
	}

	void assertAllOk(long atLeast) {
		assertThat(this.failures).as("requests that failed").isEmpty();
		assertThat(size()).as("number of requests").isEqualTo(count(Outcome.OK)).isGreaterThanOrEqualTo(atLeast);
	}

	@Override
	public String toString() {
		return "%d requests on %d connections in %.1f s (%.0f/s), outcomes %s, by %d processes, p50 %d ms, p99 %d ms, max %d ms"
			.formatted(size(), this.connections, this.duration.toMillis() / 1000.0, rate(), this.outcomes,
					this.byPid.size(), this.latencies.percentile(0.5).toMillis(),
					this.latencies.percentile(0.99).toMillis(), this.latencies.max().toMillis());
	}

}
