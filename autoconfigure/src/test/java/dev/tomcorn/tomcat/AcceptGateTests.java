package dev.tomcorn.tomcat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link AcceptGate}.
 */
@Execution(ExecutionMode.CONCURRENT)
class AcceptGateTests {

	/**
	 * Longest time to wait for anything.
	 */
	private static final Duration LIMIT = Duration.ofMinutes(2);

	@TempDir
	private Path directory;

	private Scoreboard scoreboard;

	private WorkerSlot self;

	private WorkerSlot sibling;

	private final AtomicBoolean connectionWaits = new AtomicBoolean();

	private final AtomicInteger looks = new AtomicInteger();

	/**
	 * Number of checks that wait for a connection.
	 */
	private final AtomicInteger waits = new AtomicInteger();

	private final AtomicInteger suspended = new AtomicInteger();

	private volatile boolean siblingBeats = true;

	/**
	 * Whether the waiting connection is gone at every second check.
	 */
	private volatile boolean siblingTakes;

	private AcceptGate gate;

	@BeforeEach
	void setUp() throws Exception {
		this.scoreboard = Scoreboard.create(this.directory.resolve("scoreboard"), 4, 1);
		this.self = this.scoreboard.claim(0, 0, 1, 1);
		this.sibling = this.scoreboard.claim(1, 1, 2, 1);
		this.self.setState(WorkerState.READY);
		this.sibling.setState(WorkerState.READY);
		this.sibling.setAccepting(true);
		this.gate = gate(100);
		this.gate.open();
	}

	@AfterEach
	void close() {
		this.gate.close();
	}

	private AcceptGate gate(int concurrency) {
		Predicate<Duration> waitingConnection = (limit) -> {
			this.looks.incrementAndGet();
			if (!limit.isZero()) {
				this.waits.incrementAndGet();
			}
			if (this.siblingBeats) {
				this.sibling.beat();
			}
			return this.connectionWaits.get() && (!this.siblingTakes || this.looks.get() % 2 == 0);
		};
		return new AcceptGate(this.scoreboard, this.self, concurrency, waitingConnection, this.suspended::get);
	}

	private CompletableFuture<Boolean> turn() {
		return CompletableFuture.supplyAsync(() -> {
			if (this.siblingBeats) {
				this.sibling.beat();
			}
			return this.gate.awaitTurn(() -> {
			});
		});
	}

	/**
	 * The time window of the race is short, so there are many rounds, each started by
	 * both threads at once.
	 */
	@Test
	void gateThatIsClosedStaysClosedWhateverElseIsUnderWay() throws Exception {
		List<AcceptGate> gates = IntStream.range(0, 100_000).mapToObj((round) -> gate(1)).toList();
		AtomicInteger opening = new AtomicInteger();
		AtomicInteger closing = new AtomicInteger();
		Thread opener = Thread.ofPlatform().start(() -> {
			for (AcceptGate shared : gates) {
				meet(opening, closing);
				shared.open();
				shared.lastCall();
			}
		});
		for (AcceptGate shared : gates) {
			meet(closing, opening);
			shared.close();
		}
		opener.join();
		assertThat(gates).as("gates that were opened again").allMatch(AcceptGate::isClosed);
	}

	private static void meet(AtomicInteger mine, AtomicInteger other) {
		int round = mine.incrementAndGet();
		for (int spins = 0; other.get() < round; spins++) {
			if (spins % 1000 == 999) {
				Thread.yield();
			}
			else {
				Thread.onSpinWait();
			}
		}
	}

	@Test
	void nearlyEqualSiblingsDoNotWaitForEachOther() {
		this.self.addOpenConnections(4);
		this.sibling.addOpenConnections(3);
		assertThat(turn()).succeedsWithin(LIMIT).isEqualTo(true);
		assertThat(this.looks).hasValue(0);
	}

