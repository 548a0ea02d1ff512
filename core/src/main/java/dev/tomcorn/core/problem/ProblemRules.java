package dev.tomcorn.core.problem;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import dev.tomcorn.core.arbiter.ApplicationRelease;
import dev.tomcorn.core.arbiter.ExitCause;
import dev.tomcorn.core.arbiter.FleetHistory;
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
 * Finds problems from the facts alone. This class finds those of the fleet,
 * {@link WorkerRules} those of each worker, {@link MachineRules} those of the machine.
 */
final class ProblemRules {

	/**
	 * A problem ends only clearly below its limit.
	 */
	private static final double HYSTERESIS = 0.95;

	/**
	 * Factor on the limit of a wait that already is a problem.
	 */
	private static final double WAIT_HYSTERESIS = 0.5;

	/**
	 * Used share of the CPU from which more places would only compete for it.
	 */
	private static final double CPU_FULL = 0.85;

	/**
	 * Share of the CPU below which the fleet does not lack CPU, even if other processes
	 * have it.
	 */
	private static final double CPU_LITTLE = 0.25;

	private static final double ALL = 0.99;

	private static final Pattern NO_BOOT = Pattern.compile("^Worker \\d+(?: \\(pid \\d+\\))?(?: could not boot)?: ");

	/**
	 * The origin of a property of a file, as Boot describes it.
	 */
	private static final Pattern FILE_ORIGIN = Pattern.compile("^URL \\[file:(.+?)] - (\\d+:\\d+)");

	private static final Pattern ORIGIN = Pattern.compile("(?m)^\\s*Origin: (.+)$");

	/**
	 * Code that called an exit, in the description of a death.
	 */
	private static final Pattern EXITED_BY = Pattern.compile(" by ([^;\\s]+)");

	/**
	 * Longest cause of a failed boot, which leaves space for the consequence.
	 */
	private static final int MAX_CAUSE = 110;

	/**
	 * Longest description of a death, which leaves space for the consequence.
	 */
	private static final int MAX_DEATH = 110;

	/**
	 * Longest description of the last death, beside its successor and the times of
	 * others.
	 */
	private static final int MAX_LAST_DEATH = 120;

	private static final int MAX_EXIT_CALLER = 60;

	private static final String BOOTING = "while booting";

	private final ProblemSettings settings;

	private final WorkerRules workers;

	private final MachineRules machine;

	ProblemRules(ProblemSettings settings) {
		this.settings = settings;
		this.workers = new WorkerRules(settings);
		this.machine = new MachineRules(settings);
	}

	/**
	 * Return the problems.
	 * @param facts the facts
	 * @param ongoing whether something is a problem already
	 */
	List<Finding> evaluate(FleetFacts facts, Predicate<Finding.Key> ongoing) {
		List<Finding> findings = new ArrayList<>();
		for (WorkerView worker : facts.workers()) {
			this.workers.evaluate(worker, facts, ongoing, findings);
		}
		add(findings, bootFailure(facts));
		facts.report().crashLoops().forEach((loop) -> findings.add(crashLoop(loop, facts)));
		add(findings, deaths(facts));
		add(findings, placesBusy(facts, ongoing));
		this.machine.evaluate(facts, ongoing, findings);
		findings.removeIf((finding) -> this.settings.ignored().contains(finding.kind()));
		return findings;
	}

	private static void add(List<Finding> findings, @Nullable Finding finding) {
		if (finding != null) {
			findings.add(finding);
		}
	}

	/**
	 * Return the limit, which is lower for a current problem.
	 */
	static double limit(double limit, boolean ongoing) {
		return ongoing ? limit * HYSTERESIS : limit;
	}

	private @Nullable Finding bootFailure(FleetFacts facts) {
		FleetReport.ReloadReport reload = facts.report().reload();
		if (reload == null || reload.outcome() != FleetReport.ReloadOutcome.FAILED) {
			return null;
		}
		String cause = NO_BOOT.matcher(reload.cause()).replaceFirst("");
		Matcher origin = ORIGIN.matcher(reload.failure());
		if (origin.find()) {
			// It contains the rest of the cause and its location
			cause = FILE_ORIGIN.matcher(origin.group(1).strip()).replaceFirst("$1:$2") + ": "
					+ cause.split(": Property: ", 2)[0];
		}
		return new Finding(ProblemKind.BOOT_FAILURE, Problem.FLEET, 0, reload.endedAt(),
				"The reload of %s to generation %d failed: %s".formatted(ProblemText.time(reload.startedAt()),
						reload.generation(), shortened(cause, MAX_CAUSE)),
				"; the old one serves, " + consequence(facts), "", "Put a version on disk that boots, and reload.");
	}

