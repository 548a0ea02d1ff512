package dev.tomcorn.core.shell;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.ApplicationRelease;
import dev.tomcorn.core.arbiter.Death;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.arbiter.ExitCause;
import dev.tomcorn.core.arbiter.FleetHistory;
import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.arbiter.Operation;
import dev.tomcorn.core.arbiter.Problem;
import dev.tomcorn.core.arbiter.ProblemKind;
import dev.tomcorn.core.control.ControlServer;
import dev.tomcorn.core.process.FleetIdentity;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerFigures;
import dev.tomcorn.core.scoreboard.WorkerRecord;
import dev.tomcorn.core.scoreboard.WorkerRecords;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.core.shell.CommandLine.FleetSelector;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Runs the command against a fleet whose arbiter is simulated in this JVM.
 */
@Execution(ExecutionMode.CONCURRENT)
class FleetCommandTests {

	private static final long PID = ProcessHandle.current().pid();

	private static final Duration SILENCE = Duration.ofSeconds(2);

	private static final int STRANGER = 54321;

	private static final OwnApplication SHOP = new OwnApplication("shop", Set.of(),
			FleetCommandTests.class.getClassLoader());

	private static final FleetIdentity SHOP_FLEET = new FleetIdentity("shop", true, "/srv/shop-1.jar",
			"com.example.Shop", 8080, 0);

	@TempDir
	private Path parent;

	private final AtomicReference<Operation> asked = new AtomicReference<>();

	/**
	 * The result of a run of the command.
	 */
	private record Run(int exitCode, String out, String err) {
	}

	private static Run run(String... arguments) {
		return run(SHOP, arguments);
	}

