package dev.tomcorn.worker;

import java.io.File;
import java.io.PrintStream;
import java.lang.ref.Reference;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

@Execution(ExecutionMode.CONCURRENT)
class RecycleWatchTests {

	private static final long MEGABYTE = 1024 * 1024;

	private static final RecycleLimits NONE = new RecycleLimits(0, 0, Duration.ZERO, 0, 0);

	private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);

	private final WorkerSlot slot = Scoreboard.solo().claim(0, 0, 1, 1);

	private final List<String> reasons = new ArrayList<>();

	@BeforeEach
	void ready() {
		this.slot.setState(WorkerState.READY);
	}

	private RecycleWatch watch(RecycleLimits limits, long jitter) {
		return new RecycleWatch(limits, jitter, this.slot, this.now::get, this.reasons::add);
	}

	private void handle(int requests) {
		for (int request = 0; request < requests; request++) {
			this.slot.requestBegan();
			this.slot.requestEnded();
		}
	}

	private void resident(long bytes) {
		this.slot.setGauges(0, 0, 0, bytes);
	}

	@Test
	void withoutLimitsAWorkerLivesForever() {
		RecycleWatch watch = watch(NONE, 0);
		handle(10_000);
		resident(Long.MAX_VALUE);
		this.now.addAndGet(Duration.ofDays(300).toNanos());
		for (int collection = 0; collection < 10; collection++) {
			watch.afterCollection(Long.MAX_VALUE);
		}
		watch.check();
		assertThat(this.reasons).isEmpty();
	}

	@Test
	void workerAsksOnceItHasHandledItsRequests() {
		RecycleWatch watch = watch(new RecycleLimits(200, 0, Duration.ZERO, 0, 0), 0);
		handle(199);
		watch.check();
		assertThat(this.reasons).isEmpty();
		handle(4);
		watch.check();
		assertThat(this.reasons).containsExactly("max-requests (200) reached: 203 requests");
	}

	@Test
	void jitterIsAddedToTheRequests() {
		RecycleWatch watch = watch(new RecycleLimits(200, 50, Duration.ZERO, 0, 0), 17);
		handle(216);
		watch.check();
		assertThat(this.reasons).isEmpty();
		handle(1);
		watch.check();
		assertThat(this.reasons).containsExactly("max-requests (200, jitter 17) reached: 217 requests");
	}

	@Test
	void everyWorkerDrawsAJitterOfItsOwnFromZeroToTheMost() {
		Set<String> drawn = new HashSet<>();
		handle(13);
		for (int worker = 0; worker < 500; worker++) {
			RecycleWatch.of(new RecycleLimits(10, 3, Duration.ZERO, 0, 0), this.slot, drawn::add).check();
		}
		assertThat(drawn).containsExactlyInAnyOrder("max-requests (10) reached: 13 requests",
				"max-requests (10, jitter 1) reached: 13 requests", "max-requests (10, jitter 2) reached: 13 requests",
				"max-requests (10, jitter 3) reached: 13 requests");
	}

	@ParameterizedTest
	@CsvSource({ "3600, 1 h", "5400, 90 min", "90, 90 s", "86400, 24 h" })
	void lifetimeCountsFromReady(int seconds, String text) {
		Duration lifetime = Duration.ofSeconds(seconds);
		RecycleWatch watch = watch(new RecycleLimits(0, 0, lifetime, 0, 0), 0);
		this.slot.setState(WorkerState.STANDBY);
		watch.check();
		this.now.addAndGet(2 * lifetime.toNanos());
		this.slot.setState(WorkerState.READY);
		watch.check();
		this.now.addAndGet(lifetime.toNanos() - 1);
		watch.check();
		assertThat(this.reasons).isEmpty();
		this.now.addAndGet(1);
		watch.check();
		assertThat(this.reasons).containsExactly("max-lifetime (" + text + ")");
	}

	@Test
	void residentMemoryAboveTheLimitIsReason() {
		RecycleWatch watch = watch(new RecycleLimits(0, 0, Duration.ZERO, 800 * MEGABYTE, 0), 0);
		watch.check();
		resident(800 * MEGABYTE);
		watch.check();
		assertThat(this.reasons).isEmpty();
		resident(800 * MEGABYTE + 1);
		watch.check();
		assertThat(this.reasons).containsExactly("max-memory: 801 MB resident, limit 800 MB");
	}

	@Test
	void heapAboveTheLimitAfterThreeCollectionsInARowIsReason() {
		RecycleWatch watch = watch(new RecycleLimits(0, 0, Duration.ZERO, 0, 500 * MEGABYTE), 0);
		for (long megabytes : new long[] { 510, 520, 500, 510, 520 }) {
			this.now.addAndGet(Duration.ofSeconds(1).toNanos());
			watch.afterCollection(megabytes * MEGABYTE);
			watch.check();
		}
		assertThat(this.reasons).isEmpty();
		this.now.addAndGet(Duration.ofSeconds(1).toNanos());
		watch.afterCollection(515 * MEGABYTE);
		watch.check();
		assertThat(this.reasons)
			.containsExactly("max-heap-after-gc: 515 MB of heap in use after 3 collections in a row, limit 500 MB");
	}

	@Test
	void collectionsInQuickSuccessionCountAsOne() {
		RecycleWatch watch = watch(new RecycleLimits(0, 0, Duration.ZERO, 0, 500 * MEGABYTE), 0);
		for (int collection = 0; collection < 20; collection++) {
			this.now.addAndGet(Duration.ofMillis(90).toNanos());
			watch.afterCollection(510 * MEGABYTE);
			watch.check();
		}
		assertThat(this.reasons).isEmpty();
	}

	@ParameterizedTest
	@EnumSource(value = WorkerState.class, mode = EnumSource.Mode.EXCLUDE, names = "READY")
	void onlyAReadyWorkerAsks(WorkerState state) {
		RecycleWatch watch = watch(new RecycleLimits(1, 0, Duration.ofSeconds(1), MEGABYTE, MEGABYTE), 0);
		this.slot.setState(state);
		handle(100);
		resident(2 * MEGABYTE);
		this.now.addAndGet(Duration.ofHours(1).toNanos());
		for (int collection = 0; collection < 10; collection++) {
			watch.afterCollection(2 * MEGABYTE);
		}
		watch.check();
		assertThat(this.reasons).isEmpty();
	}

	@Test
	void itAsksOnce() {
		RecycleWatch watch = watch(new RecycleLimits(1, 0, Duration.ofSeconds(1), MEGABYTE, 0), 0);
		for (int check = 0; check < 10; check++) {
			handle(1);
			resident(2 * MEGABYTE);
			this.now.addAndGet(Duration.ofHours(1).toNanos());
			watch.check();
		}
		assertThat(this.reasons).hasSize(1);
	}

	@Test
	void runtimeThatDoesNotTellAboutCollectionsIsSaid() throws Exception {
		String output = outputOf(RuntimeWithoutNotifications.class, "--limit-modules",
				"java.base,java.management,java.logging");
		assertThat(output)
			.containsOnlyOnce(
					"tomcorn.max-heap-after-gc has no effect: this Java runtime lacks the module jdk.management")
			.contains("other limits: max-requests (1) reached: 1 requests");
	}

	@Test
	void heapOfAJvmThatStaysFullIsFoundAndGarbageIsNoReason() throws Exception {
		String output = outputOf(LeakingRuntime.class, "-XX:+UseG1GC", "-Xmx160m");
		assertThat(output).contains("garbage: []")
			.containsPattern("leak: \\[max-heap-after-gc: \\d+ MB of heap in use after \\d+ collections in a row, "
					+ "limit 80 MB]");
	}

	private static String outputOf(Class<?> main, String... jvmOptions) throws Exception {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
						"--enable-native-access=ALL-UNNAMED", "-Xshare:auto", "-XX:TieredStopAtLevel=1"));
		command.addAll(List.of(jvmOptions));
		command.addAll(List.of("-cp",
				classPath(RecycleWatch.class, RecycleWatchTests.class, WorkerSlot.class, LogFactory.class),
				main.getName()));
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(process.waitFor()).as(output).isZero();
		return output;
	}

	private static String classPath(Class<?>... types) throws URISyntaxException {
		List<String> locations = new ArrayList<>();
		for (Class<?> type : types) {
			locations.add(Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
		}
		return String.join(File.pathSeparator, locations);
	}

	static final class RuntimeWithoutNotifications {

		private RuntimeWithoutNotifications() {
		}

		public static void main(String[] args) {
			WorkerSlot slot = Scoreboard.solo().claim(0, 0, 1, 1);
			slot.setState(WorkerState.READY);
			slot.requestBegan();
			slot.requestEnded();
			PrintStream out = System.out;
			RecycleWatch
				.of(new RecycleLimits(1, 0, Duration.ZERO, 0, 1), slot,
						(reason) -> out.println("other limits: " + reason))
				.check();
		}

	}

	/**
	 * Produces garbage, then keeps more than the limit.
	 */
	static final class LeakingRuntime {

		private static final int CHUNK = 64 * 1024;

		private static final Duration LONGEST = Duration.ofMinutes(4);

		private static volatile byte[] sink = new byte[0];

		private LeakingRuntime() {
		}

		public static void main(String[] args) {
			WorkerSlot slot = Scoreboard.solo().claim(0, 0, 1, 1);
			slot.setState(WorkerState.READY);
			List<String> reasons = new ArrayList<>();
			RecycleWatch watch = RecycleWatch.of(new RecycleLimits(0, 0, Duration.ZERO, 0, 80 * MEGABYTE), slot,
					reasons::add);
			for (int megabyte = 0; megabyte < 2000; megabyte++) {
				produceGarbage();
				watch.check();
			}
			PrintStream out = System.out;
			out.println("garbage: " + reasons);
			List<byte[]> leaked = new ArrayList<>();
			for (int chunk = 0; chunk < 100 * MEGABYTE / CHUNK; chunk++) {
				leaked.add(new byte[CHUNK]);
			}
			long end = System.nanoTime() + LONGEST.toNanos();
			while (reasons.isEmpty() && System.nanoTime() < end) {
				produceGarbage();
				watch.check();
			}
			out.println("leak: " + reasons);
			Reference.reachabilityFence(leaked);
		}

		private static void produceGarbage() {
			for (int kilobyte = 0; kilobyte < 1024; kilobyte++) {
				sink = new byte[1024];
			}
		}

	}

}
