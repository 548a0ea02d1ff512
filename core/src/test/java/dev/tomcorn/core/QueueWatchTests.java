package dev.tomcorn.core;

import java.time.Duration;

import dev.tomcorn.core.scoreboard.ListenerQueue;
import dev.tomcorn.core.scoreboard.Scoreboard;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class QueueWatchTests {

	private static final int LIMIT = 128;

	private static final Duration TICK = Duration.ofMillis(200);

	private final ListenerQueue queue = Scoreboard.solo().listenerQueue();

	private long now;

	private QueueWatch watch;

	@BeforeEach
	void create() {
		// Workers use the same clock when they take a connection
		this.now = System.nanoTime();
		this.watch = new QueueWatch(this.queue, () -> this.now);
	}

	private ListenerQueue.Reading tick(int length, int taken) {
		this.now += TICK.toNanos();
		for (int i = 0; i < taken; i++) {
			this.queue.taken();
		}
		return this.watch.sample(length, LIMIT);
	}

	@Test
	void queueThatNobodyHasLookedAtIsUnknown() {
		assertThat(this.queue.reading()).isNull();
	}

	@Test
	void emptyQueueHasNoWait() {
		assertThat(tick(0, 10)).isEqualTo(new ListenerQueue.Reading(0, LIMIT, Duration.ZERO));
	}

	@Test
	void whatWasSeenIsShown() {
		// Repeated if this thread was delayed for so long that the reading was old
		await().untilAsserted(() -> assertThat(tick(0, 1)).isEqualTo(this.queue.reading()));
	}

	@Test
	void waitIsLengthByRate() {
		for (int i = 0; i < 10; i++) {
			tick(20, 4);
		}
		// 20 connections at 20 a second
		assertThat(tick(20, 4).waitTime()).isEqualTo(Duration.ofSeconds(1));
	}

	@Test
	void nothingHasWaitedForLongerThanTheQueueIsNotEmpty() {
		tick(0, 0);
		tick(0, 0);
		tick(0, 1);
		assertThat(tick(100, 1).waitTime()).isEqualTo(TICK);
	}

	@Test
	void waitGrowsWithTimeWhileNobodyTakesAnything() {
		tick(0, 0);
		assertThat(tick(3, 0).waitTime()).isEqualTo(TICK);
		for (int i = 0; i < 9; i++) {
			tick(3, 0);
		}
		assertThat(tick(3, 0).waitTime()).isEqualTo(TICK.multipliedBy(11));
	}

	@Test
	void waitFallsOnceTheQueueIsWorkedOff() {
		for (int i = 0; i < 20; i++) {
			tick(50, 0);
		}
		Duration before = tick(50, 1).waitTime();
		assertThat(tick(0, 50).waitTime()).isZero();
		assertThat(before).isGreaterThan(Duration.ofSeconds(1));
	}

}
