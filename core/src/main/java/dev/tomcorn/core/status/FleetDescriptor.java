package dev.tomcorn.core.status;

import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

import dev.tomcorn.core.arbiter.ApplicationRelease;
import dev.tomcorn.core.arbiter.ExitCause;
import dev.tomcorn.core.arbiter.FleetHistory;
import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.arbiter.Problem;
import dev.tomcorn.core.arbiter.ProblemKind;
import dev.tomcorn.core.problem.Problems;
import dev.tomcorn.core.process.FleetIdentity;
import dev.tomcorn.core.process.JvmOptions;
import dev.tomcorn.core.scoreboard.ListenerQueue;
import dev.tomcorn.core.scoreboard.ListenerTable;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.jspecify.annotations.Nullable;

/**
 * The fleet, read from the scoreboard alone. No process is asked, so none can delay it.
 * JSON has a {@code null} for what is empty, and leaves out what is {@code null}, except
 * that the shell command always writes it.
 *
 * @param application the application that the fleet runs, empty when solo or if the
 * arbiter's version does not publish it
 * @param problems current problems and those that have just ended, the worst first
 * @param workerClass how each worker runs requests, {@code null} if it is not known
 * @param arbiter the supervising process, empty when solo
 * @param fleet the sums
 * @param listeners what the fleet listens on; none if it runs without an arbiter
 * @param workers the workers that have not ended, by index and age
 * @param release what workers start from, {@code null} if no release is kept
 * @param waitingRelease the release on disk that a reload would load or has failed to
 * load, {@code null} if it is the current one
 * @param reload the last reload, {@code null} if there was none
 * @param crashLoops indexes whose workers keep dying
 * @param deaths the last unplanned deaths, latest first
 * @param events recent events, latest last
 */
