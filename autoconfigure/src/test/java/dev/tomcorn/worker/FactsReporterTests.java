package dev.tomcorn.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import dev.tomcorn.core.incident.ApplicationFrames;
import dev.tomcorn.core.problem.WorkerFacts;
import dev.tomcorn.core.problem.WorkerFacts.Carriers;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.request.RequestInFlight;
import dev.tomcorn.request.RequestsInFlight;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class FactsReporterTests {

	private static final ApplicationFrames FRAMES = new ApplicationFrames(List.of("dev.tomcorn.worker"));

	private final AtomicLong now = new AtomicLong(Duration.ofHours(1).toNanos());

	private final RequestsInFlight requests = new RequestsInFlight(null, new ApplicationFrames(List.of()),
			this.now::get);

	private final WorkerSlot slot = Scoreboard.solo().claim(0, 0, 1, 1);

	private final AtomicReference<String> deadlock = new AtomicReference<>("");

	private final AtomicReference<@Nullable Carriers> carriers = new AtomicReference<>();

	private final List<WorkerFacts> told = new ArrayList<>();

	private final FactsReporter reporter = new FactsReporter(this.slot, this.requests, FRAMES, this.deadlock::get,
			() -> null, this.carriers::get, this.told::add, this.now::get);

	private void after(Duration time) {
		this.now.addAndGet(time.toNanos());
		this.reporter.report();
	}

	private WorkerFacts last() {
		return this.told.getLast();
	}

	@Test
	void idleWorkerTellsNothingAgain() {
		this.slot.setState(WorkerState.READY);
		for (int second = 0; second < 30; second++) {
			after(Duration.ofSeconds(1));
		}
		assertThat(this.told).as("the heap is all that may have changed").hasSizeLessThan(10);
	}

	@Test
	void requestThatHasRunForLongestIsToldWithItsPlace() throws InterruptedException {
		CountDownLatch release = new CountDownLatch(1);
		Thread thread = Thread.ofVirtual().start(() -> {
			RequestInFlight request = this.requests.begin("GET", "/slow;id=1", "");
			hang(release);
			request.end();
		});
		await().until(() -> !this.requests.all().isEmpty() && thread.getState() == Thread.State.WAITING);
		RequestInFlight suspended = this.requests.begin("GET", "/stream", "");
		suspended.suspend(null);
		RequestInFlight waiting = this.requests.begin("GET", "/waiting", "");
		waiting.waits();
		after(Duration.ofMillis(900));
		assertThat(this.told.isEmpty() || last().longest() == null).as("young").isTrue();
		after(Duration.ofSeconds(2));
		WorkerFacts.LongRequest longest = last().longest();
		assertThat(longest).isNotNull();
		assertThat(longest.method() + " " + longest.path()).isEqualTo("GET /slow");
		assertThat(longest.place()).matches("FactsReporterTests\\.java:\\d+");
		assertThat(this.now.get() - longest.began()).isEqualTo(Duration.ofMillis(2900).toNanos());
		assertThat(longest.usualMillis()).as("nothing is usual yet").isZero();
		release.countDown();
		thread.join();
		suspended.end();
		waiting.end();
		after(Duration.ofSeconds(1));
		assertThat(last().longest()).isNull();
	}

	private static void hang(CountDownLatch release) {
		try {
			release.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Test
	void readOfABodyIsSeenInTheStack() {
		StackTraceElement wait = new StackTraceElement("java.lang.Object", "wait0", "Object.java", -2);
		StackTraceElement write = new StackTraceElement("org.apache.tomcat.util.net.NioEndpoint$NioSocketWrapper",
				"doWrite", "NioEndpoint.java", 1500);
		StackTraceElement read = new StackTraceElement("org.apache.tomcat.util.net.NioEndpoint$NioSocketWrapper",
				"fillReadBuffer", "NioEndpoint.java", 1718);
		StackTraceElement stream = new StackTraceElement("org.apache.coyote.http2.Stream$StandardStreamInputBuffer",
				"doRead", "Stream.java", 1100);
		StackTraceElement code = new StackTraceElement("dev.tomcorn.worker.Upload", "take", "Upload.java", 7);
		assertThat(this.reporter.place(new StackTraceElement[] { wait, read, code }))
			.isEqualTo(WorkerFacts.LongRequest.CLIENT_BODY + ", at Upload.java:7");
		assertThat(this.reporter.place(new StackTraceElement[] { wait, stream, code }))
			.startsWith(WorkerFacts.LongRequest.CLIENT_BODY);
		assertThat(this.reporter.place(new StackTraceElement[] { wait, write, code })).isEqualTo("Upload.java:7");
	}

	/**
	 * Their names are Tomcat's own.
	 */
	@Test
	void readsOfTomcatAreThere() throws ReflectiveOperationException {
		assertThat(Class.forName("org.apache.tomcat.util.net.NioEndpoint$NioSocketWrapper").getDeclaredMethods())
			.anyMatch((method) -> method.getName().equals("fillReadBuffer"));
		assertThat(Class.forName("org.apache.coyote.http2.Stream$StandardStreamInputBuffer").getDeclaredMethods())
			.anyMatch((method) -> method.getName().equals("doRead"));
	}

	@Test
	void usualTimeIsThatOf99Of100() {
		for (int request = 0; request < 200; request++) {
			RequestInFlight one = this.requests.begin("GET", "/", "");
			this.now.addAndGet(Duration.ofMillis((request < 198) ? 50 : 5000).toNanos());
			one.end();
		}
		assertThat(this.requests.figures().usualNanos() / 1e6).isBetween(48.0, 52.0);
	}

	@Test
	void deadlockHeldCarriersAndFailuresAreTold() {
		this.carriers.set(new Carriers(2, 2, "A.java:1", 2, 3));
		this.deadlock.set("deadlock of 2 threads: a, b");
		this.requests.memoryFailures().failed("GET", "/a", new IllegalStateException(new OutOfMemoryError("it")));
		this.requests.memoryFailures().failed("GET", "/b", new IllegalStateException("no such thing"));
		this.requests.memoryFailures().failed("GET", "/c", null);
		after(Duration.ofSeconds(1));
		assertThat(last().carriers()).isEqualTo(this.carriers.get());
		assertThat(last().deadlock()).isEqualTo("deadlock of 2 threads: a, b");
		assertThat(last().memoryFailures()).isEqualTo(1);
		assertThat(last().memoryFailure()).isEqualTo("it, the last GET /a");
	}

	@Test
	void requestBehindTheFiltersOfTheEndpointIsNoOperation() {
		StackTraceElement filter = new StackTraceElement("dev.tomcorn.actuate.FleetPageFilter", "doFilter", null, -1);
		StackTraceElement operation = new StackTraceElement("dev.tomcorn.actuate.WorkersEndpointWebExtension", "change",
				null, -1);
		assertThat(FactsReporter.isOperation(new StackTraceElement[] { filter })).isFalse();
		assertThat(FactsReporter.isOperation(new StackTraceElement[] { operation, filter })).isTrue();
	}

}
