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
 * Makes of what is found at each look the list of problems, so that none begins or ends
 * for a moment only: a problem begins when it has been found for as long as its kind
 * takes, and ends when it has not been found for a while. One that is about a worker ends
 * with it.
 */
final class ProblemTracker {

	/**
	 * What was not found for so long is calm: one look may miss it.
	 */
	private static final Duration CALM = Duration.ofSeconds(2);

	/**
	 * By so much the same begin may differ from look to look.
	 */
	private static final long SAME_BEGIN_MILLIS = 1000;

	private final ProblemSettings settings;

	private final Map<Finding.Key, Entry> entries = new LinkedHashMap<>();

	private final Deque<Problem> over = new ArrayDeque<>();

	ProblemTracker(ProblemSettings settings) {
		this.settings = settings;
	}

	/**
	 * Something that was found.
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
		 * Return the problem as it was found last. What was to come of it is told only
		 * while it is found.
		 */
		Problem problem(long now) {
			return isCalm(now)
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
	 * Return whether something is a problem already, so that it must get clearly better
	 * to be none.
	 */
	boolean isOngoing(Finding.Key key) {
		Entry entry = this.entries.get(key);
		return entry != null && entry.begun;
	}

	/**
	 * Take what was found.
	 * @param findings what is wrong at this look
	 * @param pids the processes of the workers that there are
	 * @param now the time in nanoseconds
	 * @param clock the time in milliseconds of the epoch
	 * @return the problems, the worst first, then those that are over, the last first:
	 * all that have ended since the look before, and some of those from before
	 */
	List<Problem> take(List<Finding> findings, Set<Long> pids, long now, long clock) {
		// Deaths stay in the list of deaths
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