	/**
	 * Return what the failed reload means for workers that die. Those that do not stay up
	 * are named.
	 */
	private static String consequence(FleetFacts facts) {
		List<String> down = facts.report()
			.crashLoops()
			.stream()
			.map(FleetReport.CrashLoop::index)
			.filter((index) -> facts.workers()
				.stream()
				.noneMatch((worker) -> worker.index() == index && worker.state() == WorkerState.READY))
			.map(String::valueOf)
			.toList();
		return switch (down.size()) {
			case 0 -> replacement(facts.report().releases());
			case 1 -> "but worker %s dies again and again".formatted(down.getFirst());
			default -> "but workers %s die again and again".formatted(String.join(", ", down));
		};
	}

	/**
	 * The replacement of a worker boots the current release with the configuration on
	 * disk. If the failed reload had the same release, the configuration is the reason.
	 */
	private static String replacement(FleetReport.ReleaseReport releases) {
		ApplicationRelease current = releases.current();
		return (current.kept() && !current.key().equals(releases.waiting().key()))
				? "workers that die are replaced by release " + current.shortKey()
				: "but a worker that dies boots what is on disk";
	}

	private static Finding crashLoop(FleetReport.CrashLoop loop, FleetFacts facts) {
		List<DeathReport> deaths = facts.report()
			.deaths()
			.stream()
			.filter((death) -> death.index() == loop.index() && !isOfFailedReload(death, facts.report().reload()))
			.limit(loop.deaths())
			.toList();
		List<WorkerView> there = facts.workers().stream().filter((worker) -> worker.index() == loop.index()).toList();
		WorkerView ending = first(there, WorkerView::endsItself);
		WorkerView serving = first(there, (worker) -> worker.state() == WorkerState.READY);
		DeathReport last = deaths.isEmpty() ? null : deaths.getFirst();
		FleetHistory.Exit unasked = unaskedExit(loop.index(), (last != null) ? last.at() : 0, facts.report());
		String died = "Worker %d died %s%s".formatted(loop.index(), ProblemText.count(loop.deaths(), "time", "times"),
				within(deaths, loop.deaths()));
		String what;
		if (ending != null) {
			what = ", the last is ending: %s called System.exit".formatted(ending.exitCaller());
		}
		else if (unasked != null) {
			what = ", the last at %s: %s".formatted(ProblemText.time(unasked.at()),
					shortened(unasked.description(), MAX_DEATH));
		}
		else {
			what = (last == null) ? "" : ", the last at %s: %s".formatted(ProblemText.time(last.at()),
					shortened(last.death().description(), MAX_DEATH));
		}
		long left = loop.respawnAt() - facts.clock();
		boolean boots = there.stream().anyMatch((worker) -> worker.state() == WorkerState.STARTING);
		String outlook = (serving != null)
				? "; pid %d has served its place since %s".formatted(serving.pid(),
						ProblemText.time(servesSince(serving, facts)))
				: boots ? "; the next is booting" : (left > 0)
						? "; the next boots at " + ProblemText.time(loop.respawnAt()) : "; its place is empty";
		String end = (serving != null) ? "over at %s unless it dies"
			.formatted(ProblemText.time(Math.max((last != null) ? last.at() : 0, servesSince(serving, facts))
					+ FleetReport.CrashLoop.QUIET.toMillis()))
				: "over when one has served for a minute";
		String remedy = (ending != null) ? remedy(ExitCause.EXIT, " by " + ending.exitCaller()) : (unasked != null)
				? "Find out what ended it: a TERM that was not the arbiter's, or code that closed its application."
				: (last != null) ? remedy(last.death().cause(), last.death().description())
						: "See the log for what they died of.";
		return new Finding(ProblemKind.CRASH_LOOP, loop.index(), 0, deaths.isEmpty() ? 0 : deaths.getLast().at(),
				died + what, outlook, end, remedy);
	}

