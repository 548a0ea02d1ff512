package dev.tomcorn.core.problem;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import dev.tomcorn.core.arbiter.ApplicationRelease;
import dev.tomcorn.core.arbiter.Death;
import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.arbiter.FleetReport.DeathReport;
import dev.tomcorn.core.arbiter.Problem;
import dev.tomcorn.core.arbiter.ProblemKind;
import dev.tomcorn.core.problem.FleetFacts.WorkerView;
import dev.tomcorn.core.scoreboard.ListenerQueue;
import dev.tomcorn.core.scoreboard.Trouble;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.jspecify.annotations.Nullable;

/**
 * Tells what is wrong at a look, from the facts alone: of the fleet as a whole here, of
 * each worker in {@link WorkerRules}, of the machine in {@link MachineRules}.
 */
final class ProblemRules {

	/**
	 * A problem that goes on is none any more only clearly below its limit.
	 */
	private static final double HYSTERESIS = 0.95;

	/**
	 * What remains of a wait that makes a problem while it goes on.
	 */
	private static final double WAIT_HYSTERESIS = 0.5;

	/**
	 * From this share of the CPU on, more places would only compete for it.
	 */
	private static final double CPU_FULL = 0.85;

	private static final double ALL = 0.99;

	private static final Pattern NO_BOOT = Pattern.compile("^Worker \\d+(?: \\(pid \\d+\\))?(?: could not boot)?: ");

	private static final Pattern ORIGIN = Pattern.compile("(?m)^\\s*Origin: (.+)$");

	private final ProblemSettings settings;

	private final WorkerRules workers;

	private final MachineRules machine;

	ProblemRules(ProblemSettings settings) {
		this.settings = settings;
		this.workers = new WorkerRules(settings);
		this.machine = new MachineRules(settings);
	}

	/**
	 * Return what is wrong.
	 * @param facts what is known
	 * @param ongoing whether something is a problem already
	 */
	List<Finding> look(FleetFacts facts, Predicate<Finding.Key> ongoing) {
		List<Finding> findings = new ArrayList<>();
		for (WorkerView worker : facts.workers()) {
			this.workers.look(worker, facts, ongoing, findings);
		}
		add(findings, bootFailure(facts));
		facts.report().crashLoops().forEach((loop) -> findings.add(crashLoop(loop, facts)));
		add(findings, deaths(facts));
		add(findings, placesBusy(facts, ongoing));
		this.machine.look(facts, ongoing, findings);
		findings.removeIf((finding) -> this.settings.ignored().contains(finding.kind()));
		return findings;
	}

	private static void add(List<Finding> findings, @Nullable Finding finding) {
		if (finding != null) {
			findings.add(finding);
		}
	}

	/**
	 * Return a limit that is to be reached, or stayed above by what is a problem already.
	 */
	static double limit(double limit, boolean ongoing) {
		return ongoing ? limit * HYSTERESIS : limit;
	}

	private @Nullable Finding bootFailure(FleetFacts facts) {
		FleetReport.ReloadReport reload = facts.report().reload();
		if (reload == null || reload.outcome() != FleetReport.Outcome.FAILED) {
			return null;
		}
		String cause = NO_BOOT.matcher(reload.cause()).replaceFirst("");
		Matcher origin = ORIGIN.matcher(reload.failure());
		String from = "";
		if (origin.find()) {
			// It says what the rest of the cause would, and where
			cause = cause.split(": Property: ", 2)[0];
			from = " (" + origin.group(1).strip() + ")";
		}
		return new Finding(ProblemKind.BOOT_FAILURE, Problem.FLEET, 0, reload.endedAt(),
				"Generation %d cannot boot%s: %s%s".formatted(reload.generation(),
						replacement(facts.report().releases()), cause, from),
				"the reload of " + ProblemWords.time(reload.startedAt()),
				"Put a version on disk that boots, and reload.");
	}

	/**
	 * A worker that dies boots the release that serves, with the configuration that is on
	 * disk. Where that is the same release, the configuration is what keeps it from
	 * booting.
	 */
	private static String replacement(FleetReport.ReleaseReport releases) {
		ApplicationRelease current = releases.current();
		return (current.kept() && !current.key().equals(releases.waiting().key()))
				? ", and workers that die are replaced by release " + current.shortKey()
				: ", and a worker that dies is replaced from it, too";
	}

	private static Finding crashLoop(FleetReport.CrashLoop loop, FleetFacts facts) {
		String last = facts.report()
			.deaths()
			.stream()
			.filter((death) -> death.index() == loop.index())
			.findFirst()
			.map((death) -> ", the last of " + death.death().description())
			.orElse("");
		long left = loop.respawnAt() - facts.clock();
		return new Finding(ProblemKind.CRASH_LOOP, loop.index(), 0, 0,
				"Worker %d keeps dying: %s in a row%s; the next is spawned %s".formatted(loop.index(),
						ProblemWords.count(loop.deaths(), "quick death", "quick deaths"), last,
						(left > 0) ? "at " + ProblemWords.time(loop.respawnAt()) : "now"),
				"", "See the log for its failure report; put back what was changed last, and reload.");
	}

