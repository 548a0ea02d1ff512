package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.it.Exchange.Outcome;
import dev.tomcorn.it.Trial.Fault;
import dev.tomcorn.it.Trial.PlannedOperation;
import dev.tomcorn.it.Trial.Step;
import dev.tomcorn.it.Trial.Victim;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Carries out one trial under load, and checks it.
 */
final class TrialRun {

	/**
	 * Only a hang leaves clients without an answer for longer than the longest boot.
	 */
	private static final Duration LONGEST_GAP = Duration.ofSeconds(120);

	private static final int SHORTEST_FAULT_MILLIS = 800;

	private static final int LONGEST_FAULT_MILLIS = 3000;

	private static final String HELD = "/held?until=";

	private final TriedFleet fleet;

	private final FaultStage stage;

	private final Trial trial;

	private final Random random;

	private final Kills kills = new Kills();

	private final Set<Long> killed = new HashSet<>();

	private final Set<Long> before;

	private final int from;

	private final Path release;

	private final List<CompletableFuture<Exchange>> held = new ArrayList<>();

	private boolean arbiterKilled;

	/**
	 * When new connections were no longer sure of an answer, or 0.
	 */
	private long endedAt;

	TrialRun(TriedFleet fleet, FaultStage stage, Trial trial, Random random) {
		this.fleet = fleet;
		this.stage = stage;
		this.trial = trial;
		this.random = random;
		this.before = fleet.workers();
		this.from = fleet.app().output().length();
		this.release = stage.unusedName();
	}

	/**
	 * The result of a trial.
	 *
	 * @param hit whether the victim still existed
	 * @param gap the longest time without an answer; {@code null} if the fleet ended
	 * @param requests number of requests
	 * @param lost requests that were in flight in a killed worker
	 * @param alive whether the fleet lives on
	 */
	record Result(boolean hit, @Nullable Duration gap, long requests, int lost, boolean alive) {
	}

	Result run() {
		MixedLoad.Clients clients = MixedLoad.to(this.fleet.app().port())
			.keepAlive(6)
			.newConnections(2)
			.rate(ChaosScale.trialRate());
		List<Failure> failures = new ArrayList<>();
		boolean hit;
		Fleet end;
		Duration gap;
		long requests;
		try (MixedLoad load = clients.work(ChaosScale.trialWork()).start(); Probe probe = new Probe(this.fleet.app())) {
			load.awaitRequests(16);
			if (this.trial.operation().drains()) {
				hold();
			}
			hit = faultAtItsStep();
			letGo();
			end = this.fleet.awaitQuiet();
			if (end != null) {
				load.awaitMore(16);
			}
			gap = probe.longestGap();
			MixedTally tally = load.stop();
			probe.stop();
			requests = tally.size() + this.held.size();
			failures.addAll(tally.failures());
			failures.addAll(probe.failures());
			this.held.stream()
				.map(CompletableFuture::join)
				.filter((exchange) -> !exchange.ok())
				.map((exchange) -> Probe.failure(exchange, HELD))
				.forEach(failures::add);
		}
		finally {
			letGo();
		}
		assertThat(end != null).as("the fleet goes on").isEqualTo(goesOn(end));
		List<Failure> lost = failures.stream().filter((failure) -> !isTurnedAway(failure, end)).toList();
		this.kills.account(lost);
		if (end != null) {
			assertThat(gap).as("longest time without an answer").isLessThan(LONGEST_GAP);
		}
		new LogJudge(this.fleet, this.from, this.killed, this::mayDie, this.arbiterKilled).judge(end);
		if (end == null) {
			endsClean();
		}
		return new Result(hit, (end != null) ? gap : null, requests, lost.size(), end != null);
	}

	/**
	 * Send requests to every worker that is to drain.
	 */
	private void hold() {
		int each = 2;
		Set<Long> ready = new TreeSet<>(this.fleet.board().in(WorkerState.READY).values());
		for (int i = 0; i < each * ready.size(); i++) {
			this.held.add(this.fleet.app().load().send(HELD + this.release));
		}
		awaitThat("requests that are held",
				() -> ready.stream()
					.mapToInt((pid) -> this.fleet.board().runningByPid().getOrDefault(pid, 0))
					.sum() >= this.held.size());
	}

