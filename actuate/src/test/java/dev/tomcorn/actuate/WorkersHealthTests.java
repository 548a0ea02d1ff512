package dev.tomcorn.actuate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import dev.tomcorn.core.arbiter.ExitCause;
import dev.tomcorn.core.arbiter.FleetHistory;
import dev.tomcorn.core.arbiter.FleetHistory.Exit;
import dev.tomcorn.core.arbiter.FleetHistory.Place;
import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.AvailabilityState;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the health of a fleet of two, reported by worker 0.
 */
class WorkersHealthTests {

	private Scoreboard scoreboard;

	private boolean servedElsewhere;

	@BeforeEach
	void start(@TempDir Path directory) throws IOException {
		this.scoreboard = Scoreboard.create(directory.resolve("scoreboard"), 4, 1);
		this.scoreboard.publish(3, 2, 0);
		this.scoreboard.claim(0, 0, 1, 3).setState(WorkerState.READY);
		this.scoreboard.claim(1, 1, 2, 3).setState(WorkerState.READY);
	}

	private Health health() {
		return new WorkersHealthIndicator(this.scoreboard, true).health();
	}

	@Test
	void wholeFleetIsUp() {
		Health health = health();
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).containsEntry("ready", 2L)
			.containsEntry("target", 2)
			.containsEntry("generation", 3);
	}

	@Test
	void fleetBelowStrengthIsDegraded() {
		this.scoreboard.slot(1).setState(WorkerState.STARTING);
		this.scoreboard.post(lastExits(new Place(1, Map.of(), new Exit(1, ExitCause.SIGNAL, "killed"))));
		assertThat(health().getStatus()).isEqualTo(WorkersHealthIndicator.DEGRADED);
		assertThat(RegistryCall.of(this::health).getStatus()).as("for a client of a registry").isEqualTo(Status.UP);
	}

	@Test
	void fleetThatBeginsOrGrowsIsUp() {
		this.scoreboard.slot(1).setState(WorkerState.STARTING);
		assertThat(health().getStatus()).as("a worker boots for the first time").isEqualTo(Status.UP);
		this.scoreboard.slot(1).setState(WorkerState.VACANT);
		assertThat(health().getStatus()).as("it is not spawned yet").isEqualTo(Status.UP);
		this.scoreboard.post(lastExits(new Place(1, Map.of(), new Exit(1, ExitCause.STOP, "scaled down"))));
		assertThat(health().getStatus()).as("the fleet was smaller meanwhile").isEqualTo(Status.UP);
	}

	@Test
	void standbyThatBootsDoesNotStandForAWorkerThatIsLost() {
		this.scoreboard.publish(3, 2, 1);
		this.scoreboard.claim(2, 2, 3, 3).setState(WorkerState.STARTING);
		assertThat(health().getStatus()).isEqualTo(Status.UP);
		this.scoreboard.slot(1).setState(WorkerState.VACANT);
		this.scoreboard.post(lastExits(new Place(1, Map.of(), new Exit(1, ExitCause.CRASH, "crashed"))));
		assertThat(health().getStatus()).isEqualTo(WorkersHealthIndicator.DEGRADED);
	}

	private static byte[] lastExits(Place... places) {
		FleetHistory none = FleetReport.ofBytes(new byte[0]).history();
		return new FleetReport(false, null, List.of(), List.of(),
				new FleetHistory(List.of(), Map.of(), 0, Map.of(), none.boots(), none.drains(), List.of(places), 0))
			.toBytes();
	}

	@Test
	void fleetWithoutAReadyWorkerIsDown() {
		this.scoreboard.slot(0).setState(WorkerState.DRAINING);
		this.scoreboard.slot(1).setState(WorkerState.STANDBY);
		assertThat(health().getStatus()).isEqualTo(Status.DOWN);
	}

	@Test
	void soloIsUp() {
		assertThat(new WorkersHealthIndicator(Scoreboard.solo(), false).health().getStatus()).isEqualTo(Status.UP);
	}

	@Test
	void readinessOfAWorkerThatServesIsItsApplications() {
		Availability availability = new Availability();
		FleetReadiness readiness = new FleetReadiness(availability, this.scoreboard, this.scoreboard.slot(0),
				() -> this.servedElsewhere);
		availability.readiness = ReadinessState.ACCEPTING_TRAFFIC;
		assertThat(readiness.health().getStatus()).isEqualTo(Status.UP);
		availability.readiness = ReadinessState.REFUSING_TRAFFIC;
		readiness.accepted();
		assertThat(readiness.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
	}

	@Test
	void readinessIsTheFleetsWhileTheWorkerBeginsOrEnds() {
		Availability availability = new Availability();
		FleetReadiness readiness = new FleetReadiness(availability, this.scoreboard, this.scoreboard.slot(0),
				() -> this.servedElsewhere);
		assertThat(readiness.health().getStatus()).as("Boot has not said yet that it accepts").isEqualTo(Status.UP);
		readiness.accepted();
		this.scoreboard.slot(0).setState(WorkerState.DRAINING);
		assertThat(readiness.health().getStatus()).isEqualTo(Status.UP);
		this.scoreboard.slot(1).setState(WorkerState.DRAINING);
		assertThat(readiness.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		this.servedElsewhere = true;
		assertThat(readiness.health().getStatus()).as("the workers of another arbiter serve").isEqualTo(Status.UP);
	}

	@Test
	void brokenWorkerIsNoReasonToRestartTheFleet() {
		assertThat(new FleetLiveness(new Availability()).health().getStatus()).isEqualTo(Status.UP);
	}

	/**
	 * Health reported by the application.
	 */
	private static final class Availability implements ApplicationAvailability {

		private ReadinessState readiness = ReadinessState.REFUSING_TRAFFIC;

		@Override
		public LivenessState getLivenessState() {
			return LivenessState.BROKEN;
		}

		@Override
		public ReadinessState getReadinessState() {
			return this.readiness;
		}

		@Override
		public <S extends AvailabilityState> S getState(Class<S> stateType, S defaultState) {
			return defaultState;
		}

		@Override
		public <S extends AvailabilityState> @Nullable S getState(Class<S> stateType) {
			return null;
		}

		@Override
		public <S extends AvailabilityState> org.springframework.boot.availability.@Nullable AvailabilityChangeEvent<S> getLastChangeEvent(
				Class<S> stateType) {
			return null;
		}

	}

}
