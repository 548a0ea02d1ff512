package dev.tomcorn.it;

import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import dev.tomcorn.it.Exchange.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The outcome of every request of a load.
 *
 * @param exchanges the requests, in no order
 */
record Tally(List<Exchange> exchanges) {

	Tally {
		exchanges = List.copyOf(exchanges);
	}

	int count(Outcome outcome) {
		return (int) this.exchanges.stream().filter((exchange) -> exchange.outcome() == outcome).count();
	}

	Tally only(Predicate<Exchange> condition) {
		return new Tally(this.exchanges.stream().filter(condition).toList());
	}

	Tally failures() {
		return only((exchange) -> !exchange.ok());
	}

	int size() {
		return this.exchanges.size();
	}

	/**
	 * Return how many answers came from each worker.
	 */
	SortedMap<Integer, Integer> byWorker() {
		return by((exchange) -> exchange.served().worker());
	}

	/**
	 * Return how many answers came from each process.
	 */
	SortedMap<Long, Integer> byPid() {
		return by((exchange) -> exchange.served().pid());
	}

	private <K extends Comparable<K>> SortedMap<K, Integer> by(Function<Exchange, K> key) {
		return this.exchanges.stream()
			.filter(Exchange::ok)
			.collect(Collectors.toMap(key, (exchange) -> 1, Integer::sum, TreeMap::new));
	}

	/**
	 * Return the requests of each process, by the time they ended.
	 */
	Collection<List<Exchange>> groupedByPid() {
		return this.exchanges.stream()
			.filter(Exchange::ok)
			.sorted((one, other) -> Long.compare(one.ended(), other.ended()))
			.collect(Collectors.groupingBy((exchange) -> exchange.served().pid(), TreeMap::new, Collectors.toList()))
			.values();
	}

	/**
	 * Return the time from the first request's beginning to the last one's end.
	 */
	Duration duration() {
		long begun = this.exchanges.stream().mapToLong(Exchange::begun).min().orElse(0);
		long ended = this.exchanges.stream().mapToLong(Exchange::ended).max().orElse(0);
		return Duration.ofNanos(ended - begun);
	}

	/**
	 * Return the time within which a share of the answers came.
	 */
	Duration percentile(double share) {
		List<Duration> times = this.exchanges.stream().filter(Exchange::ok).map(Exchange::took).sorted().toList();
		return times.get((int) Math.min(times.size() - 1, Math.floor(times.size() * share)));
	}

	void assertAllOk(int expected) {
		assertThat(failures().exchanges()).as("requests that failed").isEmpty();
		assertThat(size()).as("number of requests").isEqualTo(expected);
	}

	/**
	 * Print it, also for a successful build.
	 */
	Tally print(String title) {
		Figures.print("%s: %s", title, this);
		return this;
	}

	@Override
	public String toString() {
		Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
		this.exchanges.forEach((exchange) -> outcomes.merge(exchange.outcome(), 1, Integer::sum));
		return "%d requests in %.2f s, outcomes %s, answers by worker %s".formatted(size(),
				duration().toMillis() / 1000.0, outcomes, byWorker());
	}

}
