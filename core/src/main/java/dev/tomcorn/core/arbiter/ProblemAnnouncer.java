package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.List;

import dev.tomcorn.core.arbiter.Command.Level;

/**
 * Announces problems when they begin and when they end.
 */
final class ProblemAnnouncer {

	private final FleetDraft draft;

	ProblemAnnouncer(FleetDraft draft) {
		this.draft = draft;
	}

	/**
	 * Take the current problems. A fleet that is ending has no problems.
	 */
	void take(List<Problem> problems) {
		if (this.draft.end() != null) {
			this.draft.report = this.draft.report.problems(List.of());
			return;
		}
		List<Problem> before = this.draft.report.problems();
		this.draft.report = this.draft.report.problems(problems);
		problems.stream()
			.filter((problem) -> problem.ongoing() && before.stream().noneMatch(problem::isSame))
			.forEach(this::begun);
		problems.stream()
			.filter((problem) -> !problem.ongoing()
					&& before.stream().anyMatch((other) -> other.ongoing() && other.isSame(problem)))
			.forEach(this::ended);
	}

	private void begun(Problem problem) {
		if (!problem.kind().coveredByEvents()) {
			this.draft.announce(Level.WARN, "Problem: %s. %s", problem.text(), problem.remedy());
		}
		this.draft.notify(new FleetEvent.ProblemBegan(problem));
	}

	private void ended(Problem problem) {
		if (!problem.kind().coveredByEvents()) {
			this.draft.announce(Level.INFO, "Problem over after %s: %s",
					FleetDraft.text(Duration.ofMillis(Math.max(0, problem.endedAt() - problem.since()))),
					problem.text());
		}
		this.draft.notify(new FleetEvent.ProblemEnded(problem));
	}

}
