package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.List;

import dev.tomcorn.core.arbiter.ServiceState.ReloadId;
import dev.tomcorn.core.arbiter.ServiceState.Stage;
import org.junit.jupiter.api.Test;

import static dev.tomcorn.core.arbiter.FleetStory.BOOT_TIMEOUT;
import static dev.tomcorn.core.arbiter.FleetStory.CLOSE_TIMEOUT;
import static dev.tomcorn.core.arbiter.FleetStory.DRAIN_LIMIT;
import static dev.tomcorn.core.arbiter.FleetStory.SECOND;
import static dev.tomcorn.core.arbiter.FleetStory.workers;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ServiceState}, event by event.
 */
class ServiceStateTests {

	private static ServiceState state(FleetStory story) {
		return ServiceState.of(new FleetStateMachine.Transition(story.state(), story.commands()), story.now());
	}

	private static Problem problem(ProblemKind kind, long endedAt, String text) {
		return new Problem(kind, Problem.FLEET, 0, 1, endedAt, text, "", "");
	}

	@Test
	void aFleetServesOnceItsFirstWorkerDoes() {
		FleetStory story = FleetStory.of(workers(3)).after(SECOND);
		assertThat(state(story)).isEqualTo(new ServiceState(Stage.STARTING, null, BOOT_TIMEOUT.minus(SECOND),
				"Starting: 0 of 3 workers ready, generation 1"));
		story.ready(1);
		assertThat(state(story)).returns(Stage.SERVING, ServiceState::stage)
			.returns("1 of 3 workers ready, generation 1", ServiceState::text);
		story.ready(2).ready(3);
		assertThat(state(story))
			.isEqualTo(new ServiceState(Stage.SERVING, null, Duration.ZERO, "3 of 3 workers ready, generation 1"));
	}

	@Test
	void aFirstWorkerThatBootsForTooLongHasNoFurtherAllowance() {
		FleetStory story = FleetStory.of(workers(1)).after(BOOT_TIMEOUT.plus(SECOND)).tick().after(SECOND).tick();
		assertThat(state(story)).returns(Stage.STARTING, ServiceState::stage)
			.returns(Duration.ZERO, ServiceState::allowance);
	}

	@Test
	void aReloadIsUnderWayUntilItHasEnded() {
		FleetStory story = FleetStory.allReady(workers(1)).event(Event.Signal.RELOAD);
		assertThat(state(story)).isEqualTo(new ServiceState(Stage.SERVING, new ReloadId(2, 0), BOOT_TIMEOUT,
				"1 of 1 worker ready, generation 1; reloading to generation 2"));
		story.ready(2).drained(1).tick();
		assertThat(state(story))
			.isEqualTo(new ServiceState(Stage.SERVING, null, Duration.ZERO, "1 of 1 worker ready, generation 2"));
	}

	@Test
	void aReloadThatHasFailedIsToldUntilTheNext() {
		FleetStory story = FleetStory.allReady(workers(1))
			.event(Event.Signal.RELOAD)
			.event(new Event.BootFailed(2, "Port 5432 is closed."))
			.exited(2, 1);
		story.event(new Event.Problems(List.of(problem(ProblemKind.BOOT_FAILURE, 0, "generation 2 does not boot"))));
		assertThat(state(story)).returns(null, ServiceState::reloading)
			.returns("1 of 1 worker ready, generation 1; the reload to generation 2 has failed: Worker 0 (pid 4702) "
					+ "could not boot: Port 5432 is closed", ServiceState::text);
		story.event(Event.Signal.RELOAD);
		assertThat(state(story).text()).startsWith("1 of 1 worker ready, generation 1; reloading to generation 2");
	}

	@Test
	void theWorstProblemThatGoesOnIsTold() {
		FleetStory story = FleetStory.allReady(workers(1))
			.event(new Event.Problems(List.of(problem(ProblemKind.DEADLOCK, 2, "over"),
					problem(ProblemKind.DISK_FULL, 0, "/tmp is full"), problem(ProblemKind.LONG_REQUEST, 0, "long"))));
		assertThat(state(story).text()).isEqualTo("1 of 1 worker ready, generation 1; problem: /tmp is full");
	}

	@Test
	void anEndHasTheTimeOfItsDrains() {
		FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.STOP);
		assertThat(state(story))
			.isEqualTo(new ServiceState(Stage.STOPPING, null, DRAIN_LIMIT, "Stopping: 2 workers still to end"));
		story.tick().tick().drained(1).after(SECOND);
		assertThat(state(story)).isEqualTo(
				new ServiceState(Stage.STOPPING, null, DRAIN_LIMIT.minus(SECOND), "Stopping: 1 worker still to end"));
		story.drained(2);
		assertThat(state(story)).isEqualTo(new ServiceState(Stage.STOPPING, null, Duration.ZERO, "Ended"));
	}

	@Test
	void aFleetThatDoesNotComeUpTellsWhy() {
		FleetStory story = FleetStory.of(workers(2))
			.event(new Event.BootFailed(1, "Port 5432 is closed."))
			.exited(1, 1);
		assertThat(state(story)).isEqualTo(new ServiceState(Stage.STOPPING, null, Duration.ZERO,
				"Worker 0 (pid 4701) could not boot: Port 5432 is closed. No worker has booted, so the arbiter halts "
						+ "with exit code 3"));
	}

	@Test
	void aFleetThatIsPausedSaysSo() {
		FleetStory story = FleetStory.allReady(workers(1)).event(Event.Signal.PAUSE);
		assertThat(state(story)).returns(Stage.SERVING, ServiceState::stage)
			.returns("Paused: no worker runs", ServiceState::text);
	}

	@Test
	void oneArbiterSpeaksForTheServiceWhileAnotherReplacesIt() {
		FleetStory old = FleetStory.allReady(workers(1)).event(Event.Signal.REPLACE);
		assertThat(state(old)).returns(Stage.SERVING, ServiceState::stage);
		FleetStory successor = FleetStory.replacing(workers(1));
		assertThat(state(successor).stage()).isEqualTo(Stage.REPLACING);
		assertThat(state(successor.ready(1)).stage()).isEqualTo(Stage.REPLACING);
		assertThat(state(old.event(new Event.SuccessorReady())).stage()).isEqualTo(Stage.REPLACED);
		assertThat(state(successor.event(new Event.PredecessorReleased())).stage()).isEqualTo(Stage.SERVING);
		assertThat(state(old.drained(1)).stage()).isEqualTo(Stage.REPLACED);
	}

	@Test
	void aReloadThatIsNotBegunIsTold() {
		FleetStory story = FleetStory.allReady(workers(1)).event(Event.Signal.REPLACE).event(Event.Signal.RELOAD);
		assertThat(story.commands()).contains(new Command.RefuseReload("the arbiter is being replaced"));
		assertThat(FleetStory.allReady(workers(1)).event(Event.Signal.RELOAD).commands())
			.noneMatch(Command.RefuseReload.class::isInstance);
	}

}
