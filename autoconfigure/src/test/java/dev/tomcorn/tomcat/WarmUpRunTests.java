package dev.tomcorn.tomcat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import dev.tomcorn.WarmUp;
import dev.tomcorn.WarmUpClient;
import dev.tomcorn.settings.WarmUpPlan;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link WarmUpRun}.
 */
@ExtendWith(OutputCaptureExtension.class)
class WarmUpRunTests {

	/**
	 * Longest time to wait for anything.
	 */
	private static final Duration LIMIT = Duration.ofMinutes(2);

	private final Queue<String> requested = new ConcurrentLinkedQueue<>();

	private final CountDownLatch release = new CountDownLatch(1);

	/**
	 * The time is over once this is counted down.
	 */
	private final CountDownLatch begun = new CountDownLatch(1);

	private final AtomicBoolean ending = new AtomicBoolean();

	@AfterEach
	void release() {
		this.release.countDown();
	}

	private static WarmUpPlan plan(int requests, int concurrency, String... paths) {
		return new WarmUpPlan(List.of(paths), requests, concurrency, LIMIT);
	}

	private void run(WarmUpPlan plan, Map<String, WarmUp> beans, WarmUpRequests.Sender sender, int concurrency) {
		new WarmUpRun(plan, beans, sender, concurrency, false, () -> this.begun.getCount() > 0 ? 0 : LIMIT.toNanos())
			.run(LIMIT, this.ending::get);
	}

	private int record(String path) {
		this.requested.add(path);
		return 200;
	}

	@Test
	void requestsAllPathsInTurn(CapturedOutput output) {
		run(plan(2, 1, "/a", "/b"), Map.of(), (path, headers, attributes, executor) -> record(path), 10);
		assertThat(this.requested).containsExactly("/a", "/b", "/a", "/b");
		assertThat(output).contains("with 4 request(s)");
	}

	@Test
	void requestsAreMarkedWhateverHeadersABeanSets() {
		run(plan(1, 1),
				Map.of("bean", (client) -> client.get("/a", Map.of("x-tomcorn-warm-up", "no", "Accept", "a/b"))),
				(path, headers, attributes, executor) -> {
					this.requested.add(headers + " " + attributes);
					return 200;
				}, 1);
		assertThat(this.requested)
			.containsExactly("{Accept=a/b, x-tomcorn-warm-up=true} {" + WarmUp.ATTRIBUTE + "=true}");
	}

	@Test
	void runsAsManyAtOnceAsWanted() {
		AtomicInteger running = new AtomicInteger();
		run(plan(4, 4, "/a"), Map.of(), (path, headers, attributes, executor) -> {
			running.incrementAndGet();
			Awaitility.await().atMost(LIMIT).until(() -> running.get() == 4);
			return record(path);
		}, 10);
		assertThat(this.requested).hasSize(4);
	}

	/**
	 * A worker class may guarantee that requests never run in parallel.
	 */
	@Test
	void runsNoMoreAtOnceThanTheWorkerClassAllows() {
		AtomicInteger running = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		WarmUp bean = (client) -> {
			List<CompletableFuture<Void>> others = List.of(inBackground(client), inBackground(client));
			others.forEach(CompletableFuture::join);
		};
		run(plan(20, 8, "/a"), Map.of("bean", bean), (path, headers, attributes, executor) -> {
			most.accumulateAndGet(running.incrementAndGet(), Math::max);
			Thread.sleep(1);
			running.decrementAndGet();
			return record(path);
		}, 1);
		assertThat(this.requested).hasSize(40);
		assertThat(most).hasValue(1);
	}

