package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class RunClockTests {

	private static final Duration SECOND = Duration.ofSeconds(1);

	private final AtomicLong nanoTime = new AtomicLong();

	@ParameterizedTest
	@ValueSource(longs = { 0, 1234, -99, Long.MAX_VALUE, Long.MIN_VALUE })
	void startsAtZeroWhateverTheTimeIs(long nanoTime) {
		this.nanoTime.set(nanoTime);
		assertThat(new RunClock(this.nanoTime::get).now()).isZero();
	}

	@Test
	void standsStillWhileTimeDoes() {
		RunClock clock = new RunClock(this.nanoTime::get);
		this.nanoTime.addAndGet(5);
		assertThat(clock.now()).isEqualTo(5);
		assertThat(clock.now()).isEqualTo(5);
	}

	@Test
	void countsEveryNanosecondOfShortSteps() {
		RunClock clock = new RunClock(this.nanoTime::get);
		long sum = 0;
		for (long step : new long[] { 1, 999, SECOND.toNanos() - 1, SECOND.toNanos() }) {
			this.nanoTime.addAndGet(step);
			sum += step;
			assertThat(clock.now()).isEqualTo(sum);
		}
	}

	@ParameterizedTest
	@ValueSource(longs = { 1_000_000_001, 3_600_000_000_000L, Long.MAX_VALUE })
	void countsALongStepAsOneSecond(long step) {
		RunClock clock = new RunClock(this.nanoTime::get);
		this.nanoTime.addAndGet(step);
		assertThat(clock.now()).isEqualTo(SECOND.toNanos());
		this.nanoTime.addAndGet(7);
		assertThat(clock.now()).isEqualTo(SECOND.toNanos() + 7);
	}

	@Test
	void readsThroughAnOverflowOfTheTime() {
		this.nanoTime.set(Long.MAX_VALUE);
		RunClock clock = new RunClock(this.nanoTime::get);
		this.nanoTime.addAndGet(10);
		assertThat(clock.now()).isEqualTo(10);
	}

}
