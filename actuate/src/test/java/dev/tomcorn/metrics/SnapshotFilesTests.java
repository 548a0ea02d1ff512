package dev.tomcorn.metrics;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * Tests for {@link SnapshotFiles} with workers that die at any time.
 */
@Execution(ExecutionMode.CONCURRENT)
class SnapshotFilesTests {

	/**
	 * A full disk.
	 */
	private static final Path FULL = Path.of("/dev/full");

	@TempDir
	private Path directory;

	private SnapshotFiles<PrometheusSnapshot> open() {
		return new SnapshotFiles<>(this.directory, new PrometheusFormat());
	}

	private static SnapshotFiles.Stored<PrometheusSnapshot> stored(int index, long age, double value) {
		return new SnapshotFiles.Stored<>(index, age, PrometheusSums.counters(value));
	}

	private static double total(SnapshotFiles.Contents<PrometheusSnapshot> contents) {
		return Stream
			.concat(contents.workers().stream().map(SnapshotFiles.Stored::snapshot),
					contents.retained().values().stream())
			.mapToDouble(SnapshotFilesTests::value)
			.sum();
	}

	private static double value(PrometheusSnapshot snapshot) {
		return snapshot.metrics()
			.stream()
			.flatMap((metric) -> metric.snapshot().getDataPoints().stream())
			.mapToDouble((point) -> ((CounterDataPointSnapshot) point).getValue())
			.sum();
	}

	private List<String> names() throws IOException {
		try (Stream<Path> files = Files.list(this.directory)) {
			return files.map((file) -> file.getFileName().toString()).sorted().toList();
		}
	}

	@Test
	void workersThatAreGoneAreRetainedByTheirPlace() throws IOException {
		SnapshotFiles<PrometheusSnapshot> files = open();
		files.write(stored(0, 1, 10));
		files.write(stored(1, 2, 20));
		files.write(stored(1, 3, 30));
		files.fold(() -> Set.of(1L));
		assertThat(names()).containsExactly("prometheus2-1", "prometheus2.base", "prometheus2.lock");
		SnapshotFiles.Contents<PrometheusSnapshot> contents = open().read(null);
		assertThat(contents.workers()).extracting(SnapshotFiles.Stored::age).containsExactly(1L);
		assertThat(contents.retained()).containsOnlyKeys(1);
		assertThat(value(contents.retained().get(1))).isEqualTo(50);
		files.fold(Set::of);
		assertThat(total(files.read(null))).isEqualTo(60);
	}

	@Test
	void nothingIsLockedWhileAllWorkersLive() throws IOException {
		SnapshotFiles<PrometheusSnapshot> files = open();
		files.write(stored(0, 1, 10));
		files.fold(() -> Set.of(1L));
		assertThat(names()).containsExactly("prometheus2-1");
	}

	@Test
	void whatTheCallerHasJustWrittenIsNotReadBack() throws IOException {
		SnapshotFiles<PrometheusSnapshot> files = open();
		SnapshotFiles.Stored<PrometheusSnapshot> written = stored(0, 1, 10);
		files.write(written);
		files.write(stored(1, 2, 20));
		Files.writeString(this.directory.resolve("prometheus2-1"), "nonsense");
		assertThat(files.read(written).workers()).hasSize(2).contains(written);
		assertThat(total(files.read(written))).isEqualTo(30);
		assertThat(total(files.read(null))).isEqualTo(20);
		files.fold(Set::of);
		assertThat(files.read(written).workers()).as("in the base by now").isEmpty();
	}

	@Test
	void workerThatDiesAfterItHasReplacedTheBaseIsNotCountedTwice() throws IOException {
		SnapshotFiles<PrometheusSnapshot> files = open();
		files.write(stored(0, 1, 10));
		files.write(stored(0, 2, 20));
		// As left by a worker that has folded both and deleted neither
		files.replace(1, Set.of(1L, 2L), Map.of(0, PrometheusSums.counters(30)));
		assertThat(total(files.read(null))).isEqualTo(30);
		files.write(stored(0, 3, 5));
		files.fold(() -> Set.of(4L));
		assertThat(total(files.read(null))).isEqualTo(35);
		assertThat(names()).containsExactly("prometheus2.base", "prometheus2.lock");
	}

	@Test
	void workerThatDiesWhileItWritesLeavesNothingBehind() throws IOException {
		SnapshotFiles<PrometheusSnapshot> files = open();
		files.write(stored(0, 1, 10));
		Files.writeString(this.directory.resolve("prometheus2-1.new"), "half of");
		Files.writeString(this.directory.resolve("prometheus2-2.new"), "half of");
		Files.writeString(this.directory.resolve("prometheus2.base.new"), "half of");
		assertThat(total(files.read(null))).isEqualTo(10);
		files.fold(Set::of);
		assertThat(total(files.read(null))).isEqualTo(10);
		assertThat(names()).containsExactly("prometheus2.base", "prometheus2.lock");
	}