	@Test
	void siblingWithFewerConnectionsComesFirst() {
		this.self.addOpenConnections(5);
		this.sibling.addOpenConnections(3);
		CompletableFuture<Boolean> turn = turn();
		Awaitility.await().untilAtomic(this.looks, org.hamcrest.Matchers.greaterThan(3));
		assertThat(turn).isNotDone();
		this.sibling.addOpenConnections(1);
		assertThat(turn).succeedsWithin(LIMIT).isEqualTo(true);
	}

	@Test
	void clearlyLessBusySiblingComesFirstThoughItHasMoreConnections() {
		this.self.addBusy(20);
		this.sibling.addOpenConnections(50);
		CompletableFuture<Boolean> turn = turn();
		Awaitility.await().untilAtomic(this.looks, org.hamcrest.Matchers.greaterThan(3));
		assertThat(turn).isNotDone();
	}

	@Test
	void clearlyBusierSiblingDoesNotComeFirstThoughItHasFewerConnections() {
		this.self.addOpenConnections(50);
		this.sibling.addBusy(20);
		assertThat(turn()).succeedsWithin(LIMIT).isEqualTo(true);
	}

	@Test
	void siblingThatIsNotAcceptingDoesNotHoldOthersBack() {
		this.self.addOpenConnections(10);
		this.sibling.setAccepting(false);
		assertThat(turn()).succeedsWithin(LIMIT).isEqualTo(true);
		assertThat(this.looks).hasValue(0);
	}

	@Test
	void drainingSiblingDoesNotHoldOthersBack() {
		this.self.addOpenConnections(10);
		this.sibling.setState(WorkerState.DRAINING);
		assertThat(turn()).succeedsWithin(LIMIT).isEqualTo(true);
		assertThat(this.looks).hasValue(0);
	}

	@Test
	void frozenSiblingDoesNotHoldOthersBackOnceItsHeartbeatIsStale() {
		this.self.addOpenConnections(10);
		this.siblingBeats = false;
		Awaitility.await().until(() -> this.sibling.heartbeatAge().compareTo(Duration.ofSeconds(2)) > 0);
		assertThat(turn()).succeedsWithin(LIMIT).isEqualTo(true);
		assertThat(this.looks).hasValue(0);
	}

	@Test
	void waitingConnectionIsNotLeftForeverToASiblingThatDoesNotTakeIt() {
		this.self.addOpenConnections(10);
		this.connectionWaits.set(true);
		this.siblingBeats = false;
		this.sibling.beat();
		assertThat(turn()).succeedsWithin(LIMIT).isEqualTo(true);
		assertThat(this.looks).hasPositiveValue();
		this.looks.set(0);
		assertThat(turn()).as("not waited for a second time").succeedsWithin(LIMIT).isEqualTo(true);
		assertThat(this.looks).hasValue(0);
	}

	@Test
	void siblingThatBeatsAgainIsTrustedAgain() {
		this.self.addOpenConnections(10);
		this.connectionWaits.set(true);
		this.siblingBeats = false;
		this.sibling.beat();
		assertThat(turn()).succeedsWithin(LIMIT).isEqualTo(true);
		this.sibling.beat();
		this.siblingBeats = true;
		this.connectionWaits.set(false);
		this.looks.set(0);
		CompletableFuture<Boolean> turn = turn();
		Awaitility.await().untilAtomic(this.looks, org.hamcrest.Matchers.greaterThan(3));
		assertThat(turn).isNotDone();
	}

	@Test
	void fullWorkerTakesNothingUntilARequestEnds() {
		this.gate = gate(2);
		this.gate.open();
		this.sibling.setAccepting(false);
		this.self.addBusy(2);
		AtomicInteger full = new AtomicInteger();
		CompletableFuture<Boolean> turn = CompletableFuture
			.supplyAsync(() -> this.gate.awaitTurn(full::incrementAndGet));
		Awaitility.await().untilAtomic(full, org.hamcrest.Matchers.greaterThan(3));
		assertThat(turn).isNotDone();
		this.self.addBusy(-1);
		this.gate.changed();
		assertThat(turn).succeedsWithin(LIMIT).isEqualTo(true);
	}

