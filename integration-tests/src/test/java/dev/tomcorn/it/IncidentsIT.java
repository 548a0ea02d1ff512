package dev.tomcorn.it;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.tomcorn.core.arbiter.Problem;
import dev.tomcorn.core.arbiter.ProblemKind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

/**
 * Incidents as an operator meets them: the first sentence of the first command,
 * {@code status}, names the cause of each. Incidents that need the usual time of requests
 * come before those that make requests slow. Incidents that are shown for minutes come
 * last.
 */
@Order(1)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@EnabledIfSystemProperty(named = "chaos.full", matches = "true", disabledReason = "Is for -Dtests.chaos.full=true")
class IncidentsIT {

	private static final int WORKERS = 2;

	private static final int PLACES = 6;

	/**
	 * The problem with the longest threshold needs 30 s.
	 */
	private static final Duration LIMIT = Duration.ofSeconds(100);

	private static final String PROBLEM = "PROBLEM     ";

	/**
	 * A busy machine has these, whatever the test causes.
	 */
	private static final Pattern BUSY_MACHINE = Pattern
		.compile("Other processes of this machine .*|Worker \\d \\(pid \\d+\\) has not answered for .*");

	/**
	 * They are shown for long after, or end by themselves.
	 */
	private static final Set<ProblemKind> LASTING = EnumSet.of(ProblemKind.WORKER_DEATHS, ProblemKind.CRASH_LOOP,
			ProblemKind.OUT_OF_MEMORY, ProblemKind.CPU_TAKEN);

	private static final List<String> table = new ArrayList<>();

	@RegisterExtension
	static final DemoApps apps = new DemoApps();

	@TempDir
	private static Path files;

	private static Path config;

	private static Path hosts;

	private static Path incidents;

	private static Path holdBoot;

	private static boolean limitedDisk;

	private static DemoProcess app;

	private static FleetBoard board;

	private static Shell shell;

	@BeforeAll
	static void startFleet() throws IOException, InterruptedException {
		config = Files.createFile(files.resolve("changed.yml"));
		hosts = files.resolve("hosts");
		answerNames();
		holdBoot = files.resolve("hold-boot");
		incidents = Files.createDirectory(files.resolve("incidents"));
		limitedDisk = run("mount", "-t", "tmpfs", "-o", "size=80m", "tmpfs", incidents.toString());
		Path runDirectory = Files.createDirectory(files.resolve("run"));
		app = apps.start(Launch.faults(WORKERS, "gevent")
			.jvmOptions("-Xmx96m", "-XX:MaxDirectMemorySize=48m", "-XX:-CreateCoredumpOnCrash",
					"-XX:ActiveProcessorCount=2", "-Djdk.virtualThreadScheduler.maxPoolSize=2",
					"-Djdk.net.hosts.file=" + hosts)
			.directory(files)
			.arguments("--tomcorn.worker-connections=" + PLACES / WORKERS, "--tomcorn.run-directory=" + runDirectory,
					"--tomcorn.incidents.directory=" + incidents, "--tomcorn.problems.end-after=1s",
					"--spring.config.additional-location=file:" + config, "--fault.hold-boot=" + holdBoot));
		app.awaitWhole(WORKERS);
		board = FleetBoard.in(runDirectory);
		board.awaitFullStrength();
		shell = Shell.quick(Launch.FAULT_JAR, runDirectory, files);
	}

	@AfterAll
	static void showTable() throws IOException, InterruptedException {
		table.forEach((line) -> Figures.print("incident: %s", line));
		if (limitedDisk) {
			run("umount", "-l", incidents.toString());
		}
	}

	@BeforeEach
	void allIsWell() {
		await("nothing wrong").atMost(DemoProcess.PATIENCE)
			.until(() -> board.problems().stream().map(Problem::kind).allMatch(LASTING::contains));
		board.awaitFullStrength();
	}

	@Test
	@Order(1)
	void requestThatHangs() throws IOException {
		app.load().simultaneous(400, "/whoami").assertAllOk(400);
		Path end = files.resolve("end-of-stuck");
		CompletableFuture<Exchange> stuck = app.load().send("/stuck?until=" + end);
		assertNamed("a request hangs", "Worker \\d: GET /stuck has run for \\d+ s at StuckController\\.java:\\d+; "
				+ "99 of 100 take less than [\\d.]+ m?s");
		assertThat(shell.run("requests").assertExit(0).out()).contains("GET /stuck",
				"at StuckController.stuck(StuckController.java:");
		Files.createFile(end);
		stuck.join();
	}

