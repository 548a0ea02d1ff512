package dev.tomcorn.core.problem;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import dev.tomcorn.core.problem.ControlGroup.Throttling;
import dev.tomcorn.core.problem.FleetFacts.Cpu;
import dev.tomcorn.core.problem.FleetFacts.Disk;
import dev.tomcorn.core.problem.FleetFacts.Level;
import dev.tomcorn.core.problem.FleetFacts.WorkerView;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerRecord;
import dev.tomcorn.core.scoreboard.WorkerRecords;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link FactReader} with a fleet, the kernel's files and real processes.
 */
class FactReaderTests {

	private static final long SECOND = Duration.ofSeconds(1).toNanos();

	@TempDir
	private Path root;

	private final Scoreboard scoreboard = Scoreboard.solo();

	private final ReportedFacts reported = new ReportedFacts();

	private FactReader reader() {
		return reader(WorkerRecords.none());
	}

	private FactReader reader(WorkerRecords records) {
		return new FactReader(this.scoreboard, records, "sync", () -> Duration.ofSeconds(30),
				() -> Duration.ofSeconds(20), this.reported, ProcFiles.ofThisMachine(), new ControlGroup(this.root),
				List::of);
	}

	private void write(String file, String content) throws IOException {
		Path path = this.root.resolve(file);
		Files.createDirectories(path.getParent());
		Files.writeString(path, content);
	}

	@Test
	void workerIsSeenAsItIs() {
		WorkerSlot slot = this.scoreboard.claim(0, 3, 7, 1);
		FactReader reader = reader();
		assertThat(reader.read(1, 1).workers()).as("has no process yet").isEmpty();
		slot.setPid(ProcessHandle.current().pid());
		slot.setState(WorkerState.READY);
		slot.setCapacity(1);
		slot.addBusy(3);
		slot.requestBegan();
		WorkerFacts facts = new WorkerFacts(null, null, "deadlock", 0, "", 0, 0, null);
		this.reported.take(7, facts.toBytes(), 5);
		WorkerView view = reader().read(6, 1).workers().getFirst();
		assertThat(view.index()).isEqualTo(3);
		assertThat(view.stoppedFor()).isZero();
		assertThat(view.running()).isEqualTo(1);
		assertThat(view.waiting()).isEqualTo(2);
		assertThat(view.reported()).isEqualTo(facts);
		assertThat(view.answers()).isTrue();
		assertThat(view.descriptors().used()).isPositive().isLessThan(view.descriptors().limit());
		assertThat(reader().read(5 + 4 * SECOND, 1).workers().getFirst().answers()).as("long ago").isFalse();
	}

	@Test
	void workerThatEndsItselfIsSeenWithWhoseCodeDoesAndSinceWhen() throws IOException {
		WorkerSlot slot = this.scoreboard.claim(0, 3, 7, 1);
		slot.setPid(ProcessHandle.current().pid());
		slot.setState(WorkerState.READY);
		slot.addOpenConnections(2);
		WorkerRecords records = WorkerRecords.create(this.root.resolve("records"), 4);
		records.claim(0, 7);
		WorkerRecord written = records.of(0, 7);
		assertThat(written).isNotNull();
		written.setNote(WorkerRecord.Note.EXIT_CALLER, "A.java:29");
		FactReader reader = reader(records);
		reader.read(SECOND, 1);
		WorkerView ready = reader.read(5 * SECOND, 1).workers().getFirst();
		assertThat(ready.inState()).isEqualTo(Duration.ofSeconds(4));
		assertThat(ready.endsItself()).isFalse();
		assertThat(ready.connections()).isEqualTo(2);
		slot.setState(WorkerState.DRAINING);
		reader.read(6 * SECOND, 1);
		FleetFacts facts = reader.read(8 * SECOND, 1);
		WorkerView draining = facts.workers().getFirst();
		assertThat(draining.inState()).isEqualTo(Duration.ofSeconds(2));
		assertThat(draining.exitCaller()).isEqualTo("A.java:29");
		assertThat(draining.endsItself()).isTrue();
		assertThat(facts.gracefulTimeout()).isEqualTo(Duration.ofSeconds(20));
	}

	/**
	 * A worker's report may arrive after its end.
	 */
	@Test
	void whatWorkersHaveToldIsForgottenWithThem() {
		WorkerSlot slot = this.scoreboard.claim(0, 3, 7, 1);
		slot.setPid(ProcessHandle.current().pid());
		byte[] facts = new WorkerFacts(null, null, "deadlock", 0, "", 0, 0, null).toBytes();
		this.reported.take(6, facts, 5);
		this.reported.take(7, facts, 5);
		reader().read(6, 1);
		assertThat(this.reported.of(6)).isEqualTo(WorkerFacts.NONE);
		assertThat(this.reported.of(7).deadlock()).isEqualTo("deadlock");
	}

	@Test
	void signalThatStopsAProcessIsSeen() throws Exception {
		Process process = new ProcessBuilder("sleep", "600").start();
		try {
			WorkerSlot slot = this.scoreboard.claim(0, 0, 1, 1);
			slot.setPid(process.pid());
			FactReader reader = reader();
			assertThat(reader.read(0, 0).workers().getFirst().stoppedFor()).isZero();
			signal("-STOP", process);
			await().until(() -> ProcFiles.ofThisMachine().isStopped(process.pid()));
			assertThat(reader.read(10 * SECOND, 0).workers().getFirst().stoppedFor()).isPositive();
			assertThat(reader.read(15 * SECOND, 0).workers().getFirst().stoppedFor()).isEqualTo(Duration.ofSeconds(5));
			signal("-CONT", process);
			await().until(() -> !ProcFiles.ofThisMachine().isStopped(process.pid()));
			assertThat(reader.read(20 * SECOND, 0).workers().getFirst().stoppedFor()).isZero();
		}
		finally {
			process.destroyForcibly().waitFor();
		}
	}