	/**
	 * Requests that end while there is free capacity cause no wake-up.
	 */
	@Test
	void workerThatYieldsIsNotWokenByEveryRequest() throws Exception {
		this.self.addOpenConnections(10);
		CompletableFuture<Boolean> turn = turn();
		Awaitility.await().untilAtomic(this.looks, org.hamcrest.Matchers.greaterThan(3));
		long before = this.looks.get();
		long start = System.nanoTime();
		for (int request = 0; request < 1_000_000; request++) {
			this.gate.changed();
		}
		long elapsed = System.nanoTime() - start;
		this.sibling.addOpenConnections(10);
		assertThat(turn).succeedsWithin(LIMIT).isEqualTo(true);
		// It checks at most every 50 microseconds, whatever happens
		assertThat(this.looks.get() - before).isLessThanOrEqualTo(2 + Duration.ofNanos(elapsed).toMillis() * 20 + 20);
	}

	/**
	 * Each connection wakes a worker that blocks, so it does not block while many arrive.
	 */
	@Test
	void workerThatYieldsDoesNotWaitForConnectionsWhileManyCome() throws Exception {
		this.self.addOpenConnections(10);
		this.connectionWaits.set(true);
		this.siblingTakes = true;
		CompletableFuture<Boolean> turn = turn();
		Awaitility.await().atMost(LIMIT).untilAtomic(this.looks, org.hamcrest.Matchers.greaterThan(2000));
		assertThat(turn).isNotDone();
		this.sibling.addOpenConnections(10);
		assertThat(turn).succeedsWithin(LIMIT).isEqualTo(true);
		// One check may be late on a busy machine
		assertThat(this.waits).as("of %s looks", this.looks).hasValueLessThan(this.looks.get() / 4);
		assertThat(this.gate.wakeUps()).isGreaterThanOrEqualTo(this.looks.get());
	}

	/**
	 * A connection that waited once while this worker yielded does not count later.
	 */
	@Test
	void siblingIsNotBlamedForAConnectionOfLongAgo() {
		this.self.addOpenConnections(10);
		this.connectionWaits.set(true);
		AtomicInteger rounds = new AtomicInteger();
		assertThat(this.gate.awaitTurn(() -> {
			this.sibling.beat();
			// The first round has yielded when the second begins
			if (rounds.incrementAndGet() == 2) {
				assertThat(this.gate.leftSince()).isNotZero();
				this.sibling.addOpenConnections(10);
			}
		})).isTrue();
		assertThat(this.gate.leftSince()).isZero();
	}

	@Test
	void asynchronousRequestFillsAWorkerThatRunsOneAtATime() {
		this.gate = gate(1);
		this.gate.open();
		this.suspended.set(1);
		AtomicInteger full = new AtomicInteger();
		CompletableFuture<Boolean> turn = CompletableFuture
			.supplyAsync(() -> this.gate.awaitTurn(full::incrementAndGet));
		Awaitility.await().untilAtomic(full, org.hamcrest.Matchers.greaterThan(3));
		assertThat(turn).isNotDone();
		this.suspended.set(0);
		assertThat(turn).succeedsWithin(LIMIT).isEqualTo(true);
	}

	@Test
	void supervisedWorkerTakesNothingUntilItIsReady() {
		this.gate = gate(10);
		CompletableFuture<Boolean> turn = turn();
		assertThat(turn).isNotDone();
		this.gate.open();
		assertThat(turn).succeedsWithin(LIMIT).isEqualTo(true);
	}

	@Test
	void closedGateGivesNoTurnAndStaysClosed() {
		this.self.addBusy(1000);
		CompletableFuture<Boolean> turn = turn();
		this.gate.close();
		this.gate.open();
		assertThat(turn).succeedsWithin(LIMIT).isEqualTo(false);
		assertThat(turn()).succeedsWithin(LIMIT).isEqualTo(false);
	}

}