	/**
	 * Return how the last worker of an index ended, if it ended itself normally and no
	 * death was reported since.
	 */
	private static FleetHistory.@Nullable Exit unaskedExit(int index, long diedAt, FleetReport report) {
		return report.history()
			.places()
			.stream()
			.filter((place) -> place.index() == index)
			.map(FleetHistory.Place::lastExit)
			.filter((exit) -> exit.cause() == ExitCause.EXIT && exit.at() > diedAt)
			.findFirst()
			.orElse(null);
	}

	/**
	 * Return the known time within which workers at an index died.
	 */
	private static String within(List<DeathReport> deaths, int all) {
		if (deaths.size() < 2) {
			return "";
		}
		String span = ProblemText.span(Duration.ofMillis(Math.max(0, deaths.getFirst().at() - deaths.getLast().at())));
		return (deaths.size() == all) ? " within " + span : ", %d of them within %s".formatted(deaths.size(), span);
	}

	private static @Nullable WorkerView first(List<WorkerView> workers, Predicate<WorkerView> wanted) {
		return workers.stream().filter(wanted).findFirst().orElse(null);
	}

	private static long servesSince(WorkerView worker, FleetFacts facts) {
		return facts.clock() - worker.inState().toMillis();
	}

	private static String shortened(String text, int most) {
		return (text.length() <= most) ? text : text.substring(0, most - 1) + "…";
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
		String successor = successor(last, facts);
		String text = "Worker %d (pid %d) died at %s: %s%s"
			.formatted(
					last.index(), last.pid(), ProblemText.time(last.at()), successor.isEmpty()
							? last.death().description() : shortened(last.death().description(), MAX_LAST_DEATH),
					successor);
		String more = deaths.stream()
			.skip(1)
			.map((death) -> "worker %d at %s".formatted(death.index(), ProblemText.time(death.at())))
			.collect(Collectors.joining(", "));
		String incident = last.incident().isEmpty() ? "" : "kept in " + last.incident();
		return new Finding(ProblemKind.WORKER_DEATHS, last.index(), last.pid(), last.at(),
				more.isEmpty() ? text : text + "; earlier deaths: " + more, incident,
				remedy(last.death().cause(), last.death().description()));
	}

	/**
	 * Return who has the place of a worker that has died, as the end of a sentence.
	 */
	private static String successor(DeathReport death, FleetFacts facts) {
		List<WorkerView> there = facts.workers()
			.stream()
			.filter((worker) -> worker.index() == death.index() && worker.pid() != death.pid())
			.toList();
		WorkerView serving = first(there, (worker) -> worker.state() == WorkerState.READY);
		if (serving == null) {
			boolean boots = there.stream().anyMatch((worker) -> worker.state() == WorkerState.STARTING);
			return boots ? "; the next is booting" : "";
		}
		long since = servesSince(serving, facts);
		// The worker was being replaced already
		return ((since < death.at()) ? "; pid %d had taken over at %s" : "; pid %d has served since %s")
			.formatted(serving.pid(), ProblemText.time(since));
	}

	/**
	 * Return whether a death belongs to a failed reload. That worker did not serve, and
	 * the failed reload is a problem of its own.
	 */
	private static boolean isOfFailedReload(DeathReport death, FleetReport.@Nullable ReloadReport reload) {
		return reload != null && reload.outcome() == FleetReport.ReloadOutcome.FAILED
				&& death.generation() == reload.generation();
	}

