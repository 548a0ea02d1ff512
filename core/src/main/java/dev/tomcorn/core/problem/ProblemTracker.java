package dev.tomcorn.core.problem;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.tomcorn.core.arbiter.Problem;
import dev.tomcorn.core.arbiter.ProblemKind;

/**
 * Turns the findings of each evaluation into the list of problems. A problem begins when
 * it was found for the time of its kind. It ends when it was not found for a while, so
 * that it does not flicker. A problem of a worker ends with the worker.
 */
final class ProblemTracker {

	/**
	 * Time without a finding after which a problem is calm. A single evaluation may miss
	 * it.
	 */
	private static final Duration CALM = Duration.ofSeconds(2);

	/**
	 * Tolerance for the same start in several evaluations.
	 */
	private static final long SAME_BEGIN_MILLIS = 1000;

	private final ProblemSettings settings;

	private final Map<Finding.Key, Entry> entries = new LinkedHashMap<>();

	private final Deque<Problem> over = new ArrayDeque<>();

	ProblemTracker(ProblemSettings settings) {
		this.settings = settings;
	}

	/**
	 * A finding over time.
	 */
	private static final class Entry {

		private Finding finding;

		private long since;

		private final long foundFirst;

		private long foundLast;

		private long foundLastClock;

		private boolean begun;

		Entry(Finding finding, long now, long clock) {
			this.finding = finding;
			this.since = (finding.since() != 0) ? finding.since() : clock;
			this.foundFirst = now;
		}

		void found(Finding newFinding, long now, long clock) {
			if (newFinding.kind().follows() && Math.abs(newFinding.since() - this.since) > SAME_BEGIN_MILLIS) {
				this.since = newFinding.since();
			}
			this.finding = newFinding;
			this.foundLast = now;
			this.foundLastClock = clock;
			this.begun |= now - this.foundFirst >= ProblemSettings.begin(newFinding.kind()).toNanos();
		}

		boolean isCalm(long now) {
			return now - this.foundLast >= CALM.toNanos();
		}

		/**
		 * Return the problem as last found. Its consequence is part of it only while it
		 * is found.
		 */
		Problem problem(long now) {
			// A jump of the clock is an event, which cannot be calm
			return (isCalm(now) && this.finding.kind() != ProblemKind.CLOCK_JUMP)
					? problem(0,
							"Calm since %s: %s".formatted(ProblemText.time(this.foundLastClock), this.finding.fact()))
					: problem(0, this.finding.text());
		}

		Problem over() {
			return problem(Math.max(this.since, this.foundLastClock), this.finding.fact());
		}

		private Problem problem(long endedAt, String text) {
			return new Problem(this.finding.kind(), this.finding.worker(), this.finding.pid(), this.since, endedAt,
					text, this.finding.evidence(), this.finding.remedy());
		}

	}

	/**
	 * Return whether a finding already is a problem, which ends only clearly below its
	 * limit.
	 */
	boolean isOngoing(Finding.Key key) {
		Entry entry = this.entries.get(key);
		return entry != null && entry.begun;
	}

	/**
	 * Take the findings of an evaluation.
	 * @param findings the findings
	 * @param pids the process ids of the current workers
	 * @param now the time in nanoseconds
	 * @param clock the time in milliseconds of the epoch
	 * @return the problems, the worst first, then the ended ones, the last first: all
	 * that have ended since the last evaluation, and some earlier ones
	 */
	List<Problem> take(List<Finding> findings, Set<Long> pids, long now, long clock) {
		// The list of deaths has them
		this.over.removeIf((problem) -> problem.kind() == ProblemKind.WORKER_DEATHS
				|| Math.abs(clock - problem.endedAt()) > this.settings.remembered().toMillis());
		while (this.over.size() > Problem.MAX_OVER) {
			this.over.removeLast();
		}
		for (Finding finding : findings) {
			this.entries.computeIfAbsent(finding.key(), (_) -> new Entry(finding, now, clock))
				.found(finding, now, clock);
		}
		for (Iterator<Entry> entries = this.entries.values().iterator(); entries.hasNext();) {
			Entry entry = entries.next();
			boolean gone = entry.finding.key().pid() != 0 && !pids.contains(entry.finding.pid());
			boolean missing = entry.foundLast != now;
			Duration patience = entry.begun ? this.settings.end(entry.finding.kind()) : Duration.ZERO;
			boolean ended = missing && now - entry.foundLast >= patience.toNanos();
			if (gone || ended) {
				entries.remove();
				if (entry.begun) {
					this.over.addFirst(entry.over());
				}
			}
		}
		List<Problem> problems = new ArrayList<>(this.entries.values()
			.stream()
			.filter((entry) -> entry.begun)
			.sorted(Comparator.comparing((Entry entry) -> entry.isCalm(now))
				.thenComparing((entry) -> entry.finding.kind())
				.thenComparingInt((entry) -> entry.finding.worker()))
			.map((entry) -> entry.problem(now))
			.toList());
		problems.addAll(this.over);
		return problems;
	}

}
