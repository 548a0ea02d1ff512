package dev.tomcorn.request;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import dev.tomcorn.Worker;
import dev.tomcorn.core.scoreboard.WorkerRecord.Stage;
import dev.tomcorn.request.RequestLimits.PathLimit;
import dev.tomcorn.worker.WorkerProcess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link RequestWatch} and {@link RequestInFlight}. The test's own thread runs
 * the requests, and each test controls the time.
 */
@ExtendWith(OutputCaptureExtension.class)
class RequestWatchTests {

	private long now = Long.MAX_VALUE - Duration.ofSeconds(5).toNanos();

	private final RequestsInFlight requests = new RequestsInFlight(() -> this.now);

	private final List<String> replacements = new ArrayList<>();

	private RequestWatch watch = watch(2, 0);

	@AfterEach
	void clearInterrupt() {
		Thread.interrupted();
	}

	private RequestWatch watch(int timeout, int slow, PathLimit... overrides) {
		return new RequestWatch(this.requests, new RequestLimits(Duration.ofSeconds(timeout), List.of(overrides),
				Duration.ofSeconds(10), Duration.ofSeconds(slow)), 3, this.replacements::add, () -> this.now);
	}

	private RequestInFlight begin(String uri) {
		return this.requests.begin("GET", uri, "");
	}

	private void pass(double seconds) {
		this.now += (long) (seconds * 1e9);
		this.watch.check();
	}

	@Test
	void nextLookIsDueWhenARequestMayReachALimit() {
		long second = Duration.ofSeconds(1).toNanos();
		assertThat(this.watch.check()).as("none in flight").isEqualTo(2 * second);
		begin("/x");
		this.now += second / 2;
		begin("/y");
		assertThat(this.watch.check()).as("by the older one").isEqualTo(3 * second / 2);
		this.now += second + second / 2;
		assertThat(this.watch.check()).as("one is over its limit").isEqualTo(second / 10);
		assertThat(Thread.interrupted()).isTrue();
		this.watch = watch(2, 1);
		begin("/z");
		assertThat(this.watch.check()).as("a threshold is a limit, too").isEqualTo(second / 10);
	}

	@Test
	void requestWithinItsLimitIsLeftAlone() {
		RequestInFlight request = begin("/x");
		pass(1.9);
		assertThat(request.isOverdue()).isFalse();
		assertThat(Thread.currentThread().isInterrupted()).isFalse();
	}

	@Test
	void requestOverItsLimitIsInterruptedOnceAndLoggedWithItsStack(CapturedOutput output) {
		RequestInFlight request = begin("/x;jsessionid=secret/y");
		pass(2.1);
		assertThat(request.isOverdue()).isTrue();
		assertThat(Thread.interrupted()).isTrue();
		assertThat(output).contains("Request GET /x/y of worker 3 has run for 2.1 s, longer than its limit of 2.0 s")
			.contains("at " + RequestWatchTests.class.getName())
			.doesNotContain("secret");
		pass(5);
		assertThat(Thread.currentThread().isInterrupted()).isFalse();
		assertThat(this.replacements).isEmpty();
	}

	@Test
	void requestThatEndsWithinItsGraceCostsNoWorker() {
		RequestInFlight request = begin("/x");
		pass(2.1);
		request.end();
		assertThat(Thread.currentThread().isInterrupted()).isFalse();
		pass(20);
		assertThat(this.replacements).isEmpty();
		assertThat(this.requests.snapshot()).isEmpty();
	}

	@Test
	void requestThatIgnoresItsInterruptHasItsWorkerReplacedOnce(CapturedOutput output) {
		begin("/x");
		pass(2.1);
		pass(9.8);
		assertThat(this.replacements).isEmpty();
		pass(0.3);
		pass(20);
		assertThat(this.replacements).containsExactly("request GET /x has run for 12.2 s and ignores its interrupt");
		assertThat(output).contains("ignores its interrupt: asking for another worker");
	}

	@Test
	void requestThatHasEndedIsNeverInterrupted() {
		begin("/x").end();
		RequestInFlight next = begin("/y");
		pass(1);
		next.end();
		pass(10);
		assertThat(Thread.currentThread().isInterrupted()).isFalse();
	}

	@Test
	void firstOverrideThatMatchesCountsAndZeroIsNoLimit() {
		this.watch = watch(2, 0, new PathLimit("/reports/quick", Duration.ofSeconds(1)),
				new PathLimit("/reports/**", Duration.ZERO));
		RequestInFlight quick = this.requests.begin("GET", "/app/reports/quick", "/app");
		RequestInFlight report = this.requests.begin("GET", "/app/reports/%C3%BCbersicht", "/app");
		RequestInFlight other = this.requests.begin("GET", "/app/other", "/app");
		pass(1.1);
		assertThat(List.of(quick.isOverdue(), report.isOverdue(), other.isOverdue())).containsExactly(true, false,
				false);
		pass(100);
		assertThat(List.of(report.isOverdue(), other.isOverdue())).containsExactly(false, true);
	}