	private void letGo() {
		this.stage.letBoot();
		try {
			if (!Files.exists(this.release)) {
				Files.createFile(this.release);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Begin the operation, wait for the step, and cause the fault.
	 * @return whether the victim existed
	 */
	private boolean faultAtItsStep() {
		Step step = this.trial.step();
		// Before anything is started
		boolean first = step == Step.ASKED && this.trial.victim() == Victim.FLEET;
		if (step == Step.BOOTING) {
			this.stage.holdBoots();
		}
		if (first) {
			return during(() -> {
				ask();
				return true;
			});
		}
		ask();
		awaitStep(step);
		return during(() -> {
			this.stage.letBoot();
			return true;
		});
	}

	/**
	 * Cause the fault, run an action, and end the fault after a while.
	 */
	private boolean during(BooleanSupplier action) {
		Fault fault = this.trial.fault();
		long victim = (this.trial.victim() == Victim.FLEET) ? 0 : victim().orElse(0L);
		if (this.trial.victim() != Victim.FLEET && (victim == 0 || Processes.gone(victim))) {
			action.getAsBoolean();
			return false;
		}
		int millis = SHORTEST_FAULT_MILLIS + this.random.nextInt(LONGEST_FAULT_MILLIS - SHORTEST_FAULT_MILLIS);
		boolean hit = begin(fault, victim);
		try {
			action.getAsBoolean();
			if (fault != Fault.KILL && fault != Fault.TERM) {
				TimeUnit.MILLISECONDS.sleep(millis);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
		finally {
			end(fault, victim);
		}
		return hit;
	}

	private boolean begin(Fault fault, long victim) {
		switch (fault) {
			case KILL -> {
				return kill(victim);
			}
			case FREEZE -> {
				return Processes.signalUnlessGone("STOP", victim);
			}
			case TERM -> {
				return Processes.signalUnlessGone("TERM", victim);
			}
			case RUN_DIRECTORY_GONE, DISK_FULL, LOG_STALLED, SPAWN_FAILS -> this.stage.begin(fault);
		}
		return true;
	}

	private void end(Fault fault, long victim) {
		if (fault == Fault.FREEZE) {
			Processes.signalUnlessGone("CONT", victim);
		}
		else {
			this.stage.end(fault);
		}
	}

	private boolean kill(long victim) {
		if (this.trial.victim() == Victim.ARBITER || this.trial.victim() == Victim.SUCCESSOR) {
			this.arbiterKilled = true;
			this.endedAt = System.nanoTime();
			boolean hit = Processes.signalUnlessGone("KILL", victim);
			// On a busy machine its end takes a while, and its workers report a complete
			// fleet meanwhile
			awaitThat("the end of an arbiter that was killed", () -> Processes.gone(victim));
			return hit;
		}
		return killWorker((this.trial.victim() == Victim.NEW) ? newBoard() : this.fleet.board(), victim);
	}

	/**
	 * It may end by itself meanwhile.
	 */
	private boolean killWorker(FleetBoard board, long victim) {
		try {
			this.kills.kill(board, victim);
			this.killed.add(victim);
			return true;
		}
		catch (RuntimeException ex) {
			if (!Processes.gone(victim)) {
				throw ex;
			}
			return false;
		}
	}

	private void ask() {
		switch (this.trial.operation()) {
			case RELOAD -> this.fleet.signal("HUP");
			case SCALE_UP -> this.fleet.signal("TTIN");
			case SCALE_DOWN -> this.fleet.signal("TTOU");
			// A process that answers may log, and then it waits for the reader of the log
			case RECYCLE ->
				CompletableFuture.supplyAsync(() -> Operator.ask(this.fleet.app(), "/0", "{\"action\":\"recycle\"}"));
			case STANDBY -> killWorker(this.fleet.board(), old().orElseThrow());
			case REPLACE -> this.fleet.signal("USR2");
			case STOP -> {
				this.endedAt = System.nanoTime();
				this.fleet.signal("TERM");
			}
		}
	}

	private void awaitStep(Step step) {
		switch (step) {
			case ASKED -> {
			}
			case BOOTING -> awaitThat("a worker that boots", () -> in(WorkerState.STARTING).isPresent());
			case READY -> awaitThat("a new worker that is ready", () -> ready().isPresent());
			case DRAINING ->
				awaitThat("an old worker that drains", () -> !this.fleet.board().in(WorkerState.DRAINING).isEmpty()
						|| this.before.stream().anyMatch(Processes::gone));
			case ENDED -> {
				letGo();
				this.fleet.awaitQuiet();
			}
		}
	}

	/**
	 * Return a worker of this trial in a state.
	 */
	private Optional<Long> in(WorkerState state) {
		return newBoard().in(state).values().stream().filter((pid) -> !this.before.contains(pid)).findFirst();
	}

	/**
	 * Return a new worker that has booted. After a standby has taken over, it stands by.
	 */
	private Optional<Long> ready() {
		return in((this.trial.operation() == PlannedOperation.STANDBY) ? WorkerState.STANDBY : WorkerState.READY);
	}

	/**
	 * Return the scoreboard that has the new workers.
	 */
	private FleetBoard newBoard() {
		Long successor = (this.trial.operation() == PlannedOperation.REPLACE) ? this.fleet.successor() : null;
		return (successor != null) ? FleetBoard.of(successor) : this.fleet.board();
	}

	private Optional<Long> victim() {
		return switch (this.trial.victim()) {
			case FLEET -> Optional.empty();
			case ARBITER -> Optional.of(this.fleet.arbiter());
			case SUCCESSOR -> Optional.ofNullable(
					(this.trial.step() == Step.ENDED) ? Long.valueOf(this.fleet.arbiter()) : this.fleet.successor());
			case OLD -> old();
			case NEW -> in(WorkerState.STARTING).or(this::ready);
			case OTHER -> this.fleet.board()
				.in(WorkerState.READY)
				.values()
				.stream()
				.filter((pid) -> this.before.contains(pid) && !old().equals(Optional.of(pid)))
				.findFirst();
		};
	}

	private Optional<Long> old() {
		FleetBoard board = this.fleet.board();
		Optional<Long> draining = board.in(WorkerState.DRAINING).values().stream().findFirst();
		return draining.or(() -> {
			List<Long> ready = board.in(WorkerState.READY).values().stream().filter(this.before::contains).toList();
			boolean last = this.trial.operation() == PlannedOperation.SCALE_DOWN;
			return ready.isEmpty() ? Optional.empty() : Optional.of(last ? ready.getLast() : ready.getFirst());
		});
	}

	/**
	 * Return whether the fleet is to go on. Of two arbiters one may remain.
	 */
	private boolean goesOn(@Nullable Fleet end) {
		if (!this.arbiterKilled) {
			return this.trial.operation() != PlannedOperation.STOP;
		}
		boolean known = end != null;
		return this.trial.operation() == PlannedOperation.REPLACE && switch (this.trial.step()) {
			// Whether the successor existed already, or had taken over
			case ASKED -> known;
			case READY -> this.trial.victim() == Victim.ARBITER || known;
			case BOOTING -> true;
			case DRAINING, ENDED -> this.trial.victim() == Victim.ARBITER;
		};
	}

	/**
	 * Return whether a connection came when there was no arbiter any more, or shortly
	 * before that.
	 */
	private boolean isTurnedAway(Failure failure, @Nullable Fleet end) {
		return this.endedAt != 0 && end == null && failure.onNewConnection() && failure.ended() > this.endedAt
				&& !failure.call().path().equals(HELD) && (failure.outcome() == Outcome.REFUSED || this.arbiterKilled);
	}

	/**
	 * Return whether a worker may die that the test has not killed.
	 */
	private boolean mayDie(long pid) {
		return switch (this.trial.fault()) {
			case TERM -> true;
			case SPAWN_FAILS, DISK_FULL -> !this.before.contains(pid);
			case KILL, FREEZE, RUN_DIRECTORY_GONE, LOG_STALLED -> false;
		};
	}

	private void endsClean() {
		assertThat(this.fleet.app().tree()).isEmpty();
		if (!this.arbiterKilled && this.fleet.arbiter() == this.fleet.app().pid()) {
			assertThat(this.fleet.app().awaitExit()).as("exit code").isZero();
		}
		assertThat(this.stage.runDirectory()).isEmptyDirectory();
	}

	private static void awaitThat(String what, BooleanSupplier condition) {
		await(what).atMost(LONGEST_GAP)
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(5))
			.ignoreExceptions()
			.until(condition::getAsBoolean);
	}

}
