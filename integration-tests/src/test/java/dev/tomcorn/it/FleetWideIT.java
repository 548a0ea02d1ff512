package dev.tomcorn.it;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.tomcorn.core.process.LockFile;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.scoreboard.SharedFile;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

/**
 * Parts that a fleet has once for all its workers: a management port, the levels of
 * loggers, the leader with its job, and a warning.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Order(1)
class FleetWideIT {

	private static final int WORKERS = 2;

	private static final int QUESTIONS = 12;

	/**
	 * Of a monitor between two steps.
	 */
	private static final int ANSWERS = 6;

	private static final int PERIOD_MILLIS = 200;

	private static final int RUNS = 8;

	/**
	 * Longer than a test needs to see the effect of a frozen worker on the others. A
	 * worker that stays frozen is killed then.
	 */
	private static final Duration TIMEOUT = Duration.ofSeconds(40);

	private static final String LOGGER = "/actuator/loggers/com.example.fleet";

	@RegisterExtension
	static final DemoApps APPS = new DemoApps();

	private static final Set<Long> leaders = new TreeSet<>();

	private static final List<String> pauses = new ArrayList<>();

	private static DemoProcess app;

	private static ManagementClient management;

	private static JobDiary diary;

	private static Path runDirectory;

	private static Path abandoned;

	private final List<HeldRequest> held = new ArrayList<>();

	@BeforeAll
	static void start(@TempDir Path directory) throws IOException {
		diary = new JobDiary(directory.resolve("diary"));
		runDirectory = directory.resolve("run");
		abandoned = Files.createDirectories(runDirectory.resolve("tomcorn-1"));
		LockFile.create(abandoned).close();
		app = APPS.start(Launch.faults(WORKERS, "sync")
			.arguments("--fault.warm-up=300ms", "--tomcorn.warm-up.paths=/io?ms=1", "--tomcorn.warm-up.requests=3",
					"--management.server.port=0", "--management.endpoints.web.exposure.include=*",
					"--management.endpoint.health.show-details=always", "--management.endpoint.env.show-values=always",
					"--management.endpoint.heapdump.access=unrestricted", "--tomcorn.scheduling=leader",
					"--fault.job=" + directory.resolve("diary"), "--fault.job-period=" + PERIOD_MILLIS,
					"--tomcorn.run-directory=" + runDirectory, "--tomcorn.timeout=" + TIMEOUT.toSeconds() + "s",
					// Longer than requests are held
					"--tomcorn.graceful-timeout=" + DemoProcess.PATIENCE.toSeconds() + "s", HeldRequest.PATIENCE));
		management = ManagementClient.of(app);
		awaitWhole();
	}

	private static ConditionFactory waiting(String what) {
		return await(what).atMost(DemoProcess.PATIENCE).pollInterval(DemoProcess.FLEET_INTERVAL);
	}

	private static Fleet awaitWhole() {
		return waiting("the fleet").ignoreExceptions().until(management::fleet, (fleet) -> fleet.whole(WORKERS));
	}

	@Test
	@Order(1)
	void answersWhileEveryRequestThreadIsTaken() throws IOException {
		// Half of them wait for the others first
		occupy(2 * WORKERS);
		assertAnswers("/actuator/health");
		assertAnswers("/actuator/workers");
		assertThat(management.fleet().workers()).allMatch((worker) -> worker.activeRequests() == 1);
		assertHeldAreAnswered();
	}

	private void occupy(int requests) throws IOException {
		for (int i = 0; i < requests; i++) {
			this.held.add(HeldRequest.send(app.port()));
		}
		waiting("all workers busy").until(management::fleet,
				(fleet) -> fleet.workers().stream().allMatch((worker) -> worker.activeRequests() == 1));
	}

	/**
	 * A test that fails must not leave the workers busy for the next one.
	 */
	@AfterEach
	void leaveNobodyBusy() {
		this.held.forEach(HeldRequest::close);
	}

	private void assertHeldAreAnswered() throws IOException {
		for (HeldRequest request : this.held) {
			request.release();
		}
		assertThat(this.held).extracting(HeldRequest::answer).allMatch(Exchange::ok);
	}

	/**
	 * Each on a connection of its own, which any worker may take.
	 */
	private static void assertAnswers(String path) throws IOException {
		for (int i = 0; i < QUESTIONS; i++) {
			assertThat(management.get(path).status()).as(path).isEqualTo(200);
		}
	}

	@Test
	@Order(2)
	void frozenWorkerKeepsNobodyWaiting() throws IOException {
		long frozen = awaitWhole().worker(0).pid();
		Processes.freeze(frozen);
		try {
			assertAnswers("/actuator/health");
			waiting("silence of the frozen worker").until(() -> management.get("/actuator/info?worker=0").status(),
					(status) -> status == 503);
			assertThat(management.get("/actuator/info?worker=0").body()).contains("Worker 0 (pid " + frozen + ")",
					"shows no sign of life");
			assertThat(management.get("/actuator/health").body()).contains("DEGRADED", "\"ready\":1", "\"target\":2");
			assertThat(management.get("/actuator/health/readiness").status()).isEqualTo(200);
			assertThat(management.get("/actuator/health/liveness").status()).isEqualTo(200);
			assertAnswers("/actuator/workers");
			assertProblemOf(frozen);
			assertThat(Processes.isStopped(frozen)).as("all that was answered while a worker was frozen").isTrue();
		}
		finally {
			Processes.signal("CONT", frozen);
		}
		waiting("health of the whole fleet").until(() -> management.get("/actuator/health").body(),
				(body) -> body.contains("\"ready\":2") && !body.contains("DEGRADED"));
		app.awaitLine("Problem over after ");
		assertThat(management.get("/actuator/workers").body()).contains("\"kind\":\"WORKER_STOPPED\"")
			.doesNotContain("\"endedAt\":null,\"text\":\"Worker 0 (pid " + frozen + ") has been stopped");
	}

	/**
	 * The same sentence everywhere.
	 */
	private static void assertProblemOf(long frozen) throws IOException {
		String sentence = "Worker 0 (pid %d) has been stopped by a signal since ".formatted(frozen);
		waiting("the problem").until(() -> management.get("/actuator/workers").body(),
				(body) -> body.contains("\"endedAt\":null,\"text\":\"" + sentence));
		Figures.print("%s", app.awaitLine(Pattern.quote("Problem: " + sentence) + ".*").group());
		assertThat(management.get("/actuator/metrics/tomcorn.problems?tag=kind:worker_stopped").body())
			.contains("\"value\":1.0");
	}

	@Test
	@Order(3)
	void givenWorkerIsReachedFromAnyOther() throws IOException {
		for (int index = 0; index < WORKERS; index++) {
			String mark = "\"value\":\"\\d+,%d,\\d+,\\d+\"".formatted(index);
			for (int i = 0; i < QUESTIONS; i++) {
				assertThat(management.get("/actuator/env/TOMCORN_WORKER?worker=" + index).body()).containsPattern(mark);
			}
		}
		// Also if values are always shown, and in the processes that the application
		// starts
		assertThat(management.get("/actuator/env").body()).contains("TOMCORN_WORKER")
			.doesNotContain("TOMCORN_TOKEN", "TOMCORN_REPLACES");
		assertThat(management.get("/actuator/health?worker=7").status()).isEqualTo(404);
		assertThat(management.get("/actuator/health?worker=7").body())
			.contains("There is no worker 7, there are [0, 1]");
		assertThat(management.get("/actuator/health?worker=-1").status()).isEqualTo(400);
		assertThat(management.get("/actuator/health?worker=0&worker=1").status()).isEqualTo(400);
		for (int i = 0; i < WORKERS; i++) {
			assertHeapDump("/actuator/heapdump?worker=" + i);
		}
	}

	private static void assertHeapDump(String path) throws IOException {
		try (Socket socket = HttpConnection.connect(management.port(), DemoProcess.PATIENCE)) {
			socket.getOutputStream()
				.write(HttpConnection.request("GET", path, "Connection: close").getBytes(StandardCharsets.US_ASCII));
			byte[] answer = socket.getInputStream().readAllBytes();
			String begin = new String(answer, 0, 2000, StandardCharsets.ISO_8859_1);
			Figures.print("%s: %d MB", path, answer.length >> 20);
			assertThat(begin).startsWith("HTTP/1.1 200").contains("JAVA PROFILE 1.0.");
			assertThat(answer.length).isGreaterThan(1_000_000);
		}
	}

	@Test
	@Order(4)
	void levelOfALoggerReachesAllWorkers() throws IOException {
		setLevel("", "\"DEBUG\"");
		awaitLevel(0, "DEBUG");
		awaitLevel(1, "DEBUG");
		setLevel("?worker=1", "\"ERROR\"");
		assertThat(management.get(LOGGER + "?worker=1").body()).contains("\"configuredLevel\":\"ERROR\"");
		assertThat(management.get(LOGGER + "?worker=0").body()).contains("\"configuredLevel\":\"DEBUG\"");
		setLevel("", "null");
		awaitLevel(0, null);
		awaitLevel(1, null);
	}

	private static void setLevel(String worker, String level) throws IOException {
		assertThat(management.post(LOGGER + worker, "{\"configuredLevel\":%s}".formatted(level)).status())
			.isEqualTo(204);
	}

	private static void awaitLevel(int worker, @Nullable String level) {
		waiting("level of the logger").until(() -> management.get(LOGGER + "?worker=" + worker).body(),
				(body) -> (level != null) ? body.contains("\"configuredLevel\":\"" + level + "\"")
						: !body.contains("\"configuredLevel\":\""));
	}

	/**
	 * Like a service that cleans up shared memory or temporary files. All later steps
	 * need the content of the directory.
	 */
	@Test
	@Order(5)
	void nobodyShortensTheScoreboardAndRunDirectoryThatIsRemovedIsMadeAnew() throws IOException {
		waiting("removal of what others had left behind").until(() -> Files.notExists(abandoned));
		try (Stream<Path> fleets = Files.list(runDirectory)) {
			Path scoreboard = WorkerIdentity.scoreboard(fleets.findFirst().orElseThrow());
			assertThatIOException().isThrownBy(() -> Files.write(scoreboard, new byte[0]));
		}
		awaitWhole();
		try (Stream<Path> files = Files.walk(runDirectory)) {
			for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
				Files.deleteIfExists(file);
			}
		}
		app.awaitLine("The run directory \\S+ was removed and is restored");
		waiting("a level for all workers")
			.until(() -> management.post(LOGGER, "{\"configuredLevel\":\"DEBUG\"}").status() == 204);
		awaitLevel(0, "DEBUG");
		awaitLevel(1, "DEBUG");
		assertAnswers("/actuator/metrics/tomcorn.requests.handled");
		try (Stream<Path> fleets = Files.list(runDirectory)) {
			assertThat(Files.getPosixFilePermissions(fleets.findFirst().orElseThrow()))
				.isEqualTo(PosixFilePermissions.fromString("rwx------"));
		}
		assertThat(FleetBoard.in(runDirectory).ready()).hasSize(WORKERS);
	}

	/**
	 * Until its death it leads, also while it is frozen.
	 */
	@Test
	@Order(6)
	void deathOfTheLeaderLeavesNoGapAndItsSuccessorKnowsWhatTheFleetKnows() throws IOException {
		awaitWhole();
		waiting("a session in every worker").until(() -> sessions().size() == WORKERS);
		setLevel("", "\"DEBUG\"");
		long leader = diary.awaitRuns(RUNS, Set.of());
		leaders.add(leader);
		int index = index(leader);
		List<Path> temporary = temporaryDirectories(leader);
		setLevel("?worker=" + index, "\"ERROR\"");
		try (ManagementClient.Poll kept = management.poll("/actuator/health/readiness", true);
				ManagementClient.Poll fresh = management.poll("/actuator/health/readiness", false)) {
			awaitAnswers(kept, fresh);
			Processes.freeze(leader);
			waiting("silence of the frozen leader")
				.until(() -> management.get("/actuator/info?worker=" + index).status(), (status) -> status == 503);
			assertThat(diary.pids("job begin")).as("processes that ran the job").isEqualTo(leaders);
			Processes.signal("KILL", leader);
			awaitNextLeader("killed", leader, Set.of(leader));
			awaitWholeWithout(leader);
			awaitAnswers(kept, fresh);
			Figures.print("monitors through a kill -9: kept connections %s; new connections %s", kept, fresh);
			// The requests in flight in the killed worker
			assertThat(kept.failures()).hasSizeLessThanOrEqualTo(1);
			assertThat(fresh.failures()).hasSizeLessThanOrEqualTo(1);
			assertThat(Stream.concat(kept.failures().stream(), fresh.failures().stream()))
				.noneMatch((failure) -> failure.contains("refused"));
		}
		assertThat(diary.pids("job begin")).as("processes that ran the job").isEqualTo(leaders);
		assertThat(diary.pids("only leader")).as("processes that ran what only leaders do").isEqualTo(leaders);
		assertThat(diary.pids("once here")).as("processes that ran the one-time job").isEqualTo(leaders);
		assertThat(diary.lines().stream().filter((line) -> line.what().equals("once here"))).hasSameSizeAs(leaders);
		assertThat(temporary).as("of the application and of the management port").hasSize(2);
		waiting("removal of its temporary directories").until(() -> temporary.stream().allMatch(Files::notExists));
		// The level of one worker is lost with it
		assertThat(management.get(LOGGER + "?worker=" + index).body()).contains("\"configuredLevel\":\"DEBUG\"");
		// It does not see the others
		long successor = awaitWhole().worker(index).pid();
		waiting("a session in the new worker, too").until(() -> sessions().contains(successor));
		assertThat(app.lines("HTTP session was created")).hasSize(1)
			.allMatch((line) -> line.contains("Spring Session") && line.contains(" WARN "));
	}

	/**
	 * Return the directories that Boot has created for Tomcat, in which a worker holds a
	 * file open.
	 */
	private static List<Path> temporaryDirectories(long pid) throws IOException {
		List<Path> directories = new ArrayList<>();
		try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
			for (Path descriptor : descriptors) {
				Path file = openFile(descriptor);
				Path directory = file.getParent();
				if (directory != null && file.endsWith(LockFile.NAME)
						&& directory.getFileName().toString().startsWith("tomcat.")) {
					directories.add(directory);
				}
			}
		}
		return directories;
	}

	private static Path openFile(Path descriptor) throws IOException {
		try {
			return SharedFile.nameOf(descriptor);
		}
		catch (NoSuchFileException ex) {
			// Closed meanwhile
			return descriptor;
		}
	}

	private static Set<Long> sessions() {
		return app.load().simultaneous(4 * WORKERS, "/session").byPid().keySet();
	}

	private static int index(long pid) {
		return management.fleet()
			.workers()
			.stream()
			.filter((worker) -> worker.pid() == pid)
			.findFirst()
			.orElseThrow()
			.index();
	}

	/**
	 * Wait until there is a worker that can lead next.
	 */
	private static void awaitWholeWithout(long pid) {
		waiting("a replacement").ignoreExceptions()
			.until(management::fleet, (fleet) -> fleet.whole(WORKERS) && !fleet.pids().contains(pid));
	}

	/**
	 * Wait for runs in a process that is none of those before.
	 */
	private static long awaitNextLeader(String how, long leader, Set<Long> before) {
		long next = diary.awaitRuns(RUNS, before);
		leaders.add(next);
		pauses.add("%s %d ms".formatted(how, diary.pause(leader, next).toMillis()));
		return next;
	}

	@Test
	@Order(7)
	void reloadLeavesNoGapAndLevelsReachTheNewWorkers() throws IOException {
		Set<Long> before = awaitWhole().pids();
		setLevel("", "\"TRACE\"");
		long leader = diary.awaitRuns(RUNS, Set.of());
		try (ManagementClient.Poll kept = management.poll("/actuator/health/readiness", true);
				ManagementClient.Poll fresh = management.poll("/actuator/health/readiness", false)) {
			awaitAnswers(kept, fresh);
			app.signal("HUP");
			waiting("the next generation").until(management::fleet,
					(fleet) -> fleet.whole(WORKERS) && Collections.disjoint(fleet.pids(), before));
			awaitAnswers(kept, fresh);
			Figures.print("monitors through a reload: kept connections %s; new connections %s", kept, fresh);
			assertThat(kept.failures()).isEmpty();
			assertThat(fresh.failures()).isEmpty();
		}
		newWorkersAreWarmAndHaveCountedNothing();
		awaitNextLeader("reloaded", leader, before);
		assertThat(management.get(LOGGER + "?worker=0").body()).contains("\"configuredLevel\":\"TRACE\"");
	}

	/**
	 * Clients use only the management port, so the application has had no requests except
	 * those of the warm-up.
	 */
	private static void newWorkersAreWarmAndHaveCountedNothing() {
		for (Fleet.Worker worker : management.fleet().workers()) {
			assertThat(app.output()).containsPattern(
					" %d --- [^\n]*Warmed up in \\S+ s with 3 request\\(s\\)\n(?s:.*)Worker %d \\(pid %d\\) ready"
						.formatted(worker.pid(), worker.index(), worker.pid()));
			assertThat(worker.handledRequests()).as("requests that worker %d has counted", worker.index()).isZero();
		}
	}

	private static void awaitAnswers(ManagementClient.Poll... polls) {
		for (ManagementClient.Poll poll : polls) {
			int answers = poll.answers();
			waiting("further answers").until(() -> poll.answers() > answers + ANSWERS);
		}
	}

	@Test
	@Order(8)
	void replacementOfTheArbiterHasTheSamePortAndOneLeader() throws IOException {
		Fleet before = awaitWhole();
		long leader = diary.awaitRuns(RUNS, Set.of());
		try (ManagementClient.Poll fresh = management.poll("/actuator/health/readiness", false)) {
			app.signal("USR2");
			app.awaitLine("Another arbiter has taken over: draining 2 worker\\(s\\), then ending");
			assertThat(app.awaitExit()).isZero();
			awaitAnswers(fresh);
			Figures.print("monitor through the arbiter's replacement: %s", fresh);
			assertThat(fresh.failures()).isEmpty();
		}
		long last = awaitNextLeader("replaced", leader, before.pids());
		Fleet after = awaitWhole();
		Fleet.Arbiter arbiter = after.arbiter();
		assertThat(arbiter).isNotNull().isNotEqualTo(before.arbiter());
		assertThat(after.pids()).contains(last);
		assertJobRanInOneWorkerAtATime();
		occupy(WORKERS);
		Processes.signal("TERM", arbiter.pid());
		waiting("draining workers").until(management::fleet,
				(fleet) -> fleet.workers().stream().noneMatch(Fleet.Worker::ready));
		assertThat(management.get("/actuator/health/readiness").status()).isEqualTo(503);
		assertThat(management.get("/actuator/health/liveness").status()).isEqualTo(200);
		assertHeldAreAnswered();
		waiting("the end").until(() -> app.tree().isEmpty());
		await("the port's end").atMost(DemoProcess.PATIENCE).until(FleetWideIT::isRefused);
	}

	private static void assertJobRanInOneWorkerAtATime() {
		Figures.print(
				"leader: %d runs in %d workers, one after the other; pauses until the next run (period %d ms): %s",
				diary.begins().size(), diary.pids("job begin").size(), PERIOD_MILLIS, pauses);
		assertThat(leaders).as("leaders, one after the other").hasSize(4);
		diary.assertNeverTwo();
		diary.assertOneAfterTheOther();
		waiting("one leader on the endpoint")
			.until(() -> management.get("/actuator/workers").body().split("\"leader\":true", -1).length - 1 == 1);
	}

	private static boolean isRefused() throws IOException {
		try {
			HttpConnection.connect(management.port(), DemoProcess.PATIENCE).close();
			return false;
		}
		catch (ConnectException ex) {
			return true;
		}
	}

}