	private @Nullable Finding deaths(FleetFacts facts) {
		List<DeathReport> deaths = facts.report()
			.deaths()
			.stream()
			.filter((death) -> facts.clock() - death.at() < this.settings.deaths().toMillis())
			.filter((death) -> !isOfFailedReload(death, facts.report().reload()))
			.toList();
		if (deaths.isEmpty()) {
			return null;
		}
		DeathReport last = deaths.getFirst();
		String text = "Worker %d (pid %d) died at %s: %s".formatted(last.index(), last.pid(),
				ProblemWords.time(last.at()), last.death().description());
		String more = deaths.stream()
			.skip(1)
			.map((death) -> "worker %d at %s: %s".formatted(death.index(), ProblemWords.time(death.at()),
					death.death().description()))
			.collect(Collectors.joining("; "));
		String incident = last.incident().isEmpty() ? "" : "kept in " + last.incident();
		return new Finding(ProblemKind.WORKER_DEATHS, Problem.FLEET, 0, deaths.getLast().at(),
				more.isEmpty() ? text : text + "; before: " + more, incident, remedy(last.death().cause()));
	}

	/**
	 * Nobody served there yet, and the failed reload is a problem of its own.
	 */
	private static boolean isOfFailedReload(DeathReport death, FleetReport.@Nullable ReloadReport reload) {
		return reload != null && reload.outcome() == FleetReport.Outcome.FAILED
				&& death.generation() == reload.generation();
	}

	private static String remedy(Death.Cause cause) {
		return switch (cause) {
			case EXIT -> "Something in the application ended its JVM: look at the lines of the log before.";
			case SIGNAL -> "Find out who sent the signal: nobody but the arbiter is to.";
			case CRASH -> "Look for a native library in the file that the JVM has left.";
			case OUT_OF_HEAP -> "Give it a larger heap, or see what fills it with tomcorn.incidents.heap-dump.";
			case KERNEL_OUT_OF_MEMORY -> "Give the machine or container more memory, or have fewer workers.";
			case BOOT_FAILURE, SPAWN_FAILURE -> "See the log for its failure report.";
			case SILENT -> "See the threads in what was kept about it.";
			case STUCK_IN_DRAIN -> "See what it waited for in what was kept about it, or raise graceful-timeout.";
		};
	}

	private @Nullable Finding placesBusy(FleetFacts facts, Predicate<Finding.Key> ongoing) {
		List<WorkerView> serving = facts.workers()
			.stream()
			.filter((worker) -> worker.state() == WorkerState.READY)
			.toList();
		int capacity = serving.stream().mapToInt(WorkerView::capacity).sum();
		int running = serving.stream().mapToInt((worker) -> Math.min(worker.running(), worker.capacity())).sum();
		int waiting = serving.stream().mapToInt(WorkerView::waiting).sum();
		ListenerQueue.Reading queue = facts.queue();
		int queued = (queue != null) ? queue.length() : 0;
		double wait = ((queue != null) ? queue.waitTime().toMillis() : 0)
				+ ((waiting > 0) ? serving.stream().mapToDouble(WorkerView::queueMillis).max().orElse(0) : 0);
		boolean already = ongoing.test(new Finding.Key(ProblemKind.PLACES_BUSY, Problem.FLEET, 0));
		double limit = this.settings.queueWait().toMillis() * (already ? WAIT_HYSTERESIS : 1);
		boolean full = capacity > 0 && running >= ALL * capacity;
		if (!full || queued + waiting == 0 || wait < limit) {
			return null;
		}
		double used = serving.stream().mapToDouble(WorkerView::cpuRatio).sum() / Math.max(1, facts.machine().cpus());
		double cpu = Math.min(1, Math.max(used, facts.machine().cpu().busy()));
		// They would only wait for a connection, too
		boolean pool = serving.stream().anyMatch((worker) -> worker.told().pool() != null);
		boolean helps = cpu < CPU_FULL && !pool;
		String what = places(facts.workerClass());
		return new Finding(ProblemKind.PLACES_BUSY, Problem.FLEET, 0, 0,
				"All %s busy, %s about %s, CPU %s: more %s would %s".formatted(
						ProblemWords.count(capacity, "place is", "places are"),
						ProblemWords.count(queued + waiting, "connection waits", "connections wait"),
						ProblemWords.millis(wait), ProblemWords.percent(100 * cpu), what, helps ? "help" : "not help"),
				"%d in the kernel's queue, %d in workers; the fleet uses %s of the CPU".formatted(queued, waiting,
						ProblemWords.percent(100 * used)),
				helps ? "See what the requests wait for, or raise %s.".formatted(what)
						: pool ? "See why requests wait for a pool of connections."
								: "Add CPUs or machines, or make the requests cheaper.");
	}

	/**
	 * Return the property that says how many places there are.
	 */
	private static String places(String workerClass) {
		return switch (workerClass) {
			case "sync" -> "tomcorn.workers";
			case "gthread" -> "tomcorn.threads";
			case "gevent" -> "tomcorn.worker-connections";
			default -> "places";
		};
	}

	/**
	 * Return how a sentence about a worker that does no useful work ends.
	 */
	static String replacement(WorkerView worker, FleetFacts facts) {
		if (worker.state() != WorkerState.READY && worker.state() != WorkerState.STANDBY) {
			return "";
		}
		Duration timeout = facts.timeout();
		return timeout.isZero() ? "; it is never replaced, as tomcorn.timeout is 0" : "; it is replaced at "
				+ ProblemWords.time(facts.clock() + Math.max(0, timeout.minus(worker.silence()).toMillis()));
	}

	/**
	 * Return whether the worker has said that its carriers are held.
	 */
	static boolean carriersHeld(WorkerView worker) {
		return worker.trouble() == Trouble.SCHEDULER_STUCK && worker.stoppedFor().isZero();
	}

}