	private static CompletableFuture<Void> inBackground(WarmUpClient client) {
		return CompletableFuture.runAsync(() -> {
			try {
				for (int number = 0; number < 10; number++) {
					client.get("/b");
				}
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}, (task) -> Thread.ofPlatform().start(task));
	}

	@Test
	void givesUpARequestThatDoesNotEndAndNamesIt(CapturedOutput output) {
		CountDownLatch interrupted = new CountDownLatch(1);
		run(plan(1, 1, "/stuck", "/never"), Map.of(), (path, headers, attributes, executor) -> {
			this.requested.add(path);
			this.begun.countDown();
			while (this.release.getCount() > 0) {
				try {
					this.release.await();
				}
				catch (InterruptedException ex) {
					interrupted.countDown();
				}
			}
			return 500;
		}, 1);
		assertThat(this.release.getCount()).as("the run does not wait for the request").isOne();
		Awaitility.await().atMost(LIMIT).until(() -> interrupted.getCount() == 0);
		assertThat(output)
			.containsOnlyOnce("Gave up the warm-up after 120.0 s and 1 request(s). Unfinished: GET /stuck");
		this.release.countDown();
		Awaitility.await().atMost(LIMIT).until(() -> warmUpThreads() == 0);
		assertThat(this.requested).containsExactly("/stuck");
		assertThat(output).doesNotContain("skips");
	}

	private static long warmUpThreads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("tomcorn-warm-up-"))
			.count();
	}

	@Test
	void asynchronousPartOfARequestIsInterruptedToo() {
		CountDownLatch interrupted = new CountDownLatch(1);
		run(plan(1, 1, "/async"), Map.of(), (path, headers, attributes, executor) -> {
			executor.execute(() -> {
				try {
					this.begun.countDown();
					this.release.await();
				}
				catch (InterruptedException ex) {
					interrupted.countDown();
				}
			});
			this.release.await();
			return 200;
		}, 1);
		Awaitility.await().atMost(LIMIT).until(() -> interrupted.getCount() == 0);
	}

	@Test
	void beanThatHangsIsGivenUpAndCanRequestNothingMore(CapturedOutput output) {
		CompletableFuture<Throwable> thrown = new CompletableFuture<>();
		run(plan(1, 1, "/a"), Map.of("hanging", (client) -> {
			try {
				this.begun.countDown();
				this.release.await();
			}
			catch (InterruptedException ex) {
				try {
					client.get("/late");
				}
				catch (RuntimeException refused) {
					thrown.complete(refused);
				}
			}
		}), (path, headers, attributes, executor) -> record(path), 1);
		assertThat(thrown.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join())
			.isInstanceOf(CancellationException.class);
		assertThat(output).contains("Unfinished: bean hanging");
		Awaitility.await().atMost(LIMIT).until(() -> warmUpThreads() == 0);
		assertThat(this.requested).isEmpty();
	}

	@Test
	void endOfTheWorkerEndsItAtOnceAndInSilence(CapturedOutput output) {
		CountDownLatch requesting = new CountDownLatch(1);
		CompletableFuture<Void> run = CompletableFuture
			.runAsync(() -> run(plan(1000, 2, "/a"), Map.of(), (path, headers, attributes, executor) -> {
				requesting.countDown();
				this.release.await();
				return 200;
			}, 2));
		Awaitility.await().atMost(LIMIT).until(() -> requesting.getCount() == 0);
		this.ending.set(true);
		assertThat(run).succeedsWithin(LIMIT);
		Awaitility.await().atMost(LIMIT).until(() -> warmUpThreads() == 0);
		assertThat(this.release.getCount()).isOne();
		assertThat(output.getAll()).doesNotContain("arm-up").doesNotContain("Warmed up");
	}

	@Test
	void pathWhoseRequestThrowsIsLeftOutAndTheOthersGoOn(CapturedOutput output) {
		run(plan(3, 1, "/a", "/b"), Map.of(), (path, headers, attributes, executor) -> {
			record(path);
			if (path.equals("/a")) {
				throw new NoClassDefFoundError("com/example/Gone");
			}
			return 200;
		}, 1);
		assertThat(this.requested).containsExactly("/a", "/b", "/b", "/b");
		assertThat(output).containsOnlyOnce(
				"The warm-up skips /a, which has failed: " + "java.lang.NoClassDefFoundError: com/example/Gone");
	}

}
