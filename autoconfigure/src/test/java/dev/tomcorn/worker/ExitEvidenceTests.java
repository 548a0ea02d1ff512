package dev.tomcorn.worker;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import dev.tomcorn.core.incident.ApplicationFrames;
import dev.tomcorn.core.scoreboard.WorkerRecord;
import dev.tomcorn.core.scoreboard.WorkerRecord.InFlight;
import dev.tomcorn.core.scoreboard.WorkerRecords;
import dev.tomcorn.request.RequestInFlight;
import dev.tomcorn.request.RequestsInFlight;
import dev.tomcorn.request.SlowRequests;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the record that stays readable after a worker's end.
 */
class ExitEvidenceTests {

	private static final ApplicationFrames FINDER = new ApplicationFrames(List.of("dev.tomcorn.worker"));

	private static final long SECOND = 1_000_000_000L;

	@TempDir
	private Path directory;

	private WorkerRecord record;

	private final AtomicLong now = new AtomicLong(System.nanoTime());

	@BeforeEach
	void record() throws Exception {
		WorkerRecords records = WorkerRecords.create(this.directory.resolve("records"), 1);
		records.claim(0, 1);
		WorkerRecord claimed = records.of(0, 1);
		assertThat(claimed).isNotNull();
		this.record = claimed;
	}

	private RequestsInFlight requests() {
		return new RequestsInFlight(this.record, FINDER, this.now::get);
	}

	@Test
	void requestIsWrittenDownFromItsBeginToItsEnd() {
		RequestInFlight request = requests().begin("GET", "/here;jsessionid=secret/there", "");
		assertThat(this.record.inFlight()).singleElement()
			.satisfies((seen) -> assertThat(seen.path()).isEqualTo("/here/there"))
			.satisfies((seen) -> assertThat(seen.stage()).isEqualTo(WorkerRecord.Stage.RUNNING));
		request.waits();
		assertThat(this.record.inFlight().getFirst().stage()).isEqualTo(WorkerRecord.Stage.WAITING);
		request.runs();
		assertThat(this.record.inFlight().getFirst().stage()).isEqualTo(WorkerRecord.Stage.RUNNING);
		request.suspend(null);
		assertThat(this.record.inFlight().getFirst().stage()).isEqualTo(WorkerRecord.Stage.SUSPENDED);
		request.resume();
		request.end();
		request.end();
		assertThat(this.record.inFlight()).isEmpty();
	}

	@Test
	void slowRequestIsLookedAt() throws InterruptedException {
		RequestsInFlight requests = requests();
		SlowRequests slow = new SlowRequests(requests);
		AtomicReference<RequestInFlight> begun = new AtomicReference<>();
		CountDownLatch end = new CountDownLatch(1);
		Thread thread = Thread.ofVirtual().start(() -> {
			begun.set(requests.begin("GET", "/slow", ""));
			try {
				end.await();
			}
			catch (InterruptedException ex) {
				// Ends
			}
		});
		await().until(() -> thread.getState() == Thread.State.WAITING);
		slow.update();
		assertThat(this.record.inFlight().getFirst().stack()).as("of a young one").isEmpty();
		this.now.addAndGet(2 * SECOND);
		slow.update();
		assertThat(this.record.inFlight().getFirst().stack()).singleElement()
			.asString()
			.matches("ExitEvidenceTests\\.lambda\\$slowRequestIsLookedAt\\$\\d+\\(ExitEvidenceTests\\.java:\\d+\\)");
		RequestInFlight request = begun.get();
		assertThat(request.frames()).isEqualTo(this.record.inFlight().getFirst().stack());
		request.suspend(null);
		this.now.addAndGet(20 * SECOND);
		slow.update();
		assertThat(request.frames()).as("no thread runs it").isEmpty();
		assertThat(this.record.inFlight().getFirst().stack()).isEmpty();
		end.countDown();
		thread.join();
	}