public record FleetDescriptor(Optional<ApplicationDescriptor> application, List<ProblemDescriptor> problems,
		@Nullable String workerClass, Optional<ArbiterDescriptor> arbiter, TotalsDescriptor fleet,
		List<ListenerDescriptor> listeners, List<WorkerDescriptor> workers, @Nullable ReleaseDescriptor release,
		@Nullable ReleaseDescriptor waitingRelease, @Nullable ReloadDescriptor reload,
		List<CrashLoopDescriptor> crashLoops, List<DeathDescriptor> deaths, List<EventDescriptor> events) {

	/**
	 * Read the fleet.
	 * @param workerClass how each worker runs requests, {@code null} if it is not known
	 * @param supervised whether an arbiter runs
	 * @param scoreboard the scoreboard
	 * @param listeners what the fleet listens on
	 * @param failureReports changes the failure report of a reload before it is shown
	 * @return the fleet
	 */
	public static FleetDescriptor of(@Nullable String workerClass, boolean supervised, Scoreboard scoreboard,
			ListenerTable listeners, UnaryOperator<String> failureReports) {
		FleetReport report = FleetReport.ofBytes(scoreboard.notice());
		return of(workerClass, supervised, scoreboard, listeners, scoreboard.workers(), report,
				Problems.of(scoreboard, report), failureReports);
	}

	/**
	 * Describe what was read before.
	 * @param workerClass how each worker runs requests, {@code null} if it is not known
	 * @param supervised whether an arbiter runs
	 * @param scoreboard the scoreboard
	 * @param listeners what the fleet listens on
	 * @param slots the workers that have not ended, by index and age
	 * @param report the report of the arbiter
	 * @param problems the problems, the worst first
	 * @param failureReports changes the failure report of a reload before it is shown
	 * @return the fleet
	 */
	public static FleetDescriptor of(@Nullable String workerClass, boolean supervised, Scoreboard scoreboard,
			ListenerTable listeners, List<WorkerSlot> slots, FleetReport report, List<Problem> problems,
			UnaryOperator<String> failureReports) {
		FleetIdentity identity = FleetIdentity.ofBytes(scoreboard.identity());
		List<WorkerDescriptor> workers = slots.stream()
			.map((slot) -> WorkerDescriptor.of(slot, report.history()))
			.toList();
		return new FleetDescriptor(Optional.of(identity).filter(FleetIdentity::isKnown).map(ApplicationDescriptor::of),
				problems.stream().map(ProblemDescriptor::of).toList(), workerClass,
				supervised ? Optional.of(ArbiterDescriptor.of(scoreboard, identity, report.paused()))
						: Optional.empty(),
				TotalsDescriptor.of(scoreboard, workers, report.history()),
				listeners.listeners().stream().map(ListenerDescriptor::of).toList(), workers,
				ReleaseDescriptor.of(report.releases().current()), ReleaseDescriptor.of(report.releases().waiting()),
				ReloadDescriptor.of(report.reload(), failureReports),
				report.crashLoops().stream().map(CrashLoopDescriptor::of).toList(),
				report.deaths().stream().map(DeathDescriptor::of).toList(),
				report.history().events().stream().map(EventDescriptor::of).toList());
	}

	/**
	 * Return a number, empty if it is 0.
	 */
	private static <N extends Number> Optional<N> number(N number) {
		return Optional.of(number).filter((value) -> value.longValue() != 0);
	}

	static Optional<String> nonEmpty(String text) {
		return Optional.of(text).filter(Predicate.not(String::isEmpty));
	}

	/**
	 * The application that a fleet runs.
	 *
	 * @param name its name by {@code spring.application.name}, else by its jar or main
	 * class
	 * @param port the port that the fleet listens on
	 * @param managementPort the management port, empty if it is the same
	 * @param jar absolute path of its jar, empty if it runs from a class path
	 * @param mainClass its main class, empty if it is not known
	 */
	public record ApplicationDescriptor(String name, int port, Optional<Integer> managementPort, Optional<String> jar,
			Optional<String> mainClass) {

		static ApplicationDescriptor of(FleetIdentity identity) {
			return new ApplicationDescriptor(identity.name(), identity.port(), number(identity.managementPort()),
					nonEmpty(identity.jar()), nonEmpty(identity.mainClass()));
		}

	}

	/**
	 * The supervising process.
	 *
	 * @param pid its process id
	 * @param startedAt when it started
	 * @param generation number of the current load of the application, from 1
	 * @param targetWorkers target number of serving workers
	 * @param paused whether the fleet is paused: no worker runs until the operator
	 * resumes it
	 * @param standby target number of standby workers
	 * @param workerOptions JVM options that it has chosen for the workers
	 */
	public record ArbiterDescriptor(long pid, Instant startedAt, int generation, int targetWorkers, boolean paused,
			int standby, List<String> workerOptions) {

		static ArbiterDescriptor of(Scoreboard scoreboard, FleetIdentity identity, boolean paused) {
			return new ArbiterDescriptor(scoreboard.arbiterPid(), scoreboard.startedAt(), scoreboard.generation(),
					scoreboard.targetWorkers(), paused, scoreboard.standby(),
					JvmOptions.split(identity.workerOptions()));
		}

	}

	/**
	 * Sums over the fleet. Counts begin with the arbiter's start, or with the
	 * application's when solo, and include workers that have ended.
	 *
	 * @param ready workers that serve
	 * @param requestsPerSecond requests that ended per second over the last ten seconds,
	 * silent workers excluded
	 * @param activeRequests requests that have begun and not ended
	 * @param waitingRequests requests that wait in workers, those included that an
	 * executor has and has not begun
	 * @param handledRequests requests that have ended
	 * @param failedRequests those that ended with a status of 500 or more or an exception
	 * @param openConnections connections that workers have taken and not closed
	 * @param saturation share of the capacity of serving workers that requests take up
	 * now, from 0 to 1
	 * @param backlog the kernel's queue of the listening socket, empty if it is not known
	 * @param deaths unplanned deaths by cause
	 * @param recycles workers that were replaced because they had reached a limit
	 * @param reloads reloads that have ended, by outcome
	 * @param lostRequests requests that were in flight in workers that ended
	 */
	public record TotalsDescriptor(int ready, double requestsPerSecond, int activeRequests, int waitingRequests,
			long handledRequests, long failedRequests, int openConnections, double saturation,
			Optional<BacklogDescriptor> backlog, Map<ExitCause, Long> deaths, long recycles,
			Map<FleetReport.ReloadOutcome, Long> reloads, long lostRequests) {

		static TotalsDescriptor of(Scoreboard scoreboard, List<WorkerDescriptor> workers, FleetHistory history) {
			Scoreboard.Totals totals = scoreboard.totals();
			Map<FleetReport.ReloadOutcome, Long> reloads = new EnumMap<>(FleetReport.ReloadOutcome.class);
			for (FleetReport.ReloadOutcome ended : List.of(FleetReport.ReloadOutcome.SUCCEEDED,
					FleetReport.ReloadOutcome.FAILED)) {
				reloads.put(ended, history.reloads().getOrDefault(ended, 0L));
			}
			return new TotalsDescriptor(
					(int) workers.stream().filter((worker) -> worker.state() == WorkerState.READY).count(),
					WorkerDescriptor.rounded(workers.stream()
						.filter((worker) -> !worker.silent())
						.mapToDouble(WorkerDescriptor::requestsPerSecond)
						.sum()),
					workers.stream().mapToInt(WorkerDescriptor::activeRequests).sum(),
					workers.stream().mapToInt(WorkerDescriptor::waitingRequests).sum(), totals.handledRequests(),
					totals.failedRequests(), workers.stream().mapToInt(WorkerDescriptor::openConnections).sum(),
					WorkerDescriptor.rounded(scoreboard.saturation()),
					BacklogDescriptor.of(scoreboard.listenerQueue().reading()), history.deaths(), history.recycles(),
					reloads, history.lostRequests());
		}

	}

	/**
	 * A problem of the fleet, current or just ended.
	 *
	 * @param kind what it is
	 * @param index the worker's index, empty if it is not about one
	 * @param pid the worker's process id, empty if it is not about one
	 * @param since when it began
	 * @param endedAt when it ended, empty while it goes on
	 * @param text what is wrong and why
	 * @param evidence the readings that show it, empty if the text says all
	 * @param remedy what to do about it
	 */
	public record ProblemDescriptor(ProblemKind kind, Optional<Integer> index, Optional<Long> pid, Instant since,
			Optional<Instant> endedAt, String text, Optional<String> evidence, String remedy) {

		static ProblemDescriptor of(Problem problem) {
			return new ProblemDescriptor(problem.kind(),
					Optional.of(problem.worker()).filter((index) -> index != Problem.FLEET), number(problem.pid()),
					Instant.ofEpochMilli(problem.since()),
					problem.ongoing() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(problem.endedAt())),
					problem.text(), nonEmpty(problem.evidence()), problem.remedy());
		}

	}

	/**
	 * The kernel's queue of the listening socket.
	 *
	 * @param length connections that wait in it
	 * @param limit connections beyond which the kernel accepts no more
	 * @param waitMillis estimated time that a connection waits in it, in milliseconds
	 */
	public record BacklogDescriptor(int length, int limit, long waitMillis) {

		static Optional<BacklogDescriptor> of(ListenerQueue.@Nullable Reading reading) {
			return Optional.ofNullable(reading)
				.map((known) -> new BacklogDescriptor(known.length(), known.limit(), known.waitTime().toMillis()));
		}

	}

	/**
	 * A reload.
	 *
	 * @param generation number of the generation that it starts
	 * @param outcome how it ended, or that it is running
	 * @param startedAt when it began
	 * @param endedAt when it ended, {@code null} if it has not
	 * @param cause why it failed, {@code null} if it did not
	 * @param failureReport the failed worker's own report, {@code null} if there is none
	 */
	public record ReloadDescriptor(int generation, FleetReport.ReloadOutcome outcome, Instant startedAt,
			@Nullable Instant endedAt, @Nullable String cause, @Nullable String failureReport) {

		static @Nullable ReloadDescriptor of(FleetReport.@Nullable ReloadReport reload,
				UnaryOperator<String> failureReports) {
			return (reload == null) ? null
					: new ReloadDescriptor(reload.generation(), reload.outcome(),
							Instant.ofEpochMilli(reload.startedAt()),
							(reload.endedAt() != 0) ? Instant.ofEpochMilli(reload.endedAt()) : null,
							nonEmpty(reload.cause()).orElse(null),
							nonEmpty(failureReports.apply(reload.failure())).orElse(null));
		}

	}

	/**
	 * A release that is kept.
	 *
	 * @param key first digits of the digest of its jar's content
	 * @param jar file name of the jar
	 * @param firstSeenAt when that content was first seen
	 */
	public record ReleaseDescriptor(String key, String jar, Instant firstSeenAt) {

		static @Nullable ReleaseDescriptor of(ApplicationRelease release) {
			return !release.kept() ? null
					: new ReleaseDescriptor(release.shortKey(), release.jar(), Instant.ofEpochMilli(release.since()));
		}

	}

	/**
	 * An index whose workers keep dying.
	 *
	 * @param index the index
	 * @param deaths quick deaths in a row
	 * @param respawnAt earliest time of the next spawn
	 */
	public record CrashLoopDescriptor(int index, int deaths, Instant respawnAt) {

		static CrashLoopDescriptor of(FleetReport.CrashLoop loop) {
			return new CrashLoopDescriptor(loop.index(), loop.deaths(), Instant.ofEpochMilli(loop.respawnAt()));
		}

	}

	/**
	 * An unplanned death.
	 *
	 * @param index the worker's index
	 * @param pid its process id
	 * @param generation its generation
	 * @param at when it was noticed
	 * @param cause what it died of
	 * @param description the cause in words
	 * @param incident path of its incident folder, {@code null} if there is none
	 */
	public record DeathDescriptor(int index, long pid, int generation, Instant at, ExitCause cause, String description,
			@Nullable String incident) {

		static DeathDescriptor of(FleetReport.DeathReport report) {
			return new DeathDescriptor(report.index(), report.pid(), report.generation(),
					Instant.ofEpochMilli(report.at()), report.death().cause(), report.death().description(),
					nonEmpty(report.incident()).orElse(null));
		}

	}

	/**
	 * An event.
	 *
	 * @param at when it happened
	 * @param type what happened
	 * @param index the worker's index, empty if it is not about a worker
	 * @param pid the worker's process id, empty if it is not known
	 * @param generation the generation, empty if it is not about one
	 * @param text a description
	 */
	public record EventDescriptor(Instant at, FleetHistory.Type type, Optional<Integer> index, Optional<Long> pid,
			Optional<Integer> generation, String text) {

		static EventDescriptor of(FleetHistory.Entry entry) {
			return new EventDescriptor(Instant.ofEpochMilli(entry.at()), entry.type(),
					Optional.of(entry.index()).filter((index) -> index >= 0), number(entry.pid()),
					number(entry.generation()), entry.text());
		}

	}

}
