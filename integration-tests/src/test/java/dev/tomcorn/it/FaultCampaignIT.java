package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

import dev.tomcorn.it.Trial.Fault;
import dev.tomcorn.it.Trial.PlannedOperation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Faults at every step of the operations of a fleet. After each, a worker serves, planned
 * ends lose nothing, the log is right, and the fleet is complete again.
 * {@code -Dchaos.seed} repeats the order, {@code -Dchaos.faults} sets the number, and
 * {@code -Dchaos.fault-filter} is a regular expression for the trials' names.
 */
@Order(1)
class FaultCampaignIT {

	private static final int WORKERS = ChaosScale.workers();

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	private final FaultTable table = new FaultTable();

	private final List<String> failures = new ArrayList<>();

	private @Nullable TriedFleet fleet;

	@Test
	void faultLosesNothingButWhatAKilledWorkerHadAndNeverTheService(@TempDir Path directory) throws IOException {
		long seed = ChaosScale.seed();
		try (FaultStage stage = new FaultStage(directory, ChaosScale.everyFault())) {
			List<Trial> plan = plan(new Random(seed), stage);
			Figures.print("fault campaign: %d of %d trials%s, repeat with -Dchaos.seed=%d", plan.size(),
					Trial.all().size(), stage.diskCanBeFull() ? "" : ", no disk that can be full", seed);
			for (int i = 0; i < plan.size(); i++) {
				// Each trial has its own, so that it does not depend on those before
				tryOne(i + 1, plan.get(i), stage, new Random(seed + i));
			}
			if (this.fleet != null) {
				this.fleet.app().end();
			}
		}
		this.table.print();
		assertThat(this.failures).as("trials that failed, seed %d", seed).isEmpty();
	}

	/**
	 * All trials in a random order, except those that need a fleet of another kind. A
	 * build has some operations once, each with another fault.
	 */
	private static List<Trial> plan(Random random, FaultStage stage) {
		List<Trial> trials = new ArrayList<>(Trial.all());
		// First, so that the order does not depend on the machine
		Collections.shuffle(trials, random);
		trials.removeIf((trial) -> trial.fault() == Fault.DISK_FULL && !stage.diskCanBeFull());
		trials.removeIf((trial) -> trial.takesTwoWorkers() && WORKERS == 1);
		trials.removeIf((trial) -> !trial.toString().matches(ChaosScale.faultFilter()));
		if (!ChaosScale.everyFault()) {
			trials = oneOfEach(trials);
			Collections.shuffle(trials, random);
		}
		return trials.stream()
			.limit(ChaosScale.faults())
			.sorted(Comparator.comparing((trial) -> trial.operation() == PlannedOperation.STANDBY))
			.toList();
	}

	private static List<Trial> oneOfEach(List<Trial> trials) {
		List<Trial> chosen = new ArrayList<>();
		for (PlannedOperation operation : PlannedOperation.values()) {
			candidates(trials, operation)
				.filter((trial) -> chosen.stream().noneMatch((other) -> other.fault() == trial.fault()))
				.findFirst()
				.or(() -> candidates(trials, operation).findFirst())
				.ifPresent(chosen::add);
		}
		return chosen;
	}

	/**
	 * Another fleet would take the boot of three JVMs.
	 */
	private static Stream<Trial> candidates(List<Trial> trials, PlannedOperation operation) {
		return trials.stream()
			.filter((trial) -> trial.operation() == operation && operation != PlannedOperation.STANDBY
					&& (!trial.endsTheFleet() || operation == PlannedOperation.STOP));
	}

	private void tryOne(int number, Trial trial, FaultStage stage, Random random) {
		long begun = System.nanoTime();
		try {
			TrialRun.Result result = new TrialRun(prepared(trial, stage), stage, trial, random).run();
			this.table.add(trial, result);
			Figures.print("fault %d: %s: %s, %.1f s", number, trial, result, (System.nanoTime() - begun) / 1e9);
			if (!result.alive()) {
				this.fleet = null;
			}
		}
		catch (AssertionError | RuntimeException ex) {
			Figures.print("fault %d: %s FAILED: %s", number, trial, ex);
			this.failures.add("%d: %s: %s, output: %s".formatted(number, trial, ex,
					(this.fleet != null) ? this.fleet.app().tail() : ""));
			if (this.fleet != null) {
				this.fleet.app().end();
			}
			this.fleet = null;
		}
	}

	/**
	 * Return a fleet for a trial.
	 */
	private TriedFleet prepared(Trial trial, FaultStage stage) {
		int standby = (trial.operation() == PlannedOperation.STANDBY) ? 1 : 0;
		if (this.fleet != null && this.fleet.standby() != standby) {
			this.fleet.signal("TERM");
			this.fleet.awaitEnd();
			this.fleet = null;
		}
		if (this.fleet == null) {
			this.fleet = TriedFleet.start(stage, this.apps, WORKERS, standby);
		}
		// Only one additional worker is removed by scaling down
		int workers = this.fleet.board().target();
		if (trial.operation() == PlannedOperation.SCALE_DOWN && workers == WORKERS) {
			this.fleet.signal("TTIN");
			this.fleet.awaitQuiet();
		}
		if (trial.operation() == PlannedOperation.SCALE_UP && workers > WORKERS) {
			this.fleet.signal("TTOU");
			this.fleet.awaitQuiet();
		}
		return this.fleet;
	}

}
