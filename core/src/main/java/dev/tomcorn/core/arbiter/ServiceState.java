package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import dev.tomcorn.core.arbiter.FleetReport.ReloadOutcome;
import dev.tomcorn.core.arbiter.FleetReport.ReloadReport;
import dev.tomcorn.core.arbiter.FleetState.Phase;
import dev.tomcorn.core.arbiter.FleetState.Preparation;
import dev.tomcorn.core.arbiter.FleetState.Reload;
import org.jspecify.annotations.Nullable;

/**
 * The state of the fleet for a {@link ServiceManager}.
 *
 * @param stage the stage of the service
 * @param reloading the reload that is under way, {@code null} if none is
 * @param allowance time that the fleet's own limits leave for the operations under way;
 * zero if there is none, or no limit
 * @param text a description in one line
 */
public record ServiceState(Stage stage, @Nullable ReloadId reloading, Duration allowance, String text) {

	/**
	 * The stages of the service.
	 */
	public enum Stage {

		/** No worker has been ready yet. */
		STARTING,

		/** Workers serve, or would if the fleet were not paused. */
		SERVING,

		/** The fleet is ending or has ended. */
		STOPPING,

		/** The arbiter that this one replaces still notifies the service manager. */
		REPLACING,

		/** The arbiter that replaced this one notifies the service manager. */
		REPLACED

	}

	/**
	 * Identifies a reload. The number of a failed generation is used again.
	 *
	 * @param generation number of its generation
	 * @param startedAt when it began, on the arbiter's clock
	 */
	public record ReloadId(int generation, long startedAt) {

	}

	static ServiceState of(FleetStateMachine.Transition transition, long now) {
		FleetState state = transition.state();
		Reload reload = state.reload();
		ReloadId id = (reload != null) ? new ReloadId(reload.generation(), reload.startedAt()) : null;
		return new ServiceState(stage(state), id, allowance(state, now), PrintableText.line(text(transition)));
	}

	private static Stage stage(FleetState state) {
		return switch (state.replacement()) {
			case EXPECTED, TAKING_OVER -> Stage.REPLACING;
			case TAKEN_OVER -> Stage.REPLACED;
			case NONE, STARTING -> switch (state.phase()) {
				case BOOTING -> Stage.STARTING;
				case RUNNING -> Stage.SERVING;
				case CLOSING, STOPPING, STOPPING_FAST, HALTED -> Stage.STOPPING;
			};
		};
	}

	/**
	 * Return the time that the limits leave. The first worker may boot for longer than
	 * its limit; the service manager then decides.
	 */
	private static Duration allowance(FleetState state, long now) {
		ArbiterSettings settings = state.settings();
		LongStream workers = state.workers().values().stream().mapToLong((worker) -> switch (worker.lifecycle()) {
			case STARTING -> WorkerHandle.deadline(worker.since(), settings.bootTimeout());
			case DRAINING, RECORDING -> worker.killAt();
			case STANDBY, READY, KILLED -> WorkerHandle.NEVER;
		});
		Preparation preparation = state.releases().preparation();
		long prepared = (preparation != null) ? preparation.until() : WorkerHandle.NEVER;
		long closed = (state.phase() == Phase.CLOSING) ? state.stopAt() + settings.closeTimeout().toNanos()
				: WorkerHandle.NEVER;
		long latest = LongStream.concat(workers, LongStream.of(prepared, closed))
			.filter((deadline) -> deadline != WorkerHandle.NEVER)
			.max()
			.orElse(now);
		return Duration.ofNanos(Math.max(0, latest - now));
	}

	private static String text(FleetStateMachine.Transition transition) {
		FleetState state = transition.state();
		int left = state.workers().size();
		return switch (state.phase()) {
			case HALTED -> end(transition.commands());
			case CLOSING, STOPPING, STOPPING_FAST ->
				"Stopping: %d worker%s still to end".formatted(left, (left == 1) ? "" : "s");
			case BOOTING -> "Starting: " + workers(state);
			case RUNNING ->
				Stream.concat(Stream.of(state.paused() ? "Paused: no worker runs" : workers(state)), news(state))
					.reduce((first, second) -> first + "; " + second)
					.orElseThrow();
		};
	}

	/**
	 * Return why the arbiter ends: its last warning or error.
	 */
	private static String end(List<Command> commands) {
		String end = "Ended";
		for (Command command : commands) {
			if (command instanceof Command.Announce(Command.Level level, String message)
					&& level != Command.Level.INFO) {
				end = message.lines().findFirst().orElse(end);
			}
		}
		return end;
	}

	private static String workers(FleetState state) {
		long ready = state.workers()
			.values()
			.stream()
			.filter((worker) -> worker.is(WorkerHandle.Lifecycle.READY))
			.count();
		return "%d of %d worker%s ready, generation %d".formatted(ready, state.targetWorkers(),
				(state.targetWorkers() == 1) ? "" : "s", state.generation());
	}

	private static Stream<String> news(FleetState state) {
		Stream.Builder<String> news = Stream.builder();
		boolean failed = false;
		ReloadReport last = state.report().reload();
		if (last != null && last.outcome() == ReloadOutcome.FAILED) {
			failed = true;
			news.add("the reload to generation %d has failed: %s".formatted(last.generation(), last.cause()));
		}
		Reload underWay = state.reload();
		if (underWay != null) {
			news.add("reloading to generation " + underWay.generation());
		}
		if (state.replacement() == FleetState.Replacement.STARTING) {
			news.add("another arbiter is starting to take over");
		}
		// Already reported with the failed reload
		ProblemKind left = failed ? ProblemKind.BOOT_FAILURE : null;
		state.report()
			.problems()
			.stream()
			.filter((problem) -> problem.ongoing() && problem.kind() != left)
			.findFirst()
			.ifPresent((problem) -> news.add("problem: " + problem.text()));
		return news.build();
	}

}
