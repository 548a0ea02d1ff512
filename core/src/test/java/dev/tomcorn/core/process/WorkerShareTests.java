package dev.tomcorn.core.process;

import java.time.Duration;
import java.util.List;

import dev.tomcorn.core.arbiter.ArbiterSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link WorkerShare} and {@link HeapSize}.
 */
class WorkerShareTests {

	private static final String SERIAL = "-XX:+UseSerialGC";

	private static final String SHRINK = "-XX:-ShrinkHeapInSteps";

	private static final WorkerShare SMALL = new WorkerShare(0.5, 3000, 750, 4);

	private static JvmOptions given(String... options) {
		return new JvmOptions(List.of(options).stream().map(CommandWord::visible).toList(), List.of());
	}

	@Test
	void workerGetsWhatAJvmChoosesForItsPart() {
		assertThat(SMALL.options(given(), 1.5625, true, 25)).containsExactly(SERIAL, SHRINK,
				"-XX:InitialRAMPercentage=0.3906", "-XX:TrimNativeHeapInterval=5000");
		assertThat(SMALL).hasToString("0.5 CPUs and 3000 MB of memory");
	}

	@ParameterizedTest
	@CsvSource({ "2, 1792, 2048, false", "1.9, 8000, 2048, true", "8, 1791, 400, true", "1, 8000, 2049, false" })
	void collectorFollowsCpusMemoryAndHeap(double processors, long memory, long heap, boolean serial) {
		assertThat(new WorkerShare(processors, memory, heap, 2).options(given(), 1.5625, true, 25).contains(SERIAL))
			.isEqualTo(serial);
	}

	@Test
	void onlyWorkerHasTheWholeMachine() {
		assertThat(new WorkerShare(2, 8000, 2000, 1).options(given(), 1.5625, true, 25))
			.containsExactly("-XX:TrimNativeHeapInterval=5000");
	}

	@ParameterizedTest
	@ValueSource(strings = { "-XX:+UseG1GC", "-XX:-UseSerialGC", "-XX:+UseZGC", "-XX:+UseParallelGC",
			"-XX:+UseShenandoahGC", "-XX:MaxGCPauseMillis=50", "-XX:G1HeapRegionSize=4m", "-XX:ZUncommitDelay=10",
			"-XX:ParallelGCThreads=2", "-XX:+AlwaysActAsServerClassMachine", "-XX:InitiatingHeapOccupancyPercent=30",
			"-XX:AOTCache=app.aot", "-XX:SharedArchiveFile=app.jsa" })
	void collectorThatTheUserHasChosenStays(String option) {
		assertThat(SMALL.options(given(option), 1.5625, true, 25)).doesNotContain(SERIAL).hasSize(2);
	}

	@ParameterizedTest
	@ValueSource(strings = { "-Xlog:gc", "-XX:+PrintGC", "-Xmx300m", "-XX:+ZeroTLAB", "-Dcollector=-XX:+UseG1GC",
			"-XX:ActiveProcessorCount=2", "-XX:-AggressiveHeap" })
	void otherOptionsChooseNone(String option) {
		assertThat(SMALL.options(given(option), 1.5625, true, 25)).contains(SERIAL);
	}

	@ParameterizedTest
	@ValueSource(strings = { "-Xms100m", "-XX:InitialHeapSize=1g", "-XX:InitialRAMPercentage=5" })
	void initialHeapThatTheUserHasChosenStays(String option) {
		assertThat(SMALL.options(given(option), 1.5625, true, 25)).containsExactly(SERIAL, SHRINK,
				"-XX:TrimNativeHeapInterval=5000");
	}

	@Test
	void initialHeapOfTheSerialCollectorIsLimited() {
		WorkerShare large = new WorkerShare(0.5, 7000, 1750, 4);
		// 56 MB of 28,000 MB
		assertThat(large.options(given(), 1.5625, true, 25)).contains("-XX:InitialRAMPercentage=0.1999");
		assertThat(large.options(given("-XX:+UseG1GC"), 1.5625, true, 25)).contains("-XX:InitialRAMPercentage=0.3906");
	}