	/**
	 * While there are more requests than rows, the oldest ones are shown.
	 */
	@Test
	void oldestRequestsOfManyAreWrittenDown() {
		RequestsInFlight requests = requests();
		SlowRequests slow = new SlowRequests(requests);
		List<RequestInFlight> all = new ArrayList<>();
		for (int number = 0; number < 10 * WorkerRecord.ROWS; number++) {
			this.now.addAndGet(1000);
			all.add(requests.begin("GET", "/" + number, ""));
		}
		slow.update();
		assertThat(numbers())
			.containsExactlyElementsOf(all.stream().limit(WorkerRecord.ROWS).map(this::number).toList());
		all.subList(0, WorkerRecord.ROWS).forEach(RequestInFlight::end);
		all.add(requests.begin("GET", "/late", ""));
		assertThat(numbers()).as("the late one leaves the room to older ones").isEmpty();
		slow.update();
		assertThat(numbers()).containsExactlyElementsOf(
				all.subList(WorkerRecord.ROWS, 2 * WorkerRecord.ROWS).stream().map(this::number).toList());
		all.forEach(RequestInFlight::end);
		slow.update();
		requests.begin("GET", "/free", "");
		assertThat(this.record.inFlight()).extracting(InFlight::path).containsExactly("/free");
	}

	private long number(RequestInFlight request) {
		return request.number();
	}

	private List<Long> numbers() {
		return this.record.inFlight().stream().map(InFlight::number).toList();
	}

	@Test
	void callerOfExitIsFoundBelowIt() {
		StackTraceElement job = new StackTraceElement("dev.tomcorn.worker.PaymentJob", "pay", "PaymentJob.java", 41);
		StackTraceElement[] exit = { frame("java.lang.Shutdown", "exit"), frame("java.lang.Runtime", "exit"),
				frame("java.lang.System", "exit"), job, frame("java.lang.Thread", "run") };
		StackTraceElement[] signal = { frame("java.lang.Shutdown", "exit"), frame("java.lang.Terminator$1", "handle"),
				job };
		StackTraceElement[] other = { frame("java.lang.Object", "wait"), job };
		assertThat(ExitCaller.find(List.of(other, signal, exit), FINDER)).isEqualTo("PaymentJob.java:41");
		assertThat(ExitCaller.find(List.of(other, signal), FINDER)).isEmpty();
	}

	private static StackTraceElement frame(String type, String method) {
		return new StackTraceElement(type, method, "X.java", 1);
	}

	@Test
	void stacksOfVirtualThreadsAreTakenWithWhoHasACarrier() throws Exception {
		CountDownLatch end = new CountDownLatch(1);
		CountDownLatch spins = new CountDownLatch(1);
		Thread spinning = Thread.ofVirtual().start(() -> {
			spins.countDown();
			while (end.getCount() > 0) {
				Thread.onSpinWait();
			}
		});
		Thread waiting = Thread.ofVirtual().start(() -> {
			try {
				end.await();
			}
			catch (InterruptedException ex) {
				// Ends
			}
		});
		try {
			spins.await();
			await().until(() -> waiting.getState() == Thread.State.WAITING);
			assertThat(ThreadStacks.take((stack) -> !stack.mounted()))
				.anyMatch((stack) -> stack.thread() == waiting.threadId());
			List<ThreadStacks.Stack> stacks = ThreadStacks.take(ThreadStacks.Stack::mounted);
			assertThat(stacks).noneMatch((stack) -> stack.thread() == waiting.threadId())
				.anySatisfy((stack) -> assertThat(stack.frames())
					.anyMatch((frame) -> frame.getClassName().equals(ExitEvidenceTests.class.getName())
							&& frame.getLineNumber() > 0));
			assertThat(CarrierHolders.describe(stacks, FINDER))
				.matches("\\d+ carrier threads? (is|are) held at .*" + "ExitEvidenceTests\\.java:\\d+.*");
		}
		finally {
			end.countDown();
			spinning.join();
			waiting.join();
		}
	}

}
