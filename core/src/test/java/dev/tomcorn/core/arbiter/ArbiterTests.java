package dev.tomcorn.core.arbiter;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

@Execution(ExecutionMode.CONCURRENT)
class ArbiterTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private static final Duration GRACEFUL_TIMEOUT = Duration.ofSeconds(7);

	private final RecordingFleet fleet = new RecordingFleet();

	private final SteppingClock clock = new SteppingClock();

	private final List<FleetEvent> notified = new CopyOnWriteArrayList<>();

	private static final BootPolicy BOOTS = new BootPolicy(true, 2);

	private final List<String> lines = new CopyOnWriteArrayList<>();

	private final List<String> told = new CopyOnWriteArrayList<>();

	private final AtomicReference<Thread> turning = new AtomicReference<>();

	private final ServiceManager serviceManager = new ServiceManager() {

		@Override
		public void turn(ServiceState state) {
			ArbiterTests.this.turning.set(Thread.currentThread());
			ArbiterTests.this.told.add(state.stage() + " " + state.text());
		}

		@Override
		public void refused(String reason) {
			ArbiterTests.this.told.add("refused: " + reason);
		}

	};

	private final List<Thread> threads = new ArrayList<>();

	@AfterEach
	void endArbiters() throws InterruptedException {
		for (Thread thread : this.threads) {
			thread.interrupt();
			thread.join();
		}
	}

	@Test
	void publishesTheFleetAndSpawnsTheFirstWorker() {
		start(arbiter(3));
		await().until(() -> this.fleet.calls.size() == 2);
		assertThat(this.fleet.calls).containsExactly("publish 1 3", "spawn 1 at 0");
	}

	@Test
	void stopDrainsEveryWorkerAndReturns0OnceAllHaveEnded() throws Exception {
		Arbiter arbiter = arbiter(2);
		FutureTask<Integer> run = start(arbiter);
		arbiter.submit(new Event.Ready(1, Duration.ofSeconds(1), null));
		await().until(() -> this.fleet.calls.contains("spawn 2 at 1"));
		arbiter.submit(new Event.Ready(2, Duration.ofSeconds(1), null));
		this.fleet.queued.set(1);
		arbiter.submit(Event.Signal.STOP);
		await().until(() -> this.fleet.calls.contains("turn away"));
		this.fleet.queued.set(0);
		await().until(() -> this.fleet.calls.contains("stop 2 within PT7S"));
		arbiter.submit(FleetStory.exit(1, new Death(ExitCause.EXIT, "exit code 143")));
		await().until(() -> this.fleet.calls.contains("release 1"));
		assertThat(run).isNotDone();
		arbiter.submit(FleetStory.exit(2, new Death(ExitCause.EXIT, "exit code 143")));
		assertThat(exitCode(run)).isZero();
		assertThat(this.fleet.calls).containsExactly("publish 1 2", "spawn 1 at 0", "serve 1", "spawn 2 at 1",
				"serve 2", "turn away", "close listener", "stop 1 within PT7S", "stop 2 within PT7S", "release 1",
				"release 2");
	}

	@Test
	void failureToSpawnTheFirstWorkerReturns3() throws Exception {
		this.fleet.failures.set(1);
		assertThat(exitCode(start(arbiter(2)))).isEqualTo(3);
		assertThat(this.fleet.calls).containsExactly("publish 1 2", "spawn 1 at 0", "release 1");
		assertThat(this.lines).singleElement()
			.asString()
			.startsWith("ERROR Worker 0 could not boot: could not be started: Resource temporarily unavailable.");
	}

	@Test
	void failureToSpawnALaterWorkerIsTriedAgainWhenItsBackoffIsOver() {
		Arbiter arbiter = arbiter(2);
		start(arbiter);
		await().until(() -> this.fleet.calls.contains("spawn 1 at 0"));
		this.fleet.failures.set(2);
		arbiter.submit(new Event.Ready(1, Duration.ofSeconds(1), null));
		await().until(() -> this.fleet.calls.contains("release 3"));
		assertThat(this.fleet.calls).endsWith("spawn 2 at 1", "release 2", "spawn 3 at 1", "release 3");
		this.fleet.awaitTicks(2);
		assertThat(this.fleet.calls).endsWith("release 3");
		this.clock.pass(Duration.ofSeconds(1));
		await().until(() -> this.fleet.calls.contains("spawn 4 at 1"));
	}

	@Test
	void everyWorkerOfABatchGetsItsPid() {
		Arbiter arbiter = arbiter(4);
		start(arbiter);
		arbiter.submit(new Event.Ready(1, Duration.ofSeconds(1), null));
		await().until(() -> this.lines.contains("INFO Worker 3 (pid 1004) spawned, generation 1"));
		for (long age = 2; age <= 4; age++) {
			arbiter.submit(new Event.Ready(age, Duration.ofMillis(500), null));
		}
		await().until(() -> this.lines.size() == 8);
		assertThat(this.lines).endsWith("INFO Worker 1 (pid 1002) ready in 0.5 s, generation 1",
				"INFO Worker 2 (pid 1003) ready in 0.5 s, generation 1",
				"INFO Worker 3 (pid 1004) ready in 0.5 s, generation 1");
	}

	@Test
	void silentWorkerIsKilledAndReplaced() {
		Arbiter arbiter = arbiter(2);
		start(arbiter);
		arbiter.submit(new Event.Ready(1, Duration.ofSeconds(1), null));
		await().until(() -> this.fleet.calls.contains("spawn 2 at 1"));
		arbiter.submit(new Event.Ready(2, Duration.ofSeconds(1), null));
		// It is silent from then on
		await().until(() -> this.fleet.calls.contains("serve 2"));
		this.fleet.beating.add(1L);
		this.clock.pass(TIMEOUT.plusSeconds(1));
		await().until(() -> this.fleet.calls.contains("spawn 3 at 1"));
		assertThat(this.fleet.calls).contains("record 2 SILENT alive").noneMatch((call) -> call.startsWith("kill"));
		arbiter.submit(new Event.Recorded(2, "/incidents/1"));
		await().until(() -> this.fleet.calls.contains("kill 2"));
		assertThat(this.fleet.calls).doesNotContain("kill 1");
		// It is posted after everything else
		await().untilAsserted(() -> assertThat(this.fleet.reports.getLast().deaths()).singleElement()
			.extracting(FleetReport.DeathReport::incident)
			.isEqualTo("/incidents/1"));
	}

	@Test
	void arbiterThatWasStoppedForAnHourKillsNobody() {
		Arbiter arbiter = arbiter(1);
		start(arbiter);
		arbiter.submit(new Event.Ready(1, Duration.ofSeconds(1), null));
		await().until(() -> !this.lines.isEmpty());
		for (int time = 1; time <= 3; time++) {
			this.clock.leap(Duration.ofHours(1));
			this.fleet.awaitTicks(2);
		}
		assertThat(this.fleet.calls).noneMatch((call) -> call.startsWith("kill"));
	}

	@Test
	void eventsFromManyThreadsAreAllHeard() throws Exception {
		Arbiter arbiter = arbiter(1);
		List<Thread> submitters = new ArrayList<>();
		for (int number = 0; number < 4; number++) {
			submitters.add(Thread.ofPlatform().start(() -> {
				for (int time = 0; time < 25; time++) {
					arbiter.submit(Event.Signal.SCALE_UP);
				}
			}));
		}
		start(arbiter);
		for (Thread submitter : submitters) {
			submitter.join();
		}
		await().until(() -> this.fleet.calls.contains("publish 1 101"));
		assertThat(this.fleet.calls).hasSize(102).doesNotHaveDuplicates();
	}

	@Test
	void eventsThatNeverPauseDoNotHoldUpTheTicks() {
		AtomicReference<Arbiter> arbiter = new AtomicReference<>();
		// Every event causes a line, and every line the next event
		ArbiterLog log = (level, message) -> arbiter.get().submit(Event.Signal.RELOAD);
		arbiter.set(new Arbiter(settings(1), false, false, BOOTS, this.fleet, (event) -> {
		}, ServiceManager.NONE, log, this.clock::read));
		arbiter.get().submit(Event.Signal.RELOAD);
		this.clock.pass(Duration.ofSeconds(5));
		start(arbiter.get());
		await().until(() -> this.fleet.ticks.get() > 1);
	}

	@Test
	void errorOfAnyKindIsToldOnceAndSupervisionGoesOn() {
		Arbiter arbiter = arbiter(2);
		start(arbiter);
		await().until(() -> this.fleet.calls.contains("spawn 1 at 0"));
		this.fleet.error.set(new NoClassDefFoundError("dev/tomcorn/core/Overwritten"));
		this.fleet.awaitTicks(3);
		// Serving and posting fail, too
		arbiter.submit(new Event.Ready(1, Duration.ofSeconds(1), null));
		await().until(() -> this.fleet.calls.contains("spawn 2 at 1"));
		this.fleet.error.set(null);
		arbiter.submit(FleetStory.exit(2, new Death(ExitCause.EXIT, "exit code 1")));
		await().until(() -> this.fleet.calls.contains("spawn 3 at 1"));
		assertThat(this.lines).filteredOn((line) -> line.contains("the arbiter goes on with the state"))
			.containsExactly("ERROR An event could not be handled, the arbiter goes on with the state before it: "
					+ "java.lang.NoClassDefFoundError: dev/tomcorn/core/Overwritten");
		assertThat(this.lines).anyMatch((line) -> line.startsWith("ERROR Cannot carry out Serve"));
	}

	@Test
	void whateverSupervisesTheArbiterIsToldByTheLoopItself() throws Exception {
		Arbiter arbiter = arbiter(2);
		FutureTask<Integer> run = start(arbiter);
		await().until(() -> this.told.contains("STARTING Starting: 0 of 2 workers ready, generation 1"));
		assertThat(this.turning.get()).isSameAs(this.threads.getFirst());
		arbiter.submit(Event.Signal.RELOAD);
		await().until(() -> this.told.contains("refused: the first worker has not booted yet"));
		arbiter.submit(new Event.Ready(1, Duration.ofSeconds(1), null));
		await().until(() -> this.told.contains("SERVING 1 of 2 workers ready, generation 1"));
		int turns = this.told.size();
		await().until(() -> this.told.size() > turns + 1);
		arbiter.submit(Event.Signal.STOP_FAST);
		await().until(() -> this.told.contains("STOPPING Stopping: 2 workers still to end"));
		arbiter.submit(FleetStory.exit(1, new Death(ExitCause.EXIT, "exit code 143")));
		arbiter.submit(FleetStory.exit(2, new Death(ExitCause.EXIT, "exit code 143")));
		assertThat(exitCode(run)).isZero();
		assertThat(this.told).last().isEqualTo("STOPPING Ended");
	}

	@Test
	void aLoopThatIsHeldUpTakesNoTurn() throws Exception {
		Arbiter arbiter = arbiter(1);
		start(arbiter);
		await().until(() -> this.told.size() > 2);
		CountDownLatch release = new CountDownLatch(1);
		this.fleet.held.set(release);
		await().until(() -> this.fleet.holding.get());
		int turns = this.told.size();
		// No event and no time makes it run a turn
		arbiter.submit(Event.Signal.DESCRIBE);
		this.clock.pass(Duration.ofMinutes(1));
		assertThat(this.threads.getFirst().getState()).isEqualTo(Thread.State.WAITING);
		assertThat(this.told).hasSize(turns);
		release.countDown();
		await().until(() -> this.told.size() > turns);
	}

	@Test
	void supervisionGoesOnWhenWhateverSupervisesTheArbiterFails() {
		Arbiter arbiter = new Arbiter(settings(1), false, false, BOOTS, this.fleet, this.notified::add, (state) -> {
			throw new IllegalStateException("gone");
		}, (level, message) -> this.lines.add(level + " " + message), this.clock::read);
		start(arbiter);
		this.fleet.awaitTicks(3);
		assertThat(this.lines).filteredOn((line) -> line.contains("gone")).hasSize(1);
	}

	@Test
	void interruptEndsTheRun() {
		FutureTask<Integer> run = start(arbiter(1));
		await().until(() -> this.fleet.calls.contains("spawn 1 at 0"));
		this.threads.getFirst().interrupt();
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> exitCode(run))
			.withCauseInstanceOf(InterruptedException.class);
	}

	private Arbiter arbiter(int workers) {
		return new Arbiter(settings(workers), false, false, BOOTS, this.fleet, this.notified::add, this.serviceManager,
				(level, message) -> this.lines.add(level + " " + message), this.clock::read);
	}

	private static ArbiterSettings settings(int workers) {
		return new ArbiterSettings(workers, 0, 1, 1, Duration.ofMinutes(10), TIMEOUT, GRACEFUL_TIMEOUT,
				FleetStory.CLOSE_TIMEOUT, ArbiterSettings.RECORD_LIMIT);
	}

	private FutureTask<Integer> start(Arbiter arbiter) {
		FutureTask<Integer> run = new FutureTask<>(arbiter::run);
		this.threads.add(Thread.ofPlatform().daemon().start(run));
		return run;
	}

	private static int exitCode(FutureTask<Integer> run) throws InterruptedException, ExecutionException {
		return Objects.requireNonNull(run.get());
	}

	/**
	 * A clock that only the test advances.
	 */
	private static final class SteppingClock {

		private static final long STEP = Duration.ofMillis(100).toNanos();

		private final AtomicLong nanoTime = new AtomicLong();

		private final AtomicLong toPass = new AtomicLong();

		/**
		 * The arbiter's reading, which is somewhere within the time that passes.
		 */
		long read() {
			long step = Math.min(this.toPass.get(), STEP);
			this.toPass.addAndGet(-step);
			return this.nanoTime.addAndGet(step);
		}

		void pass(Duration duration) {
			this.toPass.addAndGet(duration.toNanos());
		}

		void leap(Duration duration) {
			this.nanoTime.addAndGet(duration.toNanos());
		}

	}

	/**
	 * A fleet that records its calls as text.
	 */
	private static final class RecordingFleet implements Fleet {

		private final AtomicReference<@Nullable CountDownLatch> held = new AtomicReference<>();

		private final AtomicBoolean holding = new AtomicBoolean();

		private final List<String> calls = new CopyOnWriteArrayList<>();

		private final Map<Long, Long> living = new ConcurrentHashMap<>();

		private final Set<Long> beating = ConcurrentHashMap.newKeySet();

		private final AtomicInteger failures = new AtomicInteger();

		private final AtomicInteger ticks = new AtomicInteger();

		private final AtomicInteger queued = new AtomicInteger();

		private final List<FleetReport> reports = new CopyOnWriteArrayList<>();

		private final AtomicReference<@Nullable Error> error = new AtomicReference<>();

		private void fail() {
			Error current = this.error.get();
			if (current != null) {
				throw current;
			}
		}

		@Override
		public void carryOut(Command.OfFleet command) {
			switch (command) {
				case Command.Prepare prepare -> this.calls.add("prepare " + prepare.generation());
				case Command.Adopt adopt -> this.calls.add("adopt " + adopt.generation());
				case Command.Serve(long age) -> {
					fail();
					this.calls.add("serve " + age);
				}
				case Command.Stop(long age, Duration gracefulTimeout) ->
					this.calls.add("stop " + age + " within " + gracefulTimeout);
				case Command.Record(long age, Death cause, boolean alive) ->
					this.calls.add("record " + age + " " + cause.cause() + (alive ? " alive" : ""));
				case Command.Dump(long age, String _) -> this.calls.add("dump " + age);
				case Command.Kill(long age) -> this.calls.add("kill " + age);
				case Command.Release(long age) -> {
					this.calls.add("release " + age);
					this.living.remove(age);
				}
				case Command.Publish(int generation, ArbiterSettings _, int targetWorkers) ->
					this.calls.add("publish " + generation + " " + targetWorkers);
				case Command.Post(FleetReport report) -> this.reports.add(report);
				case Command.Reply(Requester requester, Answer answer) -> this.calls
					.add("reply to %d/%d: %s".formatted(requester.client(), requester.number(), answer.outcome()));
				case Command.RefuseConnections() -> this.calls.add("turn away");
				case Command.CloseListener() -> this.calls.add("close listener");
				case Command.LeaveListener() -> this.calls.add("leave listener");
				case Command.SpawnReplacement() -> this.calls.add("spawn replacement");
				case Command.StopReplacement() -> this.calls.add("stop replacement");
				case Command.TakeOver() -> this.calls.add("take over");
			}
		}

		@Override
		public long spawn(Placement placement) throws IOException {
			this.calls.add("spawn " + placement.age() + " at " + placement.index());
			if (this.failures.getAndUpdate((left) -> Math.max(0, left - 1)) > 0) {
				throw new IOException("Resource temporarily unavailable");
			}
			this.living.put(placement.age(), 1L);
			return 1000 + placement.age();
		}

		@Override
		public String describe(long age) {
			return "readings of " + age;
		}

		@Override
		public int queued() {
			return this.queued.get();
		}

		@Override
		public Map<Long, Event.Heartbeat> heartbeats() {
			this.ticks.incrementAndGet();
			hold();
			fail();
			this.living.replaceAll((age, beat) -> this.beating.contains(age) ? beat + 1 : beat);
			return FleetStory.beats(this.living);
		}

		private void hold() {
			CountDownLatch latch = this.held.getAndSet(null);
			if (latch != null) {
				this.holding.set(true);
				try {
					latch.await();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			}
		}

		/**
		 * Wait for whole ticks that begin from now on.
		 */
		void awaitTicks(int count) {
			int before = this.ticks.get();
			// The state machine has seen a tick when the next one begins
			await().until(() -> this.ticks.get() > before + count);
		}

	}

}
