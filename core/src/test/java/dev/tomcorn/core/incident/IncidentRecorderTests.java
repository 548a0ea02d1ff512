package dev.tomcorn.core.incident;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import dev.tomcorn.core.arbiter.ArbiterSettings;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@Execution(ExecutionMode.CONCURRENT)
class IncidentRecorderTests {

	private static final Duration LOOK = Duration.ofMillis(20);

	private static final IncidentRecorder.Limits SHORT = new IncidentRecorder.Limits(Duration.ofMillis(20),
			Duration.ofMillis(20), LOOK, Duration.ofHours(1));

	/**
	 * So short that even a healthy disk may be too slow.
	 */
	private static final IncidentRecorder.Limits DISK_MAY_HANG = new IncidentRecorder.Limits(Duration.ofMillis(20),
			Duration.ofMillis(20), LOOK, Duration.ofMillis(100));

	private static final Incident.Fleet FLEET = new Incident.Fleet("Shop", true, "/srv/shop/app.jar", "", 8080,
			Instant.parse("2026-11-23T07:00:00Z"));

	private static final Instant STARTED = Instant.parse("2026-11-23T07:18:39Z");

	private static final long THIS_PROCESS = ProcessHandle.current().pid();

	/**
	 * Larger than any process id.
	 */
	private static final long NO_PROCESS = 1L << 40;

	@TempDir
	private Path directory;

	private final List<String> problems = new CopyOnWriteArrayList<>();

	private final List<Optional<Path>> done = new CopyOnWriteArrayList<>();

	private final CountDownLatch diskHangs = new CountDownLatch(1);

	private final CountDownLatch diskWorksAgain = new CountDownLatch(1);

	private IncidentRecorder recorder;

	private final Set<Thread> before = recorders();

	@BeforeEach
	void open() {
		this.recorder = recorder(this.directory, 20, SHORT);
	}

	@AfterEach
	void close() {
		this.diskWorksAgain.countDown();
		this.recorder.close();
		// It may still write into the directory, which is deleted next
		await().until(() -> this.before.containsAll(recorders()));
	}