	private static Run run(OwnApplication own, String... arguments) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		ByteArrayOutputStream err = new ByteArrayOutputStream();
		int exitCode = FleetCommand.run(List.of(arguments), () -> own, FleetCommandTests::json,
				new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8));
		return new Run(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
	}

	/**
	 * Write JSON as Spring Boot's writer does, as far as the command's results need it.
	 */
	private static String json(@Nullable Object value) {
		return switch (value) {
			case Map<?, ?> map -> map.entrySet()
				.stream()
				.map((entry) -> json(entry.getKey()) + ":" + json(entry.getValue()))
				.collect(Collectors.joining(",", "{", "}"));
			case List<?> list -> list.stream().map(FleetCommandTests::json).collect(Collectors.joining(",", "[", "]"));
			case null -> "null";
			case Number _, Boolean _ -> value.toString();
			default -> "\"%s\"".formatted(
					value.toString().codePoints().mapToObj(FleetCommandTests::escaped).collect(Collectors.joining()));
		};
	}

	private static String escaped(int character) {
		if (character < ' ') {
			return (character == '\n') ? "\\n" : "\\u%04X".formatted(character);
		}
		return ((character == '"' || character == '\\') ? "\\" : "") + Character.toString(character);
	}

	private Run runHere(String... arguments) {
		return runHere(SHOP, arguments);
	}

	private Run runHere(OwnApplication own, String... arguments) {
		return run(own, Stream.concat(Stream.of(arguments), Stream.of("--run-directory", this.parent.toString()))
			.toArray(String[]::new));
	}

	private Scoreboard fleet(String name, long arbiterPid) throws IOException {
		return fleet(name, arbiterPid, SHOP_FLEET);
	}

	private Scoreboard fleet(String name, long arbiterPid, FleetIdentity identity) throws IOException {
		Path directory = Files.createDirectory(this.parent.resolve("tomcorn-" + name));
		Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
		Scoreboard scoreboard = Scoreboard.create(WorkerIdentity.scoreboard(directory), 4, arbiterPid);
		scoreboard.identify(identity.toBytes());
		scoreboard.publish(3, 2, 0);
		return scoreboard;
	}

	private ControlServer answering(Function<Operation, Answer> answers) throws IOException {
		fleet("1", PID);
		AtomicReference<ControlServer> server = new AtomicReference<>();
		server.set(
				ControlServer.open(WorkerIdentity.controlSocket(this.parent.resolve("tomcorn-1")), "token", (event) -> {
					Event.Requested question = (Event.Requested) event;
					this.asked.set(question.operation());
					server.get().reply(question.requester(), answers.apply(question.operation()));
				}, (folder, age) -> {
				}, (name, text) -> {
				}, (facts, age) -> {
				}));
		return server.get();
	}

	static List<List<String>> wrongUsageIsExplained() {
		return List.of(List.of(), List.of("restart"), List.of("scale"), List.of("scale", "four"),
				List.of("scale", "4", "5"), List.of("status", "--wait"), List.of("status", "--timeout", "5"),
				List.of("reload", "--fast"), List.of("reload", "--timeout"), List.of("reload", "--timeout", "0"),
				List.of("reload", "--timeout", "soon"), List.of("status", "--pid", "-1"),
				List.of("--verbose", "status"), List.of("status", "--json=yes"), List.of("STATUS"),
				List.of("status", "--pid="), List.of("status", "--fleet"));
	}

	@ParameterizedTest
	@MethodSource
	void wrongUsageIsExplained(List<String> arguments) {
		Run run = run(arguments.toArray(String[]::new));
		assertThat(run.exitCode()).isEqualTo(2);
		assertThat(run.out()).isEmpty();
		assertThat(run.err()).contains("Usage: java -Djarmode=tomcorn").doesNotStartWith("Usage");
	}

	@ParameterizedTest
	@ValueSource(strings = { "--help", "-h", "help" })
	void helpIsGivenWhenAskedFor(String option) {
		Run run = run(option);
		assertThat(run.exitCode()).isZero();
		assertThat(run.out()).startsWith("Usage: ");
		Stream.of(Verb.values()).forEach((verb) -> assertThat(run.out()).contains("  " + verb.word() + " "));
	}

	@Test
	void statusAndWorkersNeedNobodyToAnswer() throws IOException {
		Scoreboard scoreboard = fleet("1", PID);
		WorkerSlot ready = scoreboard.claim(1, 0, 7, 3);
		ready.setPid(4711);
		ready.setState(WorkerState.READY);
		ready.requestBegan();
		WorkerSlot silent = scoreboard.claim(0, 1, 8, 3);
		silent.setPid(4712);
		silent.setState(WorkerState.READY);
		await().until(() -> silent.heartbeatAge().compareTo(SILENCE) > 0);
		FleetHistory nothing = FleetReport.ofBytes(new byte[0]).history();
		FleetReport.ReloadReport reload = new FleetReport.ReloadReport(4, FleetReport.ReloadOutcome.FAILED, 1000, 2000,
				"worker 0 did not boot", "No bean");
		FleetReport.DeathReport death = new FleetReport.DeathReport(1, 6, 4710, 3, 4000,
				new Death(ExitCause.CRASH, "crashed (exit code 134)"), "/incidents/1");
		scoreboard.post(
				new FleetReport(false, reload, List.of(new FleetReport.CrashLoop(1, 5, 3000)), List.of(death), nothing)
					.toBytes());
		Run status = whileAlive(ready, "status");
		assertThat(status.exitCode()).as(status.err()).isZero();
		assertThat(status.out()).startsWith("Fleet       shop, port 8080, /srv/shop-1.jar\n")
			.contains("pid " + PID, "generation 3", "2 of 2 ready, 1 SILENT: worker 1", "1 active",
					"to generation 4 FAILED at 1970-01-01 00:00:02Z: worker 0 did not boot", "No bean",
					"worker 1, 5 quick deaths\n", "worker 1 (pid 4710): crashed (exit code 134), kept in /incidents/1");
		assertThat(runHere("status", "--json").out())
			.contains("\"arbiter\":{", "\"fleet\":{", "\"reload\":{", "\"crashLoops\":[{", "\"deaths\":[{")
			.contains("\"application\":{\"name\":\"shop\",\"port\":8080,\"managementPort\":null,"
					+ "\"jar\":\"/srv/shop-1.jar\",\"mainClass\":\"com.example.Shop\"}");
		Run workers = whileAlive(ready, "workers");
		assertThat(workers.out().lines().toList()).hasSize(3)
			.satisfies((lines) -> assertThat(lines.get(1)).contains("4711", "READY"))
			.satisfies((lines) -> assertThat(lines.get(2)).contains("4712", "SILENT"));
		assertThat(whileAlive(ready, "workers", "--json").out()).contains("\"pid\":4711", "\"silent\":true",
				"\"silent\":false", "\"queueTime\":null", "\"restarts\":{}", "\"lastExit\":null");
	}

	@Test
	void statusTellsWhichReleaseRunsAndWhichHasFailed() throws IOException {
		Scoreboard scoreboard = fleet("1", PID);
		FleetReport nothing = FleetReport.ofBytes(new byte[0]);
		assertThat(runHere("status").out()).doesNotContain("Release");
		assertThat(runHere("status", "--json").out()).contains("\"release\":null,\"waitingRelease\":null");
		ApplicationRelease current = new ApplicationRelease("a".repeat(64), "shop-1.jar", 3000);
		ApplicationRelease waiting = new ApplicationRelease("b".repeat(64), "shop-2.jar", 4000);
		scoreboard.post(new FleetReport(false, null, List.of(), List.of(), nothing.history(), List.of(),
				new FleetReport.ReleaseReport(current, waiting))
			.toBytes());
		assertThat(runHere("status").out()).contains(
				"Release     aaaaaaaaaaaa of shop-1.jar, first seen 1970-01-01 00:00:03Z; " + "bbbbbbbbbbbb waits\n");
		String json = runHere("status", "--json").out();
		for (String part : List.of("\"key\":\"aaaaaaaaaaaa\"", "\"jar\":\"shop-1.jar\"",
				"\"firstSeenAt\":\"1970-01-01T00:00:03Z\"")) {
			assertThat(json).containsPattern("\"release\":\\{[^}]*" + part);
		}
		for (String part : List.of("\"key\":\"bbbbbbbbbbbb\"", "\"jar\":\"shop-2.jar\"",
				"\"firstSeenAt\":\"1970-01-01T00:00:04Z\"")) {
			assertThat(json).containsPattern("\"waitingRelease\":\\{[^}]*" + part);
		}
	}

	@Test
	void releaseIsForAReloadOnlyAndHasAKey() {
		assertThat(runHere("scale", "3", "--to", "cebb").err()).contains("scale has no option --to.");
		assertThat(runHere("reload", "--to", "latest").err())
			.contains("--to must be the first digits of the key of a release, not 'latest'.");
	}

	@Test
	void problemsComeFirst() throws IOException {
		Scoreboard scoreboard = fleet("1", PID, SHOP_FLEET.workerClass("gthread").ignoresHup(true));
		WorkerSlot silent = scoreboard.claim(0, 0, 7, 3);
		silent.setPid(4711);
		silent.setState(WorkerState.READY);
		silent.setCapacity(6);
		silent.requestBegan();
		silent.setFigures(new WorkerFigures(17.5, new WorkerFigures.Latency(1, 2, 3, 4), null, 0, 1.5, 0, null,
				new WorkerFigures.OldestRequest(1, "GET", "/stuck", System.nanoTime() - 34_000_000_000L,
						"Orders.list(Orders.java:31)")));
		FleetHistory nothing = FleetReport.ofBytes(new byte[0]).history();
		FleetHistory history = new FleetHistory(
				List.of(new FleetHistory.Entry(5000, FleetHistory.Type.RECYCLING, 1, 4700, 3, "max-requests reached")),
				nothing.deaths(), 1, nothing.reloads(), nothing.boots(), nothing.drains(), nothing.places(), 5);
		scoreboard.post(new FleetReport(false, null, List.of(), List.of(), history, List.of(
				new Problem(ProblemKind.WORKER_STOPPED, 0, 4711, 1000, 0, "Worker 0 is stopped", "T", "Let it go on."),
				new Problem(ProblemKind.DISK_FULL, Problem.FLEET, 0, 1000, 2000, "The disk is full", "", "Make room.")))
			.toBytes());
		await().until(() -> silent.heartbeatAge().compareTo(SILENCE) > 0);
		assertThat(runHere("status").out()).startsWith("""
				PROBLEM     Worker 0 is stopped
				            since 1970-01-01 00:00:01Z, T. Let it go on.
				Over        since 1970-01-01 00:00:02Z: The disk is full
				Fleet       shop, port 8080""")
			.contains("HUP is ignored (nohup)", " 0 failed, 5 lost;", "1 of 2 ready, gthread, 6 places",
					"Recycled    1970-01-01 00:00:05Z worker 1 (pid 4700): max-requests reached");
		assertThat(runHere("status", "--json").out())
			.startsWith("{\"problems\":[{\"kind\":\"WORKER_STOPPED\",\"index\":0")
			.contains("\"ignoresHup\":true", "\"workerClass\":\"gthread\"", "\"capacity\":6", "\"lostRequests\":5",
					"\"recyclings\":[{\"index\":1", "\"standby\":0", "\"recycles\":1", "\"queueTime\":null")
			.doesNotContain("\"workers\":", "\"events\":");
		assertThat(runHere("workers").out().lines().toList().getLast()).contains("SILENT", "GET /stuck", "–")
			.doesNotContain("17.5", "150 %");
		assertThat(runHere("workers", "--json").out()).contains("\"frame\":\"Orders.list(Orders.java:31)\"");
	}

	@Test
	void longRequestsThatAreAlikeAreOneLine() throws IOException {
		Scoreboard scoreboard = fleet("1", PID);
		List<Problem> problems = new ArrayList<>();
		for (int worker = 0; worker < 3; worker++) {
			problems.add(new Problem(ProblemKind.LONG_REQUEST, worker, 4711 + worker, 1000, 0,
					"Worker %d: GET /stuck has run for %d s".formatted(worker, 34 - worker), "", "End it."));
		}
		problems.add(new Problem(ProblemKind.LONG_REQUEST, 3, 4714, 1000, 0, "Worker 3: GET /other has run for 12 s",
				"", "End it."));
		scoreboard.post(
				new FleetReport(false, null, List.of(), List.of(), FleetReport.ofBytes(new byte[0]).history(), problems)
					.toBytes());
		assertThat(runHere("status").out().lines().filter((line) -> line.startsWith("PROBLEM"))).containsExactly(
				"PROBLEM     Worker 0: GET /stuck has run for 34 s; also in workers 1, 2",
				"PROBLEM     Worker 3: GET /other has run for 12 s");
	}

	/**
	 * An arbiter that a signal has stopped cannot report it itself.
	 */
	@Test
	@ResourceLock("children of this process")
	void silenceOfTheArbiterIsAProblemThatWhoLooksFindsOut() throws Exception {
		Process arbiter = new ProcessBuilder("sleep", "60").start();
		try {
			Scoreboard scoreboard = fleet("1", arbiter.pid());
			new ProcessBuilder("kill", "-STOP", Long.toString(arbiter.pid())).start().waitFor();
			await().until(scoreboard::isArbiterSilent);
			assertThat(runHere("status").out())
				.startsWith(
						"PROBLEM     The arbiter (pid %d) has been stopped by a signal since ".formatted(arbiter.pid()))
				.contains("kill -CONT " + arbiter.pid());
			assertThat(runHere("status", "--json").out()).startsWith(
					"{\"problems\":[{\"kind\":\"ARBITER_SILENT\",\"index\":null,\"pid\":%d,".formatted(arbiter.pid()));
		}
		finally {
			arbiter.destroyForcibly().waitFor();
		}
	}

	@Test
	void requestsOfAWorkerThatHangsAreShown() throws IOException {
		Scoreboard scoreboard = fleet("1", PID);
		WorkerRecords records = WorkerRecords.create(WorkerIdentity.records(this.parent.resolve("tomcorn-1")), 4);
		assertThat(runHere("requests").out()).isEqualTo("No request is in flight\n");
		WorkerSlot slot = scoreboard.claim(1, 0, 7, 3);
		slot.setPid(4711);
		slot.setState(WorkerState.READY);
		records.claim(1, 7);
		WorkerRecord record = records.of(1, 7);
		assertThat(record).isNotNull();
		long now = System.nanoTime();
		record.begin(18, "GET", "/quick\u001b[2J", now);
		int slow = record.begin(17, "POST", "/stuck", now - Duration.ofSeconds(34).toNanos());
		record.stack(slow, List.of("StuckController.stuck(StuckController.java:31)"));
		for (int request = 0; request < 5; request++) {
			slot.requestBegan();
		}
		Run run = runHere("requests");
		assertThat(run.exitCode()).isZero();
		List<String> lines = run.out().lines().toList();
		assertThat(lines).hasSize(5);
		assertThat(lines.get(0)).containsSubsequence("WORKER", "PID", "ID", "AGE", "STATE", "REQUEST");
		assertThat(lines.get(1)).matches(" +0 +4711 +17 +3[4-9]\\.\\d s +RUNNING +POST /stuck");
		assertThat(lines.get(2)).isEqualTo("        at StuckController.stuck(StuckController.java:31)");
		assertThat(lines.get(3)).endsWith("GET /quick?[2J");
		assertThat(lines.get(4)).isEqualTo("3 more");
		assertThat(runHere("requests", "--json").out()).contains("\"inFlight\":5", "\"index\":0", "\"id\":17",
				"\"frames\":[\"StuckController.stuck(StuckController.java:31)\"]", "\"state\":\"RUNNING\"");
	}

	/**
	 * Run the command right after a heartbeat, and repeat it if the machine was slow.
	 */
	private Run whileAlive(WorkerSlot worker, String... arguments) {
		Run run;
		do {
			worker.beat();
			run = runHere(arguments);
		}
		while (worker.heartbeatAge().compareTo(SILENCE) > 0);
		return run;
	}

	@Test
	void nothingIsNoFleet() {
		Run run = runHere("status");
		assertThat(run.exitCode()).isEqualTo(3);
		assertThat(run.err()).contains("There is no fleet", this.parent.toString(), "--pid");
	}

	@Test
	@ResourceLock("children of this process")
	void whatIsLeftOfADeadArbiterIsNoFleet() throws Exception {
		Process dead = new ProcessBuilder("true").start();
		assertThat(dead.waitFor(2, TimeUnit.MINUTES)).isTrue();
		fleet("1", dead.pid());
		Run run = runHere("scale", "3", "--json");
		assertThat(run.exitCode()).isEqualTo(3);
		assertThat(run.out()).startsWith("{\"outcome\":\"FAILED\"")
			.contains("(pid %d) has ended".formatted(dead.pid()));
		assertThat(run.err()).isEmpty();
	}

	@Test
	@ResourceLock("children of this process")
	void processThatGotThePidOfADeadArbiterIsNoArbiter() throws Exception {
		Process other = new ProcessBuilder("sleep", "60").start();
		try {
			Path directory = this.parent.resolve("tomcorn-1");
			fleet("1", other.pid());
			assertThat(runHere("status").exitCode()).isZero();
			// The arbiter started in 1970
			try (var channel = FileChannel.open(WorkerIdentity.scoreboard(directory), StandardOpenOption.WRITE)) {
				channel.write(ByteBuffer.allocate(Long.BYTES), 16);
			}
			assertThat(runHere("status").exitCode()).isEqualTo(3);
		}
		finally {
			other.destroyForcibly().waitFor();
		}
	}

	@Test
	void garbageIsNoFleet() throws IOException {
		Path directory = Files.createDirectory(this.parent.resolve("tomcorn-1"));
		Files.write(WorkerIdentity.scoreboard(directory), new byte[4000]);
		Files.createDirectory(this.parent.resolve("tomcorn-2"));
		Files.createFile(this.parent.resolve("tomcorn-3"));
		Run run = runHere("status");
		assertThat(run.exitCode()).isEqualTo(3);
		assertThat(run.err()).contains("not a scoreboard of this version");
	}

	@Test
	@ResourceLock("children of this process")
	void ofSeveralFleetsTheOperatorChooses() throws Exception {
		Process other = new ProcessBuilder("sleep", "60").start();
		try {
			fleet("1", PID);
			fleet("2", other.pid());
			Run run = runHere("stop", "--fast");
			assertThat(run.exitCode()).isEqualTo(3);
			assertThat(run.err()).contains("several fleets", "--pid", Long.toString(PID), Long.toString(other.pid()));
			assertThat(runHere("status", "--pid", Long.toString(PID)).out()).contains("pid " + PID);
			assertThat(run("status", "--run-directory=" + this.parent.resolve("tomcorn-2")).out())
				.contains("pid " + other.pid());
		}
		finally {
			other.destroyForcibly().waitFor();
		}
	}

	@Test
	void fleetIsFoundByThePidOfItsArbiterWhereverItIs() throws Exception {
		Scoreboard scoreboard = fleet("1", PID);
		FleetFinder finder = new FleetFinder(Set.of());
		assertThat(finder.find(new FleetSelector(null, PID, null), () -> SHOP).scoreboard().arbiterPid())
			.isEqualTo(scoreboard.arbiterPid());
		assertThatExceptionOfType(NoFleetException.class)
			.isThrownBy(() -> finder.find(new FleetSelector(null, null, null), () -> SHOP));
		assertThatExceptionOfType(NoFleetException.class)
			.isThrownBy(() -> finder.find(new FleetSelector(null, 1L << 40, null), () -> SHOP))
			.withMessageContaining(Long.toString(1L << 40));
	}

	@Test
	@ResourceLock("children of this process")
	void commandActsOnTheFleetOfItsOwnApplicationOnly() throws Exception {
		Process other = new ProcessBuilder("sleep", "60").start();
		try {
			fleet("1", other.pid(), new FleetIdentity("blog", true, "/srv/blog.jar", "com.example.Blog", 8081, 0));
			for (String verb : List.of("stop", "status", "workers", "reload")) {
				Run run = runHere(verb);
				assertThat(run.exitCode()).as(verb).isEqualTo(3);
				assertThat(run.err()).as(verb)
					.contains("There is no fleet of this application (shop)", "--fleet NAME",
							"\n  blog: pid %d, port 8081, /srv/blog.jar, in ".formatted(other.pid()));
				assertThat(run.out()).isEmpty();
			}
			assertThat(runHere("status", "--fleet", "blog").out()).startsWith("Fleet       blog, ");
			assertThat(runHere("status", "--pid", Long.toString(other.pid())).out()).startsWith("Fleet       blog, ");
			Run run = runHere("status", "--fleet=web");
			assertThat(run.exitCode()).isEqualTo(3);
			assertThat(run.err()).contains("no fleet of the name web", "\n  blog: pid");
			fleet("2", PID);
			assertThat(runHere("status").out()).startsWith("Fleet       shop, ");
		}
		finally {
			other.destroyForcibly().waitFor();
		}
	}

	@Test
	void fleetOfAnOlderArbiterIsOnlyTakenWhereItIsNamed() throws IOException {
		fleet("1", PID, FleetIdentity.UNKNOWN);
		Run run = runHere("stop");
		assertThat(run.exitCode()).isEqualTo(3);
		assertThat(run.err()).contains("\n  unknown: pid %d (its arbiter is of an older version)".formatted(PID));
		assertThat(runHere("status", "--pid", Long.toString(PID)).out()).startsWith("Fleet       unknown (");
		assertThat(runHere("status", "--pid", Long.toString(PID), "--json").out()).contains("\"application\":null");
	}

	@Test
	void nothingThatAFleetSaysMovesTheCursor() throws IOException {
		Scoreboard scoreboard = fleet("1", PID,
				new FleetIdentity("a\u001B[2Jb", true, "/srv/\u001B]0;x\u0007\u202E\n.jar", "c\u009Bd", 8080, 0));
		FleetHistory nothing = FleetReport.ofBytes(new byte[0]).history();
		FleetReport.ReloadReport reload = new FleetReport.ReloadReport(4, FleetReport.ReloadOutcome.FAILED, 1000, 2000,
				"cause \u001B[31m", "first\nsecond \u001B[0m\u202E");
		FleetReport.DeathReport death = new FleetReport.DeathReport(1, 6, 4710, 3, 4000,
				new Death(ExitCause.CRASH, "crashed\r\u0007"), "/incidents/\u2066");
		scoreboard.post(new FleetReport(false, reload, List.of(), List.of(death), nothing).toBytes());
		assertPrintable(runHere("status"), 3);
		Run status = runHere("status", "--fleet", "a\u001B[2Jb");
		assertThat(status.out()).contains("a?[2Jb, port 8080, /srv/?]0;x???.jar", "    first\n    second ?[0m?\n");
		assertPrintable(status, 0);
		Run json = runHere("status", "--fleet", "a?[2Jb", "--json");
		assertPrintable(json, 0);
		assertThat(json.out().lines()).hasSize(1);
		assertThat(json.out()).contains("/incidents/\\u2066");
		assertPrintable(runHere("status\u001B[31m"), 2);
	}

	private static void assertPrintable(Run run, int exitCode) {
		assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
		assertThat(run.out() + run.err()).doesNotContainPattern("[\\p{Cntrl}\u0080-\u009F\u202E\u2066&&[^\\n\\t]]");
	}

	@Test
	void answerOfAnArbiterMovesNoCursor() throws IOException {
		try (ControlServer server = answering(
				(operation) -> new Answer(Answer.Outcome.STARTED, "one\n\u001B[2J\u202Etwo"))) {
			assertThat(server).isNotNull();
			assertThat(runHere("reload").out()).isEqualToNormalizingNewlines("one\n?[2J?two\n");
			assertThat(runHere("reload", "--json").out()).contains("one\\n\\u001B[2J\\u202Etwo");
		}
	}

	@Test
	void directoryThatOthersMayWriteIntoIsNoRunDirectory() throws IOException {
		fleet("1", PID);
		Path directory = this.parent.resolve("tomcorn-1");
		Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwx---"));
		for (Run run : List.of(runHere("stop"), run("stop", "--run-directory", directory.toString()))) {
			assertThat(run.exitCode()).isEqualTo(3);
			assertThat(run.err()).contains("other users may write into it");
		}
	}

	/**
	 * Only root can give files away; the build runs as root in containers.
	 */
	@Test
	void nothingOfAnotherUserIsTaken() throws IOException {
		fleet("1", PID);
		Path directory = this.parent.resolve("tomcorn-1");
		assumeTrue(Files.getAttribute(this.parent, "unix:uid").equals(0), "this is not root");
		Path link = Files.createSymbolicLink(this.parent.resolve("link"), directory);
		assertThat(run("status", "--run-directory", link.toString()).exitCode()).isZero();
		Files.setAttribute(link, "unix:uid", STRANGER, LinkOption.NOFOLLOW_LINKS);
		Run run = run("status", "--run-directory", link.toString());
		assertThat(run.exitCode()).isEqualTo(3);
		assertThat(run.err()).contains(link + " is a link that belongs to user 54321");
		Files.setAttribute(directory, "unix:uid", STRANGER);
		Run named = run("stop", "--run-directory", directory.toString());
		assertThat(named.exitCode()).isEqualTo(3);
		assertThat(named.err()).contains("it belongs to user 54321: run this command as that user");
		assertThat(runHere("stop").err()).as("files of others are not even reported").doesNotContain("54321");
		Files.setAttribute(directory, "unix:uid", 0);
		Files.setAttribute(WorkerIdentity.scoreboard(directory), "unix:uid", STRANGER);
		assertThat(runHere("stop").err()).contains("its scoreboard belongs to user 54321");
	}

	/**
	 * An open file of a process may have any name and any owner.
	 */
	@Test
	@ResourceLock("children of this process")
	void whatAProcessHasOpenIsTakenIfItIsThisUsers() throws Exception {
		fleet("1", PID);
		Path directory = this.parent.resolve("tomcorn-1");
		Path scoreboard = WorkerIdentity.scoreboard(directory);
		Process other = new ProcessBuilder("sh", "-c", "exec sleep 60 9<\"$0\"", scoreboard.toString()).start();
		try {
			try (var channel = FileChannel.open(scoreboard, StandardOpenOption.WRITE)) {
				channel.write(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(0, other.pid()),
						8);
			}
			String pid = Long.toString(other.pid());
			await().until(() -> run("status", "--pid", pid).exitCode() == 0);
			Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
			assertThat(run("stop", "--pid", pid).err()).contains("other users may write into it");
			Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
			assumeTrue(Files.getAttribute(this.parent, "unix:uid").equals(0), "this is not root");
			Files.setAttribute(directory, "unix:uid", STRANGER);
			assertThat(run("stop", "--pid", pid).err()).contains("it belongs to user 54321");
			Files.setAttribute(directory, "unix:uid", 0);
			Files.setAttribute(scoreboard, "unix:uid", STRANGER);
			Run run = run("stop", "--pid", pid);
			assertThat(run.exitCode()).isEqualTo(3);
			assertThat(run.err()).contains("its scoreboard belongs to user 54321");
		}
		finally {
			other.destroyForcibly().waitFor();
		}
	}

	@Test
	@ResourceLock("children of this process")
	void processOfAnotherUserIsNoArbiterOfOurs() throws Exception {
		assumeTrue(Files.getAttribute(this.parent, "unix:uid").equals(0), "this is not root");
		Process other = new ProcessBuilder("setpriv", "--reuid=" + STRANGER, "--clear-groups", "sleep", "60").start();
		try {
			await().until(() -> Files.readString(Path.of("/proc/%d/comm".formatted(other.pid()))).equals("sleep\n"));
			fleet("1", other.pid());
			assertThat(runHere("stop").err())
				.contains("process %d belongs to user 54321: run this command as that user".formatted(other.pid()));
			Run run = run("stop", "--pid", Long.toString(other.pid()));
			assertThat(run.exitCode()).isEqualTo(3);
			assertThat(run.err()).contains("process %d belongs to user 54321".formatted(other.pid()));
		}
		finally {
			other.destroyForcibly().waitFor();
		}
	}

	@Test
	void operationIsAskedForAndItsAnswerTold() throws IOException {
		try (ControlServer server = answering(
				(operation) -> new Answer(Answer.Outcome.STARTED, "As you wish: " + operation))) {
			assertThat(server).isNotNull();
			assertOperation(new Operation.Scale(6, false), "scale", "6");
			assertOperation(new Operation.Reload(false), "reload");
			assertOperation(new Operation.Reload(true), "reload", "--wait");
			assertOperation(new Operation.Reload(true, "cebb64"), "reload", "--wait", "--to", "cebb64");
			assertOperation(new Operation.Recycle(2, false), "recycle", "2");
			assertOperation(new Operation.Recycle(-2, false), "recycle", "-2");
			assertOperation(new Operation.Scale(6, true), "scale", "6", "--wait");
			assertOperation(new Operation.Recycle(2, true), "recycle", "--wait", "2");
			assertOperation(new Operation.Pause(false), "pause");
			assertOperation(new Operation.Pause(true), "pause", "--wait");
			assertOperation(new Operation.Resume(true), "--wait", "resume");
			assertOperation(new Operation.Dump(0), "dump", "0");
			assertThat(runHere("scale", "6", "--json").out()).isEqualToNormalizingNewlines(
					"{\"outcome\":\"STARTED\",\"message\":\"As you wish: Scale[workers=6, awaitEnd=false]\"}\n");
		}
	}

	private void assertOperation(Operation operation, String... arguments) {
		Run run = runHere(arguments);
		assertThat(run.exitCode()).as(run.err()).isZero();
		assertThat(run.out()).isEqualToNormalizingNewlines("As you wish: " + operation + "\n");
		assertThat(run.err()).isEmpty();
		assertThat(this.asked).hasValue(operation);
	}

	@Test
	void refusalIsAFailure() throws IOException {
		try (ControlServer server = answering(
				(operation) -> new Answer(Answer.Outcome.UNKNOWN, "There is no such worker"))) {
			assertThat(server).isNotNull();
			Run run = runHere("recycle", "9");
			assertThat(run).isEqualTo(new Run(1, "", "There is no such worker" + System.lineSeparator()));
			Run json = runHere("recycle", "9", "--json");
			assertThat(json.exitCode()).isEqualTo(1);
			assertThat(json.out()).startsWith("{\"outcome\":\"FAILED\"");
		}
	}

	@Test
	void stopDoesNotWaitForeverForTheEnd() throws IOException {
		try (ControlServer server = answering((operation) -> new Answer(Answer.Outcome.STARTED, "Stopping"))) {
			assertThat(server).isNotNull();
			Run run = runHere("stop", "--timeout", "5");
			assertThat(this.asked).hasValue(new Operation.Stop(false));
			assertThat(run.exitCode()).isEqualTo(1);
			assertThat(run.err()).contains("has not ended within 5 s");
		}
	}

	@Test
	void arbiterThatDoesNotAnswerIsToldWithinTheTimeout() throws IOException {
		fleet("1", PID);
		try (ServerSocketChannel frozen = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			frozen.bind(UnixDomainSocketAddress.of(WorkerIdentity.controlSocket(this.parent.resolve("tomcorn-1"))));
			long start = System.nanoTime();
			Run run = runHere("scale", "3", "--timeout", "1");
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
			assertThat(run.exitCode()).isEqualTo(4);
			assertThat(run.err())
				.contains("The arbiter (pid %d) does not answer: no answer within 1.0 s".formatted(PID));
		}
		assertThat(runHere("scale", "3").exitCode()).isEqualTo(4);
	}

}