	@Test
	void processThatHasEndedIsNoWorkerAnyMore() throws IOException {
		write("7/stat", "7 (java) Z 1 1");
		write("8/stat", "8 (java) S 1 1");
		ProcFiles files = new ProcFiles(this.root);
		assertThat(files.hasEnded(7)).isTrue();
		assertThat(files.hasEnded(8)).isFalse();
	}

	private static void signal(String signal, Process process) throws Exception {
		assertThat(
				new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor(1, TimeUnit.MINUTES))
			.isTrue();
	}

	@Test
	void clockThatIsSetIsSeenOnce() {
		FactReader reader = reader();
		assertThat(reader.read(0, 5_000_000).machine().clockJump()).isZero();
		assertThat(reader.read(SECOND, 5_001_000).machine().clockJump()).isZero();
		assertThat(reader.read(2 * SECOND, 5_062_000).machine().clockJump()).isEqualTo(Duration.ofMinutes(1));
		assertThat(reader.read(3 * SECOND, 5_063_000).machine().clockJump()).isZero();
	}

	@Test
	void memoryOfAControlGroupIsReadWithoutWhatCanBeDropped() throws IOException {
		assertThat(new ControlGroup(this.root).memory()).as("no control group").isEqualTo(Level.UNKNOWN);
		write("proc/self/cgroup", "0::/app\n");
		write("sys/fs/cgroup/app/memory.current", "900\n");
		write("sys/fs/cgroup/app/memory.max", "max\n");
		assertThat(new ControlGroup(this.root).memory()).as("no limit").isEqualTo(Level.UNKNOWN);
		write("sys/fs/cgroup/app/memory.max", "1000\n");
		write("sys/fs/cgroup/app/memory.stat", "anon 700\nactive_file 5\ninactive_file 150\n");
		write("sys/fs/cgroup/app/cpu.stat", "usage_usec 9\nnr_periods 5\nnr_throttled 3\nthrottled_usec 4711\n");
		ControlGroup group = new ControlGroup(this.root);
		assertThat(group.memory()).isEqualTo(new Level(750, 1000));
		assertThat(group.throttling()).isEqualTo(new Throttling(4711, 5, 3));
		write("proc/self/cgroup", "0::/../../other\n");
		write("sys/fs/cgroup/memory.current", "1\n");
		write("sys/fs/cgroup/memory.max", "2\n");
		assertThat(new ControlGroup(this.root).memory()).as("in a container").isEqualTo(new Level(1, 2));
	}

	@Test
	void garbageInTheKernelsFilesIsNothing() throws IOException {
		write("stat", "cpu  x y\n");
		write("7/stat", "7 (a");
		write("7/limits", "Max open files  many\n");
		ProcFiles files = new ProcFiles(this.root);
		assertThat(files.cpu()).isEmpty();
		assertThat(files.isStopped(7)).isFalse();
		assertThat(files.isStopped(8)).isFalse();
		assertThat(files.descriptors(7)).isEqualTo(Level.UNKNOWN);
		write("7/stat", "7 (a) T) T 1 1");
		assertThat(files.isStopped(7)).as("a name with brackets").isTrue();
	}

	@Test
	void cpuIsWhatBecameOfItInTheWindow() {
		CpuWatch watch = new CpuWatch();
		assertThat(watch.sample(0, ticks(0, 0, 0), new Throttling(0, 0, 0))).isEqualTo(Cpu.UNKNOWN);
		Throttling throttling = new Throttling(250_000, 10, 5);
		Cpu cpu = watch.sample(SECOND, ticks(60, 30, 10), throttling);
		assertThat(cpu.busy()).isCloseTo(0.7, Offset.offset(1e-9));
		assertThat(cpu.stolen()).isCloseTo(0.1, Offset.offset(1e-9));
		assertThat(cpu.throttled()).isCloseTo(0.25, Offset.offset(1e-9));
		for (int second = 2; second < 30; second++) {
			cpu = watch.sample(second * SECOND, ticks(60, 30 + 100 * second, 10), throttling);
		}
		assertThat(cpu.busy()).as("idle since").isZero();
		assertThat(watch.sample(30 * SECOND, List.of(), throttling)).isEqualTo(Cpu.UNKNOWN);
		assertThat(ProcFiles.ofThisMachine().cpu()).hasSize(8);
	}

	/**
	 * The kernel sums up the throttled time of all CPUs.
	 */
	@Test
	void timeOfSeveralCpusIsNotTakenForMoreThanThePeriodsInWhichItWas() {
		CpuWatch watch = new CpuWatch();
		watch.sample(0, List.of(), new Throttling(0, 0, 0));
		assertThat(watch.sample(SECOND, List.of(), new Throttling(4_000_000, 10, 2)).throttled()).isCloseTo(0.2,
				Offset.offset(1e-9));
		assertThat(watch.sample(SECOND, List.of(), new Throttling(4_000_000, 0, 0)).throttled()).as("no period")
			.isZero();
	}

	private static List<Long> ticks(long user, long idle, long stolen) {
		return List.of(user, 0L, 0L, idle, 0L, 0L, 0L, stolen);
	}

	@Test
	void roomOfADirectoryThatIsNotThereYetIsThatOfTheOneAbove() {
		assertThat(DiskWatch.sample(Map.of("incidents", this.root.resolve("a/b")))).singleElement()
			.satisfies((disk) -> assertThat(disk.free()).isPositive())
			.extracting(Disk::purpose)
			.isEqualTo("incidents");
	}

}