	private static Set<Thread> recorders() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().equals("tomcorn-incidents"))
			.collect(Collectors.toSet());
	}

	private IncidentRecorder recorder(Path parent, int maxCount, IncidentRecorder.Limits limits) {
		IncidentSettings settings = new IncidentSettings(parent, maxCount, 1 << 20, false, false);
		return new IncidentRecorder(new IncidentFolders(settings, FLEET.slug(), parent, "user"), FLEET, limits,
				new CrashLogs(List.of(parent), InstantSource.system()), maxCount > 0, this.problems::add);
	}

	private static Incident incident(long pid, boolean alive) {
		return new Incident(2, 12, pid, 3, STARTED, "Heartbeat silent: 30 s", "requests in flight 7", alive);
	}

	@Test
	void startOfAProcessThatHasEndedIsKnownToo() {
		this.recorder.record(incident(NO_PROCESS, false), (folder) -> false, done());
		assertThat(theOnlyAnswer()).isNotNull()
			.satisfies((folder) -> assertThat(folder.resolve("incident.txt")).content()
				.contains("started:     2026-11-23T07:18:39Z", "process:     ended",
						"application: Shop, port 8080, /srv/shop/app.jar, started 2026-11-23T07:00:00Z")
				.doesNotContain("unknown"));
	}

	private Consumer<@Nullable Path> done() {
		return (folder) -> this.done.add(Optional.ofNullable(folder));
	}

	private @Nullable Path theOnlyAnswer() {
		await().until(() -> !this.done.isEmpty());
		assertThat(this.done).hasSize(1);
		return this.done.getFirst().orElse(null);
	}

	@Test
	void deathsOfOneKindAreFoldedIntoOneFolder() throws IOException {
		for (int pid = 1; pid <= 30; pid++) {
			death(pid, "exit code 7 by Job.java:41; %d requests were in flight: GET /%d for 1.0 s".formatted(pid + 1,
					pid));
		}
		death(31, "exit code 8");
		await().until(() -> this.done.size() == 31);
		assertThat(this.done.subList(0, 30)).containsOnly(this.done.getFirst());
		Path folder = this.done.getFirst().orElseThrow();
		assertThat(this.done.getLast()).isNotEqualTo(this.done.getFirst());
		assertThat(this.directory.toFile().list()).hasSize(2);
		assertThat(folder.resolve("incident.txt")).content().contains("pid:         1\n");
		assertThat(folder.resolve("repeated.txt")).content()
			.startsWith("29 more of the same kind, the latest first\n")
			.contains(
					"worker 2, pid 30, age 12, generation 3, started 2026-11-23T07:18:39Z: exit code 7 by Job.java:41")
			.hasLineCount(21);
	}

	private void death(long pid, String cause) {
		this.recorder.record(new Incident(2, 12, pid, 3, STARTED, cause, "", false), (folder) -> false, done());
	}

	@Test
	void folderIsPrivateAndSaysWhatHappened() throws IOException {
		this.recorder.record(incident(THIS_PROCESS, true), (folder) -> {
			this.recorder.answered(12, folder);
			return true;
		}, done());
		Path folder = theOnlyAnswer();
		assertThat(folder).hasParent(this.directory);
		assertThat(folder.getFileName().toString())
			.matches("\\d{8}T\\d{6}\\.\\d{3}Z-shop-worker2-pid" + THIS_PROCESS + "-heartbeat-silent-30-s");
		assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder))).isEqualTo("rwx------");
		assertThat(folder.resolve("incident.txt")).content()
			.contains("Heartbeat silent: 30 s", "worker:      2", "pid:         " + THIS_PROCESS, "age:         12",
					"generation:  3", "started:     2026-11-23T07:18:39Z", "requests in flight 7", "alive",
					"It answered after");
		assertThat(folder).isDirectoryNotContaining("glob:**/outside.txt");
		assertThat(this.problems).isEmpty();
	}

	@Test
	void workerThatAnOperatorAsksAboutIsSeenFromBothSides() {
		Incident requested = new Incident(2, 12, THIS_PROCESS, 3, STARTED, "asked for by an operator", "", true, true);
		this.recorder.record(requested, (folder) -> {
			write(folder.resolve("threads.txt"), 10);
			this.recorder.answered(12, folder);
			return true;
		}, done());
		Path folder = theOnlyAnswer();
		assertThat(folder.getFileName().toString()).endsWith("-asked-for-by-an-operator");
		assertThat(folder.resolve("incident.txt")).content().contains("It answered after");
		assertThat(folder.resolve("threads.txt")).exists();
		assertThat(folder.resolve("outside.txt")).content().contains("State:");
	}

	@Test
	void answerAboutOneFolderIsNoneAboutAnother() {
		this.recorder.close();
		this.recorder = recorder(this.directory, 20,
				new IncidentRecorder.Limits(Duration.ofHours(1), Duration.ofHours(1), LOOK, Duration.ofHours(1)));
		List<Path> folders = new CopyOnWriteArrayList<>();
		this.recorder.record(incident(THIS_PROCESS, true), folders::add, done());
		this.recorder.record(incident(THIS_PROCESS, true), folders::add, done());
		await().until(() -> folders.size() == 2);
		this.recorder.answered(12, folders.getLast());
		assertThat(theOnlyAnswer()).isEqualTo(folders.getLast());
	}

	@Test
	void workerIsAskedForTheFolderThatExists() {
		List<Boolean> existed = new CopyOnWriteArrayList<>();
		this.recorder.record(incident(THIS_PROCESS, true), (folder) -> existed.add(Files.isDirectory(folder)), done());
		theOnlyAnswer();
		assertThat(existed).containsExactly(true);
	}

	@Test
	void silentWorkerIsSeenFromOutside() {
		this.recorder.record(incident(THIS_PROCESS, true), (folder) -> true, done());
		Path folder = theOnlyAnswer();
		assertThat(folder.resolve("outside.txt")).content().contains("State:", "VmRSS:", "tomcorn-inciden");
		assertThat(folder.resolve("incident.txt")).content().contains("It did not answer within");
	}

	@Test
	void workerThatCannotBeAskedIsSeenFromOutsideAtOnce() {
		this.recorder.close();
		this.recorder = recorder(this.directory, 20,
				new IncidentRecorder.Limits(Duration.ofHours(1), Duration.ofHours(1), LOOK, Duration.ofHours(1)));
		this.recorder.record(incident(THIS_PROCESS, true), (folder) -> false, done());
		this.recorder.record(incident(THIS_PROCESS, true), (folder) -> {
			throw new IllegalStateException("broken");
		}, done());
		await().until(() -> this.done.size() == 2);
		assertThat(this.done).allSatisfy((folder) -> assertThat(folder.orElseThrow().resolve("outside.txt")).exists());
	}

	@Test
	void workerThatHasBegunToAnswerGetsTheTimeItNeeds() {
		this.recorder.close();
		this.recorder = recorder(this.directory, 20,
				new IncidentRecorder.Limits(Duration.ofMillis(1), Duration.ofHours(1), LOOK, Duration.ofHours(1)));
		List<Path> folders = new CopyOnWriteArrayList<>();
		this.recorder.record(incident(THIS_PROCESS, true), (folder) -> {
			write(folder.resolve("threads.txt"), 10);
			folders.add(folder);
			return true;
		}, done());
		// A recording that has not begun is finished meanwhile
		this.recorder.record(new Incident(3, 13, THIS_PROCESS, 3, STARTED, "other", "", true), (folder) -> true,
				done());
		Path other = theOnlyAnswer();
		assertThat(other.resolve("outside.txt")).exists();
		this.recorder.answered(12, folders.getFirst());
		await().until(() -> this.done.size() == 2);
		assertThat(this.done.getLast().orElseThrow().resolve("incident.txt")).content().contains("It answered after");
	}

	@Test
	void workerThatEndsMeanwhileIsNotWaitedFor() {
		this.recorder.close();
		this.recorder = recorder(this.directory, 20,
				new IncidentRecorder.Limits(Duration.ofHours(1), Duration.ofHours(1), LOOK, Duration.ofHours(1)));
		this.recorder.record(incident(NO_PROCESS, true), (folder) -> true, done());
		assertThat(theOnlyAnswer().resolve("incident.txt")).content().contains("ended meanwhile");
	}

	@Test
	void workerThatDiedIsNotAskedAndItsCrashLogIsKept() throws IOException {
		Files.writeString(this.directory.resolve("hs_err_pid" + NO_PROCESS + ".log"), "# SIGSEGV");
		List<Path> asked = new CopyOnWriteArrayList<>();
		this.recorder.record(incident(NO_PROCESS, false), asked::add, done());
		Path folder = theOnlyAnswer();
		assertThat(asked).isEmpty();
		assertThat(folder.resolve("incident.txt")).content().contains("ended", "hs_err_pid" + NO_PROCESS + ".log");
		assertThat(folder.resolve("hs_err_pid" + NO_PROCESS + ".log")).hasContent("# SIGSEGV");
	}

	@Test
	void hugeCrashLogIsCut() throws IOException {
		write(this.directory.resolve("hs_err_pid" + NO_PROCESS + ".log"), 5_000_000);
		this.recorder.close();
		IncidentSettings settings = new IncidentSettings(this.directory, 20, 1 << 30, false, false);
		this.recorder = new IncidentRecorder(new IncidentFolders(settings, FLEET.slug(), this.directory, "user"), FLEET,
				SHORT, new CrashLogs(List.of(this.directory), InstantSource.system()), true, this.problems::add);
		this.recorder.record(incident(NO_PROCESS, false), (folder) -> true, done());
		assertThat(theOnlyAnswer().resolve("hs_err_pid" + NO_PROCESS + ".log")).hasSize(4 * 1024 * 1024);
	}

	@Test
	void hangingDiskHoldsNobodyUp() {
		this.recorder.close();
		this.recorder = recorder(this.directory, 20, DISK_MAY_HANG);
		int incidents = hangTheDisk();
		this.recorder.record(incident(THIS_PROCESS, true), (folder) -> true, done());
		await().until(() -> this.done.size() == incidents + 1);
		assertThat(this.done).containsOnly(Optional.empty());
		assertThat(this.problems).hasSize(1).first().asString().contains("the disk may hang");
		this.diskWorksAgain.countDown();
		await().until(() -> {
			int before = this.done.size();
			this.recorder.record(incident(NO_PROCESS, false), (folder) -> false, done());
			await().until(() -> this.done.size() > before);
			return this.done.getLast().isPresent();
		});
	}

	@Test
	void floodIsAnsweredWithoutAFolder() {
		this.recorder.close();
		this.recorder = recorder(this.directory, 20, DISK_MAY_HANG);
		int incidents = hangTheDisk();
		for (int number = 0; number < 2000; number++) {
			this.recorder.record(incident(NO_PROCESS, false), (folder) -> true, done());
		}
		assertThat(this.done).hasSizeGreaterThan(1500).containsOnly(Optional.empty());
		await().until(() -> this.done.size() == incidents + 2000);
		assertThat(this.problems).hasSize(1);
	}

	@Test
	void everyIncidentIsAnsweredOnce() {
		this.recorder.close();
		this.recorder = recorder(this.directory, 20,
				new IncidentRecorder.Limits(Duration.ofHours(1), Duration.ofHours(1), LOOK, Duration.ofHours(1)));
		int incidents = 100;
		for (int number = 0; number < incidents; number++) {
			this.recorder.record(new Incident(number, number, THIS_PROCESS, 1, STARTED, "many", "", false),
					(folder) -> false, done());
		}
		await().until(() -> this.done.size() == incidents);
		assertThat(this.done).doesNotContain(Optional.empty());
		assertThat(this.directory.toFile().list()).hasSizeBetween(1, 20);
	}

	@Test
	void allWorkersThatFreezeAtOnceAreWaitedForTogether() {
		List<Long> ages = new CopyOnWriteArrayList<>();
		this.recorder.close();
		this.recorder = recorder(this.directory, 20,
				new IncidentRecorder.Limits(Duration.ofHours(1), Duration.ofHours(1), LOOK, Duration.ofHours(1)));
		for (long age = 0; age < 10; age++) {
			long thisAge = age;
			this.recorder.record(new Incident(1, age, THIS_PROCESS, 1, STARTED, "x", "", true),
					(folder) -> ages.add(thisAge), done());
		}
		await().until(() -> ages.size() == 10);
	}

	@Test
	void workerThatIsLookedAtFromOutsideHoldsUpNoOther() {
		this.recorder.close();
		this.recorder = recorder(this.directory, 20, new IncidentRecorder.Limits(Duration.ofMillis(20),
				Duration.ofMillis(20), Duration.ofHours(1), Duration.ofHours(1)));
		List<Path> asked = new CopyOnWriteArrayList<>();
		for (int number = 0; number < 3; number++) {
			this.recorder.record(incident(THIS_PROCESS, true), (folder) -> {
				asked.add(folder);
				return false;
			}, done());
		}
		await().until(() -> asked.size() == 3);
		this.recorder.record(incident(NO_PROCESS, false), (folder) -> false, done());
		assertThat(theOnlyAnswer().resolve("incident.txt")).content().contains("ended");
	}

	@Test
	void nothingIsWrittenWhereNoneIsWanted() {
		this.recorder.close();
		this.recorder = recorder(this.directory, 0, SHORT);
		this.recorder.record(incident(THIS_PROCESS, true), (folder) -> true, done());
		assertThat(this.done).containsExactly(Optional.empty());
		assertThat(this.directory).isEmptyDirectory();
	}

	@Test
	void directoryThatCannotBeIsReportedOnce() throws IOException {
		Path file = Files.createFile(this.directory.resolve("file"));
		this.recorder.close();
		this.recorder = recorder(file, 20, SHORT);
		for (int number = 0; number < 5; number++) {
			this.recorder.record(incident(THIS_PROCESS, true), (folder) -> true, done());
		}
		await().until(() -> this.done.size() == 5);
		assertThat(this.done).containsOnly(Optional.empty());
		assertThat(this.problems).hasSize(1).first().asString().contains(file.toString());
	}

	@Test
	void fullDiskIsReportedAndAnswered() {
		// Every write to it fails for lack of space
		Path full = Path.of("/dev/full");
		this.recorder.close();
		this.recorder = recorder(full, 20, SHORT);
		this.recorder.record(incident(THIS_PROCESS, true), (folder) -> true, done());
		assertThat(theOnlyAnswer()).isNull();
		assertThat(this.problems).hasSize(1);
	}

	@Test
	void whatIsUnderWayIsAnsweredAtTheEnd() {
		this.recorder.close();
		this.recorder = recorder(this.directory, 20,
				new IncidentRecorder.Limits(Duration.ofHours(1), Duration.ofHours(1), LOOK, Duration.ofHours(1)));
		List<Path> asked = new CopyOnWriteArrayList<>();
		this.recorder.record(incident(THIS_PROCESS, true), asked::add, done());
		await().until(() -> !asked.isEmpty());
		this.recorder.record(incident(THIS_PROCESS, true), (folder) -> hang(), done());
		this.recorder.close();
		await().until(() -> this.done.size() == 2);
		this.recorder.record(incident(THIS_PROCESS, true), (folder) -> true, done());
		await().until(() -> this.done.size() == 3);
	}

	@Test
	void everyoneIsAnsweredWhereverTheEndFindsIt() {
		for (int round = 1; round <= 300; round++) {
			this.recorder.close();
			this.recorder = recorder(this.directory, 20,
					new IncidentRecorder.Limits(Duration.ofHours(1), Duration.ofHours(1), LOOK, Duration.ofHours(1)));
			this.recorder.record(incident(THIS_PROCESS, true), (folder) -> true, done());
			for (int spins = round * 100; spins > 0; spins--) {
				Thread.onSpinWait();
			}
			this.recorder.close();
			int answers = round;
			await().until(() -> this.done.size() == answers);
		}
	}

	@Test
	void answersOfNobodyAreIgnored() {
		for (long age = 0; age < 10_000; age++) {
			this.recorder.answered(age, this.directory);
		}
		this.recorder.record(incident(THIS_PROCESS, true), (folder) -> true, done());
		assertThat(theOnlyAnswer().resolve("outside.txt")).exists();
	}

	@Test
	void callerThatFailsDoesNotEndTheRecorder() {
		List<Path> before = new ArrayList<>();
		this.recorder.record(incident(THIS_PROCESS, true), (folder) -> false, (folder) -> {
			before.add(folder);
			throw new IllegalStateException("broken");
		});
		this.recorder.record(incident(THIS_PROCESS, true), (folder) -> false, done());
		assertThat(theOnlyAnswer()).exists();
		assertThat(before).hasSize(1);
	}

	@Test
	void workersGetTheTimeThatTheirDumpsTake() {
		assertThat(limits(false, false).answer()).isEqualTo(Duration.ofSeconds(3));
		assertThat(limits(false, true).answer()).isEqualTo(Duration.ofSeconds(5));
		assertThat(limits(true, true).answer()).isEqualTo(Duration.ofSeconds(60));
		// The arbiter gives up after 10 s
		assertThat(limits(false, true).total()).isLessThan(ArbiterSettings.RECORD_LIMIT);
		assertThat(limits(true, true).begin()).isEqualTo(Duration.ofSeconds(3));
	}

	private static IncidentRecorder.Limits limits(boolean heapDump, boolean flightRecording) {
		return IncidentRecorder.Limits.of(new IncidentSettings(null, 1, 1, heapDump, flightRecording));
	}

	/**
	 * Record incidents until one hangs. A recording that waits too long before that is
	 * given up.
	 * @return how many incidents it took
	 */
	private int hangTheDisk() {
		AtomicInteger incidents = new AtomicInteger();
		await().until(() -> {
			if (this.diskHangs.getCount() > 0 && this.done.size() == incidents.get()) {
				incidents.incrementAndGet();
				this.recorder.record(incident(THIS_PROCESS, true), (folder) -> hang(), done());
			}
			return this.diskHangs.getCount() == 0;
		});
		return incidents.get();
	}

	private boolean hang() {
		this.diskHangs.countDown();
		try {
			this.diskWorksAgain.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		return false;
	}

	private static void write(Path file, int size) {
		try {
			Files.write(file, new byte[size]);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