	@Test
	void initialHeapOfTheOnlyWorkerIsLimited() {
		assertThat(new WorkerShare(1, 14000, 2000, 1).options(given(), 1.5625, true, 25))
			.contains("-XX:InitialRAMPercentage=0.3999");
		assertThat(new WorkerShare(1, 2000, 500, 1).options(given(), 1.5625, true, 25))
			.noneMatch((option) -> option.contains("InitialRAM"));
	}

	@Test
	void optionIsGivenToAJvmThatIsKnownToHaveIt() {
		assertThat(SMALL.options(given(), 1.5625, true, 26)).contains(SERIAL).doesNotContain(SHRINK);
	}

	@Test
	void wayOfShrinkingThatTheUserHasChosenStays() {
		assertThat(SMALL.options(given("-XX:+ShrinkHeapInSteps"), 1.5625, true, 25)).contains(SERIAL)
			.doesNotContain(SHRINK);
	}

	@Test
	void aggressiveHeapChoosesCollectorAndHeap() {
		assertThat(SMALL.options(given("-XX:+AggressiveHeap"), 1.5625, true, 25))
			.containsExactly("-XX:TrimNativeHeapInterval=5000");
	}

	@Test
	void initialHeapIsDividedAsTheJvmHasIt() {
		assertThat(SMALL.options(given("-XX:+UseG1GC"), 8, true, 25)).contains("-XX:InitialRAMPercentage=2.0000");
		assertThat(SMALL.options(given(), 0, true, 25)).containsExactly(SERIAL, SHRINK,
				"-XX:TrimNativeHeapInterval=5000");
		assertThat(InitialHeap.percentage()).isBetween(0.0, 100.0);
	}

	@Test
	void nothingIsTrimmedWithoutGlibc() {
		assertThat(SMALL.options(given(), 1.5625, false, 25)).containsExactly(SERIAL, SHRINK,
				"-XX:InitialRAMPercentage=0.3906");
	}

	@Test
	void intervalThatTheUserHasChosenStays() {
		assertThat(SMALL.options(given("-XX:TrimNativeHeapInterval=0"), 1.5625, true, 25)).containsExactly(SERIAL,
				SHRINK, "-XX:InitialRAMPercentage=0.3906");
	}

	@Test
	void machineIsDivided() {
		ArbiterSettings settings = new ArbiterSettings(2, 2, 1, 1, Duration.ZERO, Duration.ZERO, Duration.ZERO,
				Duration.ZERO, Duration.ZERO);
		WorkerShare share = WorkerShare.of(settings, given(), 8L << 30);
		Runtime runtime = Runtime.getRuntime();
		assertThat(share.processors()).isEqualTo(runtime.availableProcessors() / 2.0);
		assertThat(share.heap()).isEqualTo(runtime.maxMemory() / 4 / 1024 / 1024);
		assertThat(share.workers()).isEqualTo(4);
		assertThat(share.memory()).isEqualTo(2048);
		assertThat(WorkerShare.of(settings, given("-Xmx1g", "-Xmx300m"), 8L << 30).heap()).isEqualTo(300);
		assertThat(WorkerShare.of(settings, given("-Xms10m"), 8L << 30).heap())
			.isEqualTo(runtime.maxMemory() / 1024 / 1024);
	}

	@ParameterizedTest
	@CsvSource({ "-Xmx300m, 314572800", "-Xmx2G, 2147483648", "-XX:MaxHeapSize=1048576, 1048576", "-Xmx5k, 5120",
			"-Xmx999999999999999999t, 9223372036854775807", "-Xms300m, -1", "-Xmx, -1", "-Xmx1x, -1" })
	void sizeIsReadAsTheJvmReadsIt(String option, long bytes) {
		assertThat(HeapSize.of(option)).isEqualTo(bytes);
	}

}
