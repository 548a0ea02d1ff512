package dev.tomcorn.request;

import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

import dev.tomcorn.core.scoreboard.WorkerFigures.Latency;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class FigureWindowTests {

	private static final double RELATIVE_ERROR = 0.05;

	private static final long SECOND = Duration.ofSeconds(1).toNanos();

	private static final long MILLI = Duration.ofMillis(1).toNanos();

	private final AtomicLong now = new AtomicLong();

	private final RequestsInFlight requests = new RequestsInFlight(this.now::get);

	private final RequestFigures figures = this.requests.figures();

	private final FigureWindow window = new FigureWindow(this.figures, 0);

	private FigureWindow.Figures afterSecond() {
		this.now.addAndGet(SECOND);
		return this.window.advance(this.now.get(), this.requests.runningNanos());
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5 })
	void percentilesAreThoseOfTheRequestsWithinFivePercent(long seed) {
		Random random = new Random(seed);
		long[] latencies = random.ints(10_000, 0, Integer.MAX_VALUE)
			.mapToLong((any) -> (long) Math.exp(random.nextGaussian(Math.log(5e6), 2)) + 20_000)
			.toArray();
		for (long latency : latencies) {
			this.figures.ended(latency / 3, latency - latency / 3, 0);
		}
		Arrays.sort(latencies);
		Latency latency = afterSecond().latency();
		assertThat(latency).isNotNull();
		assertThat(latency.p50Millis() * MILLI).isCloseTo(latencies[4999], within(RELATIVE_ERROR * latencies[4999]));
		assertThat(latency.p99Millis() * MILLI).isCloseTo(latencies[9899], within(RELATIVE_ERROR * latencies[9899]));
		assertThat(latency.maxMillis() * MILLI).isCloseTo(latencies[9999], within(1.0));
		assertThat(latency.meanMillis() * MILLI).isCloseTo(Arrays.stream(latencies).average().orElseThrow(),
				within(1.0));
	}

	@Test
	void everyClassIsNarrowAndTheyFollowOneAnother() {
		int last = 0;
		for (double nanos = 0; nanos < 1e17; nanos = Math.max(nanos + 500, nanos * 1.01)) {
			int bucket = LatencyBuckets.of((long) nanos);
			assertThat(bucket).isBetween(last, LatencyBuckets.COUNT - 1);
			if (nanos > 20_000 && nanos < Duration.ofHours(19).toNanos()) {
				assertThat(LatencyBuckets.middle(bucket)).isCloseTo(nanos, within(0.032 * nanos));
			}
			last = bucket;
		}
		assertThat(last).isEqualTo(LatencyBuckets.COUNT - 1);
		assertThat(LatencyBuckets.of(Long.MAX_VALUE)).isEqualTo(LatencyBuckets.COUNT - 1);
		assertThat(LatencyBuckets.of(-1)).isEqualTo(LatencyBuckets.COUNT - 1);
	}

	@Test
	void windowForgetsWhatIsTenSecondsOld() {
		this.figures.ended(0, 500 * MILLI, 0);
		assertThat(afterSecond().latency()).isNotNull();
		this.figures.ended(0, 5 * MILLI, 0);
		for (int second = 2; second <= FigureWindow.SAMPLES; second++) {
			assertThat(afterSecond().latency()).as("after %d s", second)
				.extracting(Latency::maxMillis)
				.isEqualTo(500.0);
		}
		FigureWindow.Figures figures = afterSecond();
		assertThat(figures.latency()).isNotNull();
		assertThat(figures.latency().maxMillis()).isEqualTo(5);
		assertThat(figures.requestsPerSecond()).isEqualTo(0.1, within(1e-9));
		figures = afterSecond();
		assertThat(figures.latency()).isNull();
		assertThat(figures.queueTime()).isNull();
		assertThat(figures.requestsPerSecond()).isZero();
	}

	@Test
	void rateIsThatOfTheTimeThatTheSamplerReallyTook() {
		for (int i = 0; i < 30; i++) {
			this.figures.ended(0, MILLI, 0);
		}
		this.now.addAndGet(2 * SECOND);
		assertThat(afterSecond().requestsPerSecond()).isEqualTo(10);
	}

	@Test
	void requestWaitsForItsThreadAndForTheLimitAndThenExecutes() {
		Runnable task = this.figures.queued(() -> {
			RequestInFlight request = this.requests.begin("GET", "/first", "");
			request.waits();
			this.now.addAndGet(20 * MILLI);
			assertThat(request.runs()).isTrue();
			this.now.addAndGet(100 * MILLI);
			request.end();
			RequestInFlight next = this.requests.begin("GET", "/on-the-same-connection", "");
			this.now.addAndGet(50 * MILLI);
			next.end();
		}, () -> {
		});
		this.now.addAndGet(3 * MILLI);
		task.run();
		assertThat(this.figures.waitingNanos()).isEqualTo(23 * MILLI);
		assertThat(this.figures.executingNanos()).isEqualTo(150 * MILLI);
		assertThat(this.figures.count()).isEqualTo(2);
		FigureWindow.Figures seen = afterSecond();
		assertThat(seen.queueTime()).isNotNull();
		assertThat(seen.queueTime().maxMillis()).isEqualTo(23);
		assertThat(seen.queueTime().meanMillis()).isEqualTo(11.5);
	}

	@Test
	void threadThatServesAnotherTaskHasNotWaitedForThis() {
		this.figures.queued(() -> {
		}, () -> {
		}).run();
		this.now.addAndGet(SECOND);
		this.requests.begin("GET", "/", "").end();
		assertThat(this.figures.waitingNanos()).isZero();
	}

	@Test
	void refusedRequestHasOnlyWaited() {
		RequestInFlight request = this.requests.begin("GET", "/", "");
		request.waits();
		this.now.addAndGet(20 * MILLI);
		CompletableFuture.runAsync(() -> request.expire(this.now.get(), 1)).join();
		assertThat(Thread.interrupted()).isTrue();
		assertThat(request.runs()).isFalse();
		request.end();
		assertThat(this.figures.waitingNanos()).isEqualTo(20 * MILLI);
		assertThat(this.figures.executingNanos()).isZero();
	}

	@Test
	void asynchronousRequestExecutesToItsEndAndIsBusyOnlyOnThreads() {
		RequestInFlight request = this.requests.begin("GET", "/", "");
		this.now.addAndGet(100 * MILLI);
		request.suspend(null);
		this.now.addAndGet(600 * MILLI);
		assertThat(this.requests.runningNanos()).isEqualTo(100 * MILLI);
		request.resume();
		this.now.addAndGet(100 * MILLI);
		request.suspend(null);
		this.now.addAndGet(200 * MILLI);
		request.end();
		assertThat(this.figures.executingNanos()).isEqualTo(SECOND);
		assertThat(this.figures.runningNanos()).isEqualTo(200 * MILLI);
		assertThat(this.window.advance(this.now.get(), this.requests.runningNanos()).running()).isEqualTo(0.2);
	}

	@Test
	void requestThatGoesOnKeepsTheWorkerBusy() {
		this.requests.begin("GET", "/long", "");
		for (int second = 0; second < 3; second++) {
			assertThat(afterSecond().running()).isEqualTo(1, within(1e-9));
		}
	}

}