	@Test
	void fileThatMakesNoSenseIsRemovedWithItsWorker() throws IOException {
		SnapshotFiles<PrometheusSnapshot> files = open();
		files.write(stored(0, 1, 10));
		Files.writeString(this.directory.resolve("prometheus2-2"), "nonsense");
		assertThat(total(files.read(null))).isEqualTo(10);
		files.fold(() -> Set.of(1L));
		assertThat(names()).containsExactly("prometheus2-1", "prometheus2.lock");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "short", "nonsense that is long enough for a version and a number" })
	void baseThatMakesNoSenseIsReplaced(String nonsense) throws IOException {
		SnapshotFiles<PrometheusSnapshot> files = open();
		files.write(stored(0, 1, 10));
		files.write(stored(0, 2, 20));
		Files.writeString(this.directory.resolve("prometheus2.base"), nonsense);
		assertThat(total(files.read(null))).isEqualTo(30);
		files.fold(() -> Set.of(1L));
		assertThat(total(open().read(null))).isEqualTo(30);
		assertThat(names()).containsExactly("prometheus2-1", "prometheus2.base", "prometheus2.lock");
	}

	@Test
	void fileThatDoesNotFitIntoTheHeapIsNotRead() throws IOException {
		SnapshotFiles<PrometheusSnapshot> files = open();
		files.write(stored(0, 1, 10));
		for (String name : List.of("prometheus2-2", "prometheus2.base")) {
			// A sparse file
			try (RandomAccessFile file = new RandomAccessFile(this.directory.resolve(name).toFile(), "rw")) {
				file.setLength(1L << 40);
			}
		}
		assertThat(total(files.read(null))).isEqualTo(10);
		files.fold(Set::of);
		assertThat(total(files.read(null))).isEqualTo(10);
		assertThat(names()).containsExactly("prometheus2.base", "prometheus2.lock");
	}

	@Test
	void draftThatTheDiskHasNoRoomForIsRemoved() throws IOException {
		SnapshotFiles<PrometheusSnapshot> files = open();
		files.write(stored(0, 1, 10));
		Path draft = this.directory.resolve("prometheus2-1.new");
		Files.createSymbolicLink(draft, FULL);
		assertThatIOException().isThrownBy(() -> files.write(stored(0, 1, 11)));
		assertThat(draft).doesNotExist();
		assertThat(total(files.read(null))).isEqualTo(10);
	}

	@Test
	void nobodyWaitsForAWorkerThatIsFrozenWhileItFolds() throws IOException {
		SnapshotFiles<PrometheusSnapshot> files = open();
		files.write(stored(0, 1, 10));
		try (FileChannel channel = FileChannel.open(this.directory.resolve("prometheus2.lock"),
				StandardOpenOption.CREATE, StandardOpenOption.WRITE); FileLock lock = channel.lock()) {
			assertThat(lock.isValid()).isTrue();
			files.fold(Set::of);
			assertThat(names()).contains("prometheus2-1").doesNotContain("prometheus2.base");
			assertThat(total(files.read(null))).isEqualTo(10);
		}
		files.fold(Set::of);
		assertThat(names()).containsExactly("prometheus2.base", "prometheus2.lock");
	}

	@Test
	void baseThatIsLongEnoughTakesUpNoNewSeries() throws IOException {
		SnapshotFiles<PrometheusSnapshot> files = new SnapshotFiles<>(this.directory, new PrometheusFormat(), 1);
		files.write(stored(0, 1, 10));
		files.fold(Set::of);
		files.write(stored(0, 2, 20));
		files.write(new SnapshotFiles.Stored<>(0, 3, PrometheusSums.snapshot(PrometheusSums.counter("more", 40))));
		files.fold(Set::of);
		assertThat(total(files.read(null))).isEqualTo(30);
	}

	@Test
	void whatIsReadNeverGoesBackWhileWorkersComeAndGoAndEverybodyFolds() throws Exception {
		Set<Long> living = ConcurrentHashMap.newKeySet();
		AtomicLong ages = new AtomicLong();
		AtomicLong written = new AtomicLong();
		AtomicBoolean stopped = new AtomicBoolean();
		CountDownLatch reading = new CountDownLatch(2);
		List<Callable<Integer>> tasks = new ArrayList<>();
		for (int worker = 0; worker < 3; worker++) {
			int index = worker;
			tasks.add(() -> {
				// Each with files of its own, as if it were another process
				SnapshotFiles<PrometheusSnapshot> files = open();
				assertThat(reading.await(2, TimeUnit.MINUTES)).as("both readers have begun").isTrue();
				for (int life = 0; life < 60; life++) {
					long age = ages.incrementAndGet();
					living.add(age);
					for (int count = 1; count <= 5; count++) {
						files.write(stored(index, age, count));
						written.incrementAndGet();
					}
					living.remove(age);
					files.fold(() -> Set.copyOf(living));
				}
				return 0;
			});
		}
		for (int reader = 0; reader < 2; reader++) {
			tasks.add(() -> {
				SnapshotFiles<PrometheusSnapshot> files = open();
				double before = 0;
				int reads = 0;
				while (!stopped.get()) {
					long least = written.get();
					double total = total(files.read(null));
					assertThat(total).as("read %d", reads).isGreaterThanOrEqualTo(before).isGreaterThanOrEqualTo(least);
					assertThat(total).isLessThanOrEqualTo(written.get() + 3);
					before = total;
					reads++;
					reading.countDown();
				}
				return reads;
			});
		}
		try (ExecutorService executor = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
			List<Future<Integer>> futures = tasks.stream().map(executor::submit).toList();
			try {
				for (Future<Integer> writer : futures.subList(0, 3)) {
					writer.get();
				}
			}
			finally {
				// Otherwise readers and executor never end
				stopped.set(true);
			}
			for (Future<Integer> reader : futures.subList(3, 5)) {
				assertThat(reader.get()).isPositive();
			}
		}
		open().fold(Set::of);
		assertThat(total(open().read(null))).isEqualTo(3 * 60 * 5);
		assertThat(names()).containsExactly("prometheus2.base", "prometheus2.lock");
	}

}
