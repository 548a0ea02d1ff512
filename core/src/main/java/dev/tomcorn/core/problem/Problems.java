package dev.tomcorn.core.problem;

import java.util.ArrayList;
import java.util.List;

import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.arbiter.Problem;
import dev.tomcorn.core.arbiter.ProblemKind;
import dev.tomcorn.core.scoreboard.Scoreboard;

/**
 * The problems of a fleet as every surface shows them: those that its arbiter has posted,
 * and the one that it cannot post itself.
 */
public final class Problems {

	private Problems() {
	}

	/**
	 * Return the problems of a fleet, recently ended ones included.
	 * @param scoreboard the fleet
	 * @param report the report of its arbiter
	 * @return the problems, the worst first, those that are over last
	 */
	public static List<Problem> of(Scoreboard scoreboard, FleetReport report) {
		if (!scoreboard.isArbiterSilent()) {
			return report.problems();
		}
		long pid = scoreboard.arbiterPid();
		List<Problem> problems = new ArrayList<>();
		long since = System.currentTimeMillis() - scoreboard.arbiterSilence().toMillis();
		boolean stopped = ProcFiles.ofThisMachine().isStopped(pid);
		problems.add(new Problem(ProblemKind.ARBITER_SILENT, Problem.FLEET, pid, since, 0,
				"The arbiter (pid %d) %s %s: no worker is replaced, and what follows is as of then".formatted(pid,
						stopped ? "has been stopped by a signal since" : "has shown no sign of life since",
						ProblemText.time(since)),
				stopped ? "/proc/%d/stat: T (stopped)".formatted(pid) : "it ticks five times a second",
				stopped ? "Let it go on with kill -CONT %d.".formatted(pid)
						: "See whether it lives and gets CPU: jcmd %d Thread.print.".formatted(pid)));
		problems.addAll(report.problems());
		return problems;
	}

}
