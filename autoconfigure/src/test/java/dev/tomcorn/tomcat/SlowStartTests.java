package dev.tomcorn.tomcat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SlowStart}, alone and at the gate.
 */
class SlowStartTests {

	private static final Duration LIMIT = Duration.ofMinutes(2);

	private static final Duration DURATION = Duration.ofSeconds(10);

	@TempDir
	private Path directory;

	private final AtomicLong nanoTime = new AtomicLong(1);

	private Scoreboard scoreboard;

	private WorkerSlot self;

	private WorkerSlot elder;

	private SlowStart slowStart;

	@BeforeEach
	void setUp() throws Exception {
		this.scoreboard = Scoreboard.create(this.directory.resolve("scoreboard"), 4, 1);
		this.self = this.scoreboard.claim(0, 0, 1, 1);
		this.elder = this.scoreboard.claim(1, 1, 2, 1);
		this.self.setState(WorkerState.READY);
		this.elder.setState(WorkerState.READY);
		this.elder.setAccepting(true);
		this.elder.setStartedAt(Instant.now().minusSeconds(60));
		this.elder.setBootTime(Duration.ofSeconds(5));
		this.slowStart = new SlowStart(DURATION, this.scoreboard, this.nanoTime::get);
		this.slowStart.begin();
	}

	/**
	 * Let the fleet take connections and return how many of them the new worker takes.
	 */
	private int share(int connections) {
		int own = 0;
		this.slowStart.taken();
		for (int number = 0; number < connections; number++) {
			boolean takes = this.slowStart.elder(WorkerSlot::accepting) == null;
			this.scoreboard.listenerQueue().taken();
			if (takes) {
				own++;
				this.slowStart.taken();
			}
		}
		return own;
	}

	private void pass(Duration time) {
		this.nanoTime.addAndGet(time.toNanos());
	}

	@Test
	void shareGrowsFromATenthToTheWhole() {
		assertThat(share(2000)).isBetween(90, 100);
		pass(Duration.ofSeconds(5));
		assertThat(share(2000)).isBetween(450, 500);
		pass(Duration.ofSeconds(4));
		assertThat(share(2000)).isBetween(600, 900);
		pass(Duration.ofSeconds(1));
		assertThat(share(2000)).as("nothing is left to others any more").isEqualTo(2000);
	}

	@Test
	void withoutADurationNothingIsLeftToOthers() {
		this.slowStart = new SlowStart(Duration.ZERO, this.scoreboard, this.nanoTime::get);
		this.slowStart.begin();
		assertThat(share(100)).isEqualTo(100);
	}

	@Test
	void siblingThatIsFullGetsNothing() {
		this.elder.setAccepting(false);
		assertThat(share(100)).isEqualTo(100);
	}

	@Test
	void siblingThatIsNewAsWellGetsNothing() {
		this.elder.setStartedAt(Instant.now().minusSeconds(12));
		assertThat(share(100)).isEqualTo(100);
	}

	/**
	 * A connection that another worker has taken does not count for this worker's share.
	 */
	@Test
	void lostRaceDoesNotCountAsAConnection() {
		AcceptGate gate = new AcceptGate(this.scoreboard, this.self, 1, (limit) -> {
			this.elder.beat();
			return false;
		}, () -> 0, this.slowStart);
		gate.open();
		try {
			for (int number = 0; number < 20; number++) {
				this.scoreboard.listenerQueue().taken();
			}
			for (int race = 0; race < 2; race++) {
				assertThat(CompletableFuture.supplyAsync(() -> gate.awaitTurn(this.elder::beat))).succeedsWithin(LIMIT)
					.isEqualTo(true);
			}
			gate.taken();
			CompletableFuture<Boolean> turn = CompletableFuture.supplyAsync(() -> gate.awaitTurn(this.elder::beat));
			Awaitility.await().atMost(LIMIT).until(() -> gate.wakeUps() > 10);
			assertThat(turn).isNotDone();
		}
		finally {
			gate.close();
		}
	}

	/**
	 * A sibling must not wait for this worker while this worker leaves a connection to
	 * it.
	 */
	@Test
	void workerAtTheGateSaysThatItTakesNoneUntilItsElderIsFull() {
		AcceptGate gate = new AcceptGate(this.scoreboard, this.self, 1, (limit) -> {
			this.elder.beat();
			return false;
		}, () -> 0, this.slowStart);
		gate.open();
		CompletableFuture<Boolean> turn = CompletableFuture.supplyAsync(() -> gate.awaitTurn(this.elder::beat));
		try {
			Awaitility.await().atMost(LIMIT).until(() -> gate.wakeUps() > 10);
			assertThat(turn).isNotDone();
			assertThat(this.self.accepting()).isFalse();
			this.elder.setAccepting(false);
			assertThat(turn).succeedsWithin(LIMIT).isEqualTo(true);
			assertThat(this.self.accepting()).isTrue();
		}
		finally {
			gate.close();
		}
	}

}
