package dev.tomcorn.core.scoreboard;

import java.util.Arrays;
import java.util.Random;

import dev.tomcorn.core.scoreboard.WorkerFigures.Latency;
import dev.tomcorn.core.scoreboard.WorkerFigures.OldestRequest;
import dev.tomcorn.core.scoreboard.WorkerFigures.QueueTime;
import dev.tomcorn.core.scoreboard.WorkerFigures.VirtualThreads;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class WorkerFiguresTests {

	private static final WorkerFigures FIGURES = new WorkerFigures(12.5, new Latency(1, 2, 3, 4), new QueueTime(5, 6),
			0.5, 1.5, 0.25, new VirtualThreads(7, 8, 9, 10),
			new OldestRequest(11, "GET", "/größe/😀", -12, "Größe.list(Größe.java:1)"));

	private final WorkerSlot slot = Scoreboard.solo().claim(0, 0, 1, 1);

	@Test
	void figuresAreReadAsTheyWereWritten() {
		assertThat(this.slot.figures()).isEqualTo(WorkerFigures.NONE);
		this.slot.setFigures(FIGURES);
		assertThat(this.slot.figures()).isEqualTo(FIGURES);
		WorkerFigures idle = new WorkerFigures(0, null, null, 0, 0, 0, null, null);
		this.slot.setFigures(idle);
		assertThat(this.slot.figures()).isEqualTo(idle);
	}

	@Test
	void nextWorkerOfASlotBeginsWithoutFigures() {
		Scoreboard scoreboard = Scoreboard.solo();
		WorkerSlot claimed = scoreboard.claim(0, 0, 1, 1);
		claimed.setFigures(FIGURES);
		claimed.setCapacity(5);
		claimed.setLeader(true);
		claimed = scoreboard.claim(0, 0, 2, 1);
		assertThat(claimed.figures()).isEqualTo(WorkerFigures.NONE);
		assertThat(claimed.capacity()).isZero();
		assertThat(claimed.leader()).isFalse();
	}

	@Test
	void longestTextsFitAndAreCutBetweenCharacters() {
		for (String character : new String[] { "a", "ö", "→", "😀" }) {
			this.slot.setFigures(new WorkerFigures(1, FIGURES.latency(), FIGURES.queueTime(), 1, 1, 1,
					FIGURES.virtualThreads(), new OldestRequest(1, "x" + character.repeat(1000),
							"/" + character.repeat(100_000), 1, "/" + character.repeat(1000))));
			OldestRequest oldest = this.slot.figures().oldestRequest();
			assertThat(oldest).isNotNull();
			assertThat(("x" + character.repeat(1000))).startsWith(oldest.method());
			assertThat("/" + character.repeat(100_000)).startsWith(oldest.path());
			assertThat(oldest.path().length()).isGreaterThan(WorkerFigures.MAX_PATH / 4);
		}
		assertThat(WorkerFigures.MAX_BYTES + VersionedBytes.OVERHEAD + 256).isLessThanOrEqualTo(WorkerSlot.SIZE);
	}

	@Test
	void garbageIsSomeFiguresOrNoneAndNoFailure() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		byte[] bytes = FIGURES.toBytes();
		for (int length = 0; length < bytes.length; length++) {
			assertThat(WorkerFigures.ofBytes(Arrays.copyOf(bytes, length))).isNotNull();
		}
		for (int attempt = 0; attempt < 20_000; attempt++) {
			byte[] garbage = bytes.clone();
			for (int change = random.nextInt(8); change >= 0; change--) {
				garbage[random.nextInt(garbage.length)] = (byte) random.nextInt();
			}
			assertThat(WorkerFigures.ofBytes(garbage)).as("seed %d", seed).isNotNull();
		}
	}

	@Test
	void countsOfEndedWorkersGoOnCounting() {
		Scoreboard scoreboard = Scoreboard.solo();
		WorkerSlot first = scoreboard.claim(0, 0, 1, 1);
		for (int request = 0; request < 5; request++) {
			first.requestBegan();
			first.requestEnded();
		}
		first.requestBegan();
		first.requestFailed();
		first.requestEnded();
		assertThat(scoreboard.totals()).isEqualTo(new Scoreboard.Totals(6, 1));
		scoreboard.retire(first);
		assertThat(scoreboard.totals()).isEqualTo(new Scoreboard.Totals(6, 1));
		WorkerSlot second = scoreboard.claim(0, 0, 2, 1);
		second.requestBegan();
		second.requestEnded();
		assertThat(scoreboard.totals()).isEqualTo(new Scoreboard.Totals(7, 1));
	}

	@Test
	void saturationIsThatOfServingWorkers() {
		Scoreboard scoreboard = Scoreboard.solo();
		WorkerSlot only = scoreboard.claim(0, 0, 1, 1);
		only.setCapacity(4);
		only.requestBegan();
		only.requestBegan();
		assertThat(scoreboard.saturation()).as("while it starts").isZero();
		only.setState(WorkerState.READY);
		assertThat(scoreboard.saturation()).isEqualTo(0.5);
		only.addWaitingRequests(1);
		assertThat(scoreboard.saturation()).isEqualTo(0.25);
	}

}
