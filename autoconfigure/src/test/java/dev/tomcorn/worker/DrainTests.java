package dev.tomcorn.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.request.RequestsInFlight;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the order and the times of a drain, on a clock that moves when the drain
 * pauses.
 */
class DrainTests {

	private static final Duration GRACEFUL_TIMEOUT = Duration.ofSeconds(30);

	private final WorkerProcess process = WorkerProcess.solo(GRACEFUL_TIMEOUT);

	private final WorkerSlot slot = this.process.slot();

	private final AtomicLong now = new AtomicLong();

	private final FakeTraffic traffic = new FakeTraffic();

	private final RequestsInFlight requests = new RequestsInFlight();

	private Runnable announcement = () -> {
	};

	private Duration drain() {
		new Drain(this.process, this.traffic, this.requests, this.announcement, this.now::get, (time) -> {
			this.now.addAndGet(time.toNanos());
			this.traffic.tick();
		}).run();
		return Duration.ofNanos(this.now.get());
	}

	@Test
	void stopsAcceptingBeforeItLooks() {
		this.traffic.arrivesWhileStopping = true;
		this.traffic.endRequestsAfter = Duration.ofSeconds(3);
		assertThat(drain()).isBetween(Duration.ofSeconds(3), Duration.ofSeconds(4));
		assertThat(this.slot.state()).isEqualTo(WorkerState.DRAINING);
	}

	@Test
	void withoutConnectionsNothingIsWaitedFor() {
		assertThat(drain()).isZero();
		assertThat(this.traffic.windDowns).isEmpty();
	}

	@Test
	void applicationIsToldBeforeTheDrainLooks() {
		List<Integer> stopsWhenTold = new ArrayList<>();
		this.announcement = () -> stopsWhenTold.add(this.traffic.stops);
		drain();
		assertThat(stopsWhenTold).containsExactly(1);
	}

	@Test
	void applicationThatDoesNotReturnIsWaitedForUntilTheGracefulTimeout() {
		CountDownLatch release = new CountDownLatch(1);
		this.announcement = () -> {
			this.now.addAndGet(GRACEFUL_TIMEOUT.toNanos());
			try {
				release.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		};
		assertThat(drain()).isEqualTo(GRACEFUL_TIMEOUT);
		release.countDown();
	}

	@Test
	void applicationThatFailsDoesNotStopTheDrain() {
		this.announcement = () -> {
			throw new IllegalStateException("on purpose");
		};
		assertThat(drain()).isZero();
	}

	@Test
	void portThatCannotBeClosedDoesNotStopTheDrain() {
		this.traffic.arrivesWhileStopping = true;
		this.traffic.failsToStop = true;
		this.traffic.endRequestsAfter = Duration.ofSeconds(3);
		assertThat(drain()).isBetween(Duration.ofSeconds(3), Duration.ofSeconds(4));
	}

	@Test
	void secondRunFindsTheFirstOneDone() {
		Drain drain = new Drain(this.process, this.traffic, this.requests, this.announcement);
		drain.run();
		drain.run();
		assertThat(this.traffic.stops).isOne();
	}

	@Test
	void requestThatNeverEndsIsCutAtTheGracefulTimeout() {
		this.slot.addOpenConnections(1);
		this.slot.requestBegan();
		assertThat(drain()).isBetween(GRACEFUL_TIMEOUT, GRACEFUL_TIMEOUT.plusMillis(100));
		assertThat(this.traffic.windDowns.getLast()).isZero();
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void requestThatIsCutIsNamed(CapturedOutput output) {
		this.slot.requestBegan();
		this.requests.begin("GET", "/endless;jsessionid=secret", "");
		drain();
		assertThat(output.toString()).containsPattern(
				"Graceful timeout passed with 1 request\\(s\\) in flight: GET /endless for \\d+\\.\\d s at \\w+\\.java:\\d+");
	}

	@Test
	void eventStreamsEndWhenNothingElseIsInFlight() {
		this.slot.addOpenConnections(1);
		this.slot.requestBegan();
		this.traffic.streams = 1;
		assertThat(drain()).isBetween(Drain.PATIENCE, Drain.PATIENCE.plusMillis(100));
	}

	@Test
	void eventStreamsGoOnWhileAnotherRequestIsInFlight() {
		this.slot.addOpenConnections(2);
		this.slot.requestBegan();
		this.slot.requestBegan();
		this.traffic.streams = 1;
		this.traffic.endRequestsAfter = Duration.ofSeconds(10);
		assertThat(drain()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(11));
		assertThat(this.traffic.streamsEndedAt).isGreaterThanOrEqualTo(Duration.ofSeconds(10));
	}

	@Test
	void requestsThatTimeOutHaveASecondToBeAnswered() {
		this.slot.addOpenConnections(1);
		this.slot.requestBegan();
		this.traffic.unanswered = 1;
		assertThat(drain()).isBetween(GRACEFUL_TIMEOUT.plusMillis(980), GRACEFUL_TIMEOUT.plusMillis(1100));
	}

	/**
	 * Connections that exist in the worker's slot only.
	 */
	private final class FakeTraffic implements Traffic {

		private final List<Duration> windDowns = new ArrayList<>();

		private int stops;

		private boolean arrivesWhileStopping;

		private boolean failsToStop;

		private Duration endRequestsAfter = Duration.ofDays(1);

		private int streams;

		private Duration streamsEndedAt = Duration.ZERO;

		private int unanswered;

		private boolean requestsEnded;

		void tick() {
			if (!this.requestsEnded && DrainTests.this.now.get() >= this.endRequestsAfter.toNanos()) {
				this.requestsEnded = true;
				DrainTests.this.slot.requestEnded();
				DrainTests.this.slot.addOpenConnections(-1);
			}
		}

		@Override
		public void startAccepting() {
		}

		@Override
		public void stopAccepting() {
			this.stops++;
			if (this.arrivesWhileStopping) {
				DrainTests.this.slot.addOpenConnections(1);
				DrainTests.this.slot.requestBegan();
			}
			if (this.failsToStop) {
				throw new OutOfMemoryError("no native thread");
			}
		}

		@Override
		public void windDown(Duration patience) {
			this.windDowns.add(patience);
		}

		@Override
		public int eventStreams() {
			return this.streams;
		}

		@Override
		public void endEventStreams() {
			this.streamsEndedAt = Duration.ofNanos(DrainTests.this.now.get());
			for (; this.streams > 0; this.streams--) {
				DrainTests.this.slot.requestEnded();
				DrainTests.this.slot.addOpenConnections(-1);
			}
		}

		@Override
		public int timeOutAsynchronous() {
			return this.unanswered;
		}

	}

}