	private static String remedy(ExitCause cause, String description) {
		if (description.startsWith(BOOTING)) {
			return "See its failure report in the log. Put back what was changed last, and reload.";
		}
		return switch (cause) {
			case EXIT -> {
				Matcher caller = EXITED_BY.matcher(description);
				yield caller.find()
						? "%s ended the JVM with System.exit: see why, and have it fail instead."
							.formatted(shortened(caller.group(1), MAX_EXIT_CALLER))
						: "Runtime.halt or native code ended the JVM: see the last lines of its log.";
			}
			case SIGNAL -> "Find out who sent the signal: only the arbiter should.";
			case CRASH -> "Look for a native library in the file that the JVM has left.";
			case OUT_OF_HEAP -> "Give it a larger heap, or see what fills it with tomcorn.incidents.heap-dump.";
			case KERNEL_OUT_OF_MEMORY -> "Give the machine or container more memory, or have fewer workers.";
			case BOOT_FAILURE ->
				"See its failure report in the log, or, if it took too long, its threads in what was kept.";
			case SPAWN_FAILURE -> "See the log for what the system has answered.";
			case SILENT -> "See the threads in what was kept about it.";
			case STUCK_IN_DRAIN -> "See what it waited for in what was kept about it, or raise graceful-timeout.";
			case RECYCLE, RELOAD, STOP -> throw new IllegalArgumentException("Not a cause of death: " + cause);
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
		boolean allTaken = capacity > 0 && running >= ALL * capacity;
		if (!allTaken || queued + waiting == 0 || wait < limit) {
			return null;
		}
		double used = serving.stream().mapToDouble(WorkerView::cpuRatio).sum() / Math.max(1, facts.machine().cpus());
		double busy = facts.machine().cpu().busy();
		double cpu = Math.min(1, Math.max(used, busy));
		// More places would only wait for a connection, too
		boolean pool = serving.stream().anyMatch((worker) -> worker.reported().pool() != null);
		boolean full = used >= CPU_FULL;
		boolean taken = busy >= CPU_FULL && !full;
		boolean starved = taken && used >= CPU_LITTLE;
		boolean helps = !full && !starved && !pool;
		String what = places(facts.workerClass());
		String advice = (starved && !pool) ? "more %s would not help while other processes have the CPU".formatted(what)
				: "more %s would %shelp%s%s".formatted(what, helps ? "" : "not ",
						pool ? " while requests wait for a pool of connections"
								: taken ? ", unless the requests lack CPU" : "",
						helps ? standing(serving) : "");
		return new Finding(ProblemKind.PLACES_BUSY, Problem.FLEET, 0, 0,
				"All %s busy, %s about %s, CPU %s%s".formatted(ProblemText.count(capacity, "place is", "places are"),
						ProblemText.count(queued + waiting, "connection waits", "connections wait"),
						ProblemText.millis(wait), ProblemText.percent(100 * cpu),
						taken ? ", the fleet " + ProblemText.percent(100 * used) : ""),
				": " + advice,
				"%d in the kernel's queue, %d in workers; the fleet uses %s of the CPU".formatted(queued, waiting,
						ProblemText.percent(100 * used)),
				pool ? "See why requests wait for a pool of connections."
						: starved ? "See what has the CPU with top, and move or limit it."
								: helps ? "%s what the requests wait for, or raise %s."
									.formatted(taken ? "See with top what has the CPU, and" : "See", what)
										: "Add CPUs or machines, or make the requests cheaper.");
	}

	/**
	 * Return the place of the longest running request, if known.
	 */
	private static String standing(List<WorkerView> workers) {
		return workers.stream()
			.map((worker) -> worker.reported().longest())
			.filter(Objects::nonNull)
			.filter((request) -> !request.place().isEmpty())
			.min(Comparator.comparingLong(WorkerFacts.LongRequest::began))
			.map((request) -> "; the oldest request is at " + request.place())
			.orElse("");
	}

	/**
	 * Return the property for the number of places.
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
	 * Return the end of a sentence about a worker that does no useful work.
	 */
	static String replacement(WorkerView worker, FleetFacts facts) {
		if (worker.state() != WorkerState.READY && worker.state() != WorkerState.STANDBY) {
			return "";
		}
		Duration timeout = facts.timeout();
		return timeout.isZero() ? "; it is never replaced, as tomcorn.timeout is 0" : "; it is replaced at "
				+ ProblemText.time(facts.clock() + Math.max(0, timeout.minus(worker.silence()).toMillis()));
	}

	/**
	 * Return whether the worker has reported that its carriers are held.
	 */
	static boolean carriersHeld(WorkerView worker) {
		return worker.trouble() == Trouble.SCHEDULER_STUCK && worker.stoppedFor().isZero();
	}

}