	@Test
	void slowRequestIsLoggedOnceAndLeftAlone(CapturedOutput output) {
		this.watch = watch(0, 1);
		RequestInFlight request = begin("/x");
		pass(1.1);
		pass(100);
		assertThat(request.isOverdue()).isFalse();
		assertThat(output.getOut().lines()).filteredOn((line) -> line.contains("is slow: it has run for 1.1 s"))
			.hasSize(1);
		assertThat(output).contains("at " + RequestWatchTests.class.getName());
	}

	@Test
	void requestExtendsItsOwnLimitAndNoOther() {
		Worker worker = WorkerProcess.worker(WorkerProcess.solo(Duration.ZERO), "gevent", this.requests);
		RequestInFlight request = begin("/x");
		this.now += Duration.ofSeconds(1).toNanos();
		worker.extendRequest(Duration.ofSeconds(5));
		worker.extendRequest(Duration.ofSeconds(1));
		pass(4.9);
		assertThat(request.isOverdue()).isFalse();
		pass(0.2);
		assertThat(request.isOverdue()).isTrue();
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> worker.extendRequest(Duration.ZERO))
			.withMessageContaining("passed already");
		request.end();
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> worker.extendRequest(Duration.ZERO))
			.withMessageContaining("runs no request");
		assertThatExceptionOfType(IllegalArgumentException.class)
			.isThrownBy(() -> worker.extendRequest(Duration.ofNanos(-1)));
	}

	@Test
	void extensionThatIsShorterThanTheLimitTakesNoTimeAway() {
		RequestInFlight request = begin("/x");
		request.extend(1);
		pass(1.9);
		assertThat(request.isOverdue()).isFalse();
	}

	@Test
	void longestExtensionIsNoOverflow() {
		RequestInFlight request = begin("/x");
		WorkerProcess.worker(WorkerProcess.solo(Duration.ZERO), "gevent", this.requests)
			.extendRequest(Duration.ofSeconds(Long.MAX_VALUE));
		pass(1000);
		assertThat(request.isOverdue()).isFalse();
	}

	@Test
	void suspendedRequestIsToldToTimeOutAndNoThreadIsInterrupted(CapturedOutput output) {
		AtomicInteger timeouts = new AtomicInteger();
		RequestInFlight request = begin("/x");
		request.suspend(timeouts::incrementAndGet);
		assertThat(this.requests.snapshot()).extracting(RequestSnapshot::thread).containsExactly("asynchronous");
		pass(2.1);
		pass(11.5);
		assertThat(timeouts).hasValue(1);
		assertThat(Thread.currentThread().isInterrupted()).isFalse();
		assertThat(this.replacements).as("Tomcat takes a while to time it out").isEmpty();
		assertThat(output).contains("no thread runs it: ending it");
		pass(1);
		assertThat(this.replacements).containsExactly("request GET /x has run for 14.6 s and ignores its timeout");
	}

	@Test
	void requestInterruptedBeforeItIsSuspendedIsToldToTimeOut() {
		AtomicInteger timeouts = new AtomicInteger();
		RequestInFlight request = begin("/x");
		pass(2.1);
		request.suspend(timeouts::incrementAndGet);
		assertThat(timeouts).hasValue(1);
		assertThat(Thread.currentThread().isInterrupted()).isFalse();
	}

	@Test
	void timedOutRequestThatHangsOnAThreadIsInterruptedBeforeItsWorkerIsReplaced() {
		RequestInFlight request = begin("/x");
		request.suspend(() -> {
		});
		pass(2.1);
		request.resume();
		pass(12.5);
		assertThat(Thread.interrupted()).isTrue();
		assertThat(this.replacements).isEmpty();
		pass(10.1);
		assertThat(this.replacements).hasSize(1);
	}

	@Test
	void suspensionThatFailsDoesNotEndTheWatch() {
		begin("/x").suspend(() -> {
			throw new IllegalStateException("recycled");
		});
		RequestInFlight other = begin("/y");
		pass(2.1);
		assertThat(other.isOverdue()).isTrue();
	}

	@Test
	void waitingDoesNotCountAsRunningButHasTheSameLimit(CapturedOutput output) {
		RequestInFlight patient = begin("/x");
		patient.waits();
		pass(1.9);
		assertThat(patient.runs()).isTrue();
		pass(1.9);
		assertThat(patient.isOverdue()).isFalse();
		patient.end();
		RequestInFlight refused = begin("/y");
		refused.waits();
		pass(2.1);
		assertThat(refused.runs()).isFalse();
		assertThat(output).contains("Request GET /y of worker 3 has waited for 2.1 s for others to end");
	}

	@Test
	void snapshotHasTheOldestFirst() {
		begin("/old?");
		this.now += Duration.ofSeconds(1).toNanos();
		begin("/new\r\nWARN");
		assertThat(this.requests.snapshot()).extracting((request) -> request.at(List.of()))
			.containsExactly(
					new RequestSnapshot(1, "GET", "/old?", Duration.ofSeconds(1), Stage.RUNNING,
							Thread.currentThread().getName(), List.of()),
					new RequestSnapshot(2, "GET", "/new??WARN", Duration.ZERO, Stage.RUNNING,
							Thread.currentThread().getName(), List.of()));
	}

}