	@Test
	@Order(2)
	void clientThatReadsSlowly() throws IOException {
		try (Socket socket = HttpConnection.connect(app.port(), DemoProcess.PATIENCE)) {
			OutputStream out = socket.getOutputStream();
			out.write("GET /large?mb=64 HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
			out.flush();
			assertNamed("a client reads slowly",
					"Worker \\d: GET /large has run for \\d+ s at OthersController\\.java:.*");
		}
	}

	/**
	 * The file of hosts is the JVM's name service here. It answers when the test writes.
	 */
	@Test
	@Order(3)
	void slowNameService() throws IOException, InterruptedException {
		Path silent = files.resolve("silent-hosts");
		assumeThat(run("mkfifo", silent.toString())).isTrue();
		Files.move(silent, hosts, StandardCopyOption.REPLACE_EXISTING);
		CompletableFuture<Exchange> lookup = app.load().send("/lookup?host=slow.example");
		assertNamed("DNS is slow", "Worker \\d: GET /lookup has run for \\d+ s at OthersController\\.java:.*");
		Path answering = Files.move(hosts, silent);
		answerNames();
		Files.writeString(answering, "127.0.0.1 slow.example\n");
		lookup.join();
	}

	@Test
	@Order(4)
	void crowd() {
		CompletableFuture<Tally> crowd = CompletableFuture.supplyAsync(() -> app.load().simultaneous(200, "/io?ms=400"),
				Thread::startVirtualThread);
		assertNamed("a crowd comes at once", "All 6 places are busy, \\d+ connections wait about [\\d.]+ m?s, "
				+ "CPU \\d+ %.*: more tomcorn\\.worker-connections would (not )?help.*");
		crowd.join().assertAllOk(200);
	}

	@Test
	@Order(5)
	void slowCalls() {
		try (LoadGenerator.Load load = app.load().start(40, 0, "/io?ms=1000")) {
			assertNamed("slow calls take all places", "All 6 places are busy, \\d+ connections wait about [\\d.]+ s, "
					+ "CPU \\d+ %.*: more tomcorn\\.worker-connections would (not )?help.*");
			load.stop();
		}
	}

	@Test
	@Order(6)
	void workerThatASignalHasStopped() {
		long pid = board.ready().getFirst();
		Processes.freeze(pid);
		try {
			assertNamed("SIGSTOP",
					"Worker \\d \\(pid %d\\) has been stopped by a signal since \\S+Z; it is replaced at \\S+Z"
						.formatted(pid));
		}
		finally {
			Processes.signal("CONT", pid);
		}
	}

	@Test
	@Order(7)
	void carriersThatNativeCodeHolds() {
		app.load().send("/pin?seconds=15").join();
		List<CompletableFuture<Exchange>> waiting = new ArrayList<>();
		for (int i = 0; i < PLACES; i++) {
			waiting.add(app.load().send("/whoami"));
		}
		assertNamed("native code holds all carriers",
				"Worker \\d: 2 of 2 carrier threads are held by PinController\\.java:\\d+ for [\\d.]+ s; "
						+ "\\d+ requests? queues?; it is replaced at \\S+Z");
		waiting.forEach(CompletableFuture::join);
	}

	@Test
	@Order(8)
	void configurationThatDoesNotBoot() throws IOException {
		String sentence = "The reload of \\S+Z to generation \\d failed: .*changed\\.yml:4:12.*"
				+ "server\\.tomcat\\.threads\\.max.*; the old one serves, but ";
		Files.writeString(config, "server:\n  tomcat:\n    threads:\n      max: many\n");
		try {
			shell.run("reload", "--wait").assertExit(1);
			assertNamed("reload of a broken configuration", sentence + "a worker that dies boots what is on disk");
			Processes.signal("KILL", board.ready().getFirst());
			await("a crash loop").atMost(DemoProcess.PATIENCE)
				.until(() -> has(Pattern.compile("Worker \\d died \\d+ times.*")));
			assertNamed("a death after it", sentence + "worker \\d dies again and again");
		}
		finally {
			Files.writeString(config, "");
			shell.run("reload", "--wait").assertExit(0);
		}
	}

	@Test
	@Order(9)
	void fileDescriptorsThatAreGone() throws IOException, InterruptedException {
		String pid = Long.toString(board.ready().getFirst());
		String[] open = Path.of("/proc", pid, "fd").toFile().list();
		assertThat(open).isNotNull();
		assertThat(run("prlimit", "--pid", pid, "--nofile=" + (open.length + 5) + ":")).isTrue();
		assertNamed("no file descriptors",
				"Worker \\d has \\d+ files and connections open, of at most %d(; .*)?".formatted(open.length + 5));
		assertThat(run("prlimit", "--pid", pid, "--nofile=1024:")).isTrue();
	}

	@Test
	@Order(10)
	void fullDisk() throws IOException {
		assumeThat(limitedDisk).as("the right to mount a disk that can be full").isTrue();
		Path filler = incidents.resolve("filler");
		Files.write(filler, new byte[40 * 1024 * 1024]);
		assertNamed("the disk is full",
				"The disk of %s for .* is nearly full: \\d+ MB are free, less than \\d+ MB".formatted(incidents));
		Files.delete(filler);
	}

	@Test
	@Order(11)
	void neighbourThatTakesTheCpu() throws IOException {
		Path end = files.resolve("end-of-held");
		List<Process> neighbours = new ArrayList<>();
		CompletableFuture<Exchange> held = app.load().send("/held?until=" + end);
		try {
			for (int i = 0; i < 4 * Runtime.getRuntime().availableProcessors(); i++) {
				neighbours.add(new ProcessBuilder("sh", "-c", "while :; do :; done").start());
			}
			assertFirst("a neighbour takes the CPU",
					"Other processes of this machine use \\d+ % of the CPU, the fleet \\d+ %, and no CPU is idle",
					(_) -> true);
		}
		finally {
			neighbours.forEach(Process::destroyForcibly);
			Files.createFile(end);
		}
		held.join();
	}

	@Test
	@Order(12)
	void deadlock() throws IOException {
		Files.createFile(holdBoot);
		app.load().send("/deadlock").join();
		assertNamed("deadlock",
				"Worker \\d has a deadlock of 2 threads: deadlock-\\w+, deadlock-\\w+; it is being replaced");
		Files.delete(holdBoot);
	}

	@Test
	@Order(13)
	void poolThatHasNoConnectionLeft() throws IOException {
		Path end = files.resolve("end-of-connections");
		Path runDirectory = Files.createDirectory(files.resolve("sessions"));
		DemoProcess sessions = apps.start(Launch.sessions(1)
			.arguments("--tomcorn.arbiter.enabled=true", "--tomcorn.run-directory=" + runDirectory,
					"--spring.datasource.hikari.maximum-pool-size=1",
					"--spring.datasource.hikari.connection-timeout=240000"));
		sessions.awaitWhole(1);
		List<CompletableFuture<Exchange>> requests = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			requests.add(sessions.load().send("/connection?until=" + end));
		}
		FleetBoard other = FleetBoard.in(runDirectory);
		// By then there is also a request that runs for long
		await("both").atMost(DemoProcess.PATIENCE)
			.until(() -> other.problems()
				.stream()
				.map(Problem::kind)
				.toList()
				.containsAll(List.of(ProblemKind.CONNECTION_POOL, ProblemKind.LONG_REQUEST)));
		assertThat(first(Shell.jar(Launch.SESSION_JAR, runDirectory, files), "the pool of a database is exhausted",
				IncidentsIT::staged))
			.matches("Worker 0: 3 threads wait for a connection of HikariPool-1, which has had none free for \\d+ s: "
					+ "1 of 1 are in use");
		Files.createFile(end);
		requests.forEach(CompletableFuture::join);
	}

	/**
	 * A library between the processes and the kernel changes their clock. Other processes
	 * need the machine's clock.
	 */
	@Test
	@Order(14)
	void clockThatJumps() throws IOException {
		Optional<Path> library = clockLibrary();
		assumeThat(library).as("Debian's package libfaketime").isPresent();
		Path clock = Files.writeString(files.resolve("clock"), "+0");
		Path runDirectory = Files.createDirectory(files.resolve("clock-run"));
		DemoProcess jumping = apps.start(Launch.faults(1, "sync")
			.environment("LD_PRELOAD", library.orElseThrow().toString())
			.environment("FAKETIME_TIMESTAMP_FILE", clock.toString())
			.environment("FAKETIME_NO_CACHE", "1")
			.environment("FAKETIME_DONT_FAKE_MONOTONIC", "1")
			.arguments("--tomcorn.arbiter.enabled=true", "--tomcorn.run-directory=" + runDirectory));
		jumping.awaitWhole(1);
		Files.writeString(clock, "+3600");
		FleetBoard other = FleetBoard.in(runDirectory);
		await("a jump").atMost(DemoProcess.PATIENCE)
			.until(() -> other.problems().stream().anyMatch((problem) -> problem.kind() == ProblemKind.CLOCK_JUMP));
		assertThat(first(Shell.quick(Launch.FAULT_JAR, runDirectory, files), "the clock jumps", IncidentsIT::staged))
			// A jump is over at once, and soon shown as over
			.matches("The clock of the machine jumped forward by (59|60) min, to [\\d:]+Z");
	}

	private static Optional<Path> clockLibrary() throws IOException {
		String named = System.getProperty("faketime.library");
		try (Stream<Path> folders = Files.list(Path.of("/usr/lib"))) {
			return Stream
				.concat(Stream.ofNullable(named).map(Path::of),
						folders.map((folder) -> folder.resolve("faketime/libfaketimeMT.so.1")))
				.filter(Files::exists)
				.findFirst();
		}
	}

	@Test
	@Order(15)
	void directMemoryThatIsFull() {
		app.load().send("/memory/resident?mb=200").join();
		assertNamed("direct memory is full",
				"Worker \\d: 1 request failed with OutOfMemoryError: direct memory, the last GET /memory/resident");
		int index = board.problems()
			.stream()
			.filter((problem) -> problem.kind() == ProblemKind.OUT_OF_MEMORY)
			.findFirst()
			.orElseThrow()
			.worker();
		shell.run("recycle", Integer.toString(index), "--wait").assertExit(0);
	}

	@Test
	@Order(16)
	void applicationThatExits() {
		app.load().send("/exit").join();
		assertNamed("exit code 7",
				died("exit code 7 by DeathController\\.java:\\d+; 1 request was in flight: GET /exit for .*"));
	}

	@Test
	@Order(17)
	void crashInNativeCode() {
		app.load().send("/crash").join();
		assertNamed("crash in native code", died("crash: SIGSEGV .*in DeathController\\.crash.*"));
	}

	@Test
	@Order(18)
	void heapThatIsFull() {
		app.load().send("/memory/exhaust").join();
		assertNamed("the heap is full",
				died("out of memory: Java heap space .*1 request was in flight: GET /memory/exhaust for .*"));
	}

	/**
	 * The second one at an index makes a crash loop, whose sentence also has its cause.
	 */
	private static String died(String cause) {
		return "Worker \\d (\\(pid \\d+\\) died at \\S+Z: |died \\d+ times.*, the last at \\S+Z: )" + cause;
	}

	private static void assertNamed(String incident, String sentence) {
		assertFirst(incident, sentence, IncidentsIT::staged);
	}

	private static void assertFirst(String incident, String sentence, Predicate<String> staged) {
		Pattern pattern = Pattern.compile(sentence);
		await(sentence).atMost(LIMIT).until(() -> has(pattern));
		assertThat(first(shell, incident, staged)).matches(pattern);
	}

	private static boolean has(Pattern sentence) {
		return board.problems().stream().anyMatch((problem) -> sentence.matcher(problem.text()).matches());
	}

	private static boolean staged(String sentence) {
		return !BUSY_MACHINE.matcher(sentence).matches();
	}

	private static String first(Shell where, String incident, Predicate<String> staged) {
		String first = where.run("status")
			.assertExit(0)
			.out()
			.lines()
			.filter((line) -> line.startsWith(PROBLEM))
			.map((line) -> line.substring(PROBLEM.length()))
			.filter(staged)
			.findFirst()
			.orElse("nothing");
		table.add(incident + " | " + first);
		return first;
	}

	private static void answerNames() throws IOException {
		Files.writeString(hosts, "127.0.0.1 localhost %s%n".formatted(InetAddress.getLocalHost().getHostName()));
	}

	private static boolean run(String... command) throws IOException, InterruptedException {
		return new ProcessBuilder(command).redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.DISCARD)
			.start()
			.waitFor() == 0;
	}

}
