package dev.tomcorn.it;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.tomcorn.it.RealApplicationsIT.Condition;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

/**
 * Applications with their own sources and build, to which a user adds the starter: those
 * of this project and those of the directory {@code -Dreal.applications}. For the nightly
 * profile.
 */
@ExtendWith(Condition.class)
class RealApplicationsIT {

	private static final Path OWN = Path.of("src/real").toAbsolutePath();

	private static final String DIRECTORY = System.getProperty("real.applications", "");

	private static final Pattern FILTER = Pattern.compile(System.getProperty("real.filter", ".*"));

	private static final List<String> CLASSES = List
		.of(System.getProperty("real.worker-classes", "sync,gthread,gevent").split(","));

	private static final Duration BUILD_PATIENCE = Duration.ofMinutes(20);

	private static final int WORKERS = 3;

	private static final int SETTLED = 3;

	private static final int TERMINATED = 143;

	private static final int GOING_AWAY = 1001;

	private static final JsonMapper JSON = new JsonMapper();

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@TempDir
	private Path directory;

	static final class Condition implements ExecutionCondition {

		@Override
		public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
			return (!DIRECTORY.isEmpty() || Boolean.getBoolean("chaos.full"))
					? ConditionEvaluationResult.enabled("Asked for") : ConditionEvaluationResult
						.disabled("Builds applications: for -Pnightly, or -Dreal.applications=DIRECTORY");
		}

	}

	static List<RealApplication> applications() {
		return Stream.of(OWN, Path.of(DIRECTORY.isEmpty() ? OWN.toString() : DIRECTORY))
			.distinct()
			.flatMap((where) -> RealApplication.in(where).stream())
			.filter((application) -> FILTER.matcher(application.name()).matches())
			.toList();
	}

	@BeforeAll
	static void installStarter() throws Exception {
		if (DIRECTORY.isEmpty()) {
			Figures.print("Only this project's own applications: no -Dreal.applications=DIRECTORY is given");
		}
		RealBuild.installStarter(repository());
	}

	private static Path repository() {
		return files().resolve(".repository");
	}

	/**
	 * Return the directory that keeps downloads and builds for the next run.
	 */
	private static Path files() {
		return (DIRECTORY.isEmpty() ? Path.of("target/real") : Path.of(DIRECTORY)).toAbsolutePath();
	}

	@ParameterizedTest
	@MethodSource("applications")
	void runsAsAFleetAsItIs(RealApplication described) throws Exception {
		if (!described.needsPostgresql()) {
			runs(described.with(Map.of()));
			return;
		}
		assumeThat(PostgresServer.programs()).as("PostgreSQL in /usr/lib/postgresql").isPresent();
		try (PostgresServer server = PostgresServer.start(PostgresServer.programs().orElseThrow(),
				Files.createTempFile(this.directory, "postgresql", ".log"))) {
			runs(described.with(server.placeholders()));
		}
	}

	private void runs(RealApplication application) throws Exception {
		MavenBuild build = new MavenBuild(repository(), this.directory.resolve("build.log"), BUILD_PATIENCE);
		Path built = files().resolve(".built").resolve(application.name());
		RealBuild plain = RealBuild.of(application, false, built.resolve("plain"), build);
		RealBuild fleet = RealBuild.of(application, true, built.resolve("fleet"), build);
		Figures.print("%s: own tests %s", application, counts(plain));
		assertThat(plain.tests()).as("own tests").containsValue(RealBuild.PASSED);
		assertThat(fleet.tests()).as("own tests with the starter, against those without").isEqualTo(plain.tests());
		for (String workerClass : CLASSES) {
			runs(application, fleet.jar(), workerClass);
		}
	}

	private static Map<String, Integer> counts(RealBuild build) {
		Map<String, Integer> counts = new TreeMap<>();
		build.tests().values().forEach((outcome) -> counts.merge(outcome, 1, Integer::sum));
		return counts;
	}

	private void runs(RealApplication application, Path jar, String workerClass) throws Exception {
		Path place = Files.createDirectories(this.directory.resolve(workerClass));
		Path runDirectory = Files.createDirectory(place.resolve("run"));
		RealApplication placed = application.with(Map.of("directory", place.toString()));
		Map<String, String> beside = startBeside(placed, jar, place);
		RealApplication ready = placed.with(beside);
		Launch launch = launch(ready, jar, place).arguments("--tomcorn.workers=" + WORKERS,
				"--tomcorn.worker-class=" + workerClass, "--tomcorn.run-directory=" + runDirectory,
				"--tomcorn.incidents.directory=" + Launch.LOGS.resolve("incidents-" + application + "-" + workerClass));
		DemoProcess app = this.apps.start(launch.arguments(ready.arguments()));
		try {
			judge(ready, app, Shell.jar(jar, runDirectory, place), runDirectory);
		}
		finally {
			printLog(application, workerClass, app);
		}
	}

	private static void judge(RealApplication ready, DemoProcess app, Shell shell, Path runDirectory) throws Exception {
		app.awaitLine("Worker \\d+ \\(pid \\d+\\) ready in");
		FleetBoard board = FleetBoard.in(runDirectory);
		board.awaitFullStrength();
		reloadLosesNothing(ready, app, board);
		killLosesWhatTheDeadHadInTheirHands(ready, app, board);
		ready.finallyPage().ifPresent((page) -> awaitPage(app, page));
		assertThat(shell.run("status").assertExit(0).out()).as("status").contains(WORKERS + " ready");
		StompClients listeners = StompClients.connect(app.port(), ready.webSocket().orElse("/"),
				ready.webSocket().isPresent() ? 2 * WORKERS : 0);
		app.signal("TERM");
		assertThat(app.awaitExit()).as("exit code").isIn(0, TERMINATED);
		assertThat(listeners.awaitEnd()).as("codes with which WebSockets were closed")
			.allMatch((code) -> code == GOING_AWAY);
		assertThat(app.tree()).as("processes left").isEmpty();
		assertThat(runDirectory).isEmptyDirectory();
		assertThat(app.lines("is being killed")).as("workers that the arbiter had to kill").isEmpty();
		assertThat(app.lines("ended unexpectedly")).as("workers that ended, with the one that the test killed")
			.hasSize(1);
	}

	private static Launch launch(RealApplication application, Path jar, Path place) {
		Launch launch = new Launch(List.of(Launch.JAVA), Launch.QUICK_BOOT, List.of("-jar", jar.toString()),
				List.of("--server.port=0"), Map.of(), place);
		for (Map.Entry<String, String> variable : application.environment().entrySet()) {
			launch = launch.environment(variable.getKey(), variable.getValue());
		}
		return launch;
	}

	/**
	 * Start the server that the application provides, and read its address.
	 */
	private Map<String, String> startBeside(RealApplication application, Path jar, Path place) {
		if (application.beside().isEmpty()) {
			return Map.of();
		}
		DemoProcess server = this.apps.start(new Launch(List.of(Launch.JAVA), Launch.QUICK_BOOT,
				List.of("-jar", jar.toString()), List.of(application.beside().get().split(" ")), Map.of(), place));
		return Map.of("beside", server.awaitLine("Listening at (\\S+)").group(1));
	}

	private static void reloadLosesNothing(RealApplication application, DemoProcess app, FleetBoard board)
			throws IOException {
		board.awaitIdle();
		double countedBefore = settledCount(application, app);
		board.awaitIdle();
		long handledBefore = board.handledRequests();
		PageLoad load = PageLoad.start(app.port(), application);
		try (load) {
			load.awaitMore(200);
			app.signal("HUP");
			app.awaitLine("Reload to generation 2 succeeded in ");
			load.awaitMore(200);
		}
		Figures.print("  reload: %s", load);
		assertThat(load.failures()).as("requests that failed").isEmpty();
		board.awaitIdle();
		assertThat(board.handledRequests() - handledBefore).as("requests that the fleet has counted")
			.isEqualTo(load.answered());
		awaitCounted(application, app, countedBefore, load.answered());
	}

	/**
	 * Wait until the application has counted the requests of a load. A worker that does
	 * not answer another one within half a second is counted with what it last reported,
	 * which may happen on a busy machine.
	 */
	private static void awaitCounted(RealApplication application, DemoProcess app, double before, long load) {
		if (application.counter().isEmpty()) {
			return;
		}
		AtomicInteger asked = new AtomicInteger();
		await("requests that the application has counted").atMost(DemoProcess.PATIENCE)
			// The earlier questions also count
			.untilAsserted(
					() -> assertThat(counted(application, app) - before - asked.incrementAndGet()).isEqualTo(load));
		Figures.print("  counted: %d requests, asked %d time(s)", load, asked.get());
	}

	/**
	 * Return how many requests the application has counted, once all workers answer: the
	 * count then grows by the question only, several times in a row.
	 */
	private static double settledCount(RealApplication application, DemoProcess app) throws IOException {
		if (application.counter().isEmpty()) {
			return 0;
		}
		AtomicReference<Double> count = new AtomicReference<>(counted(application, app));
		AtomicInteger settled = new AtomicInteger();
		await("count that grows by one").atMost(DemoProcess.PATIENCE).until(() -> {
			double next = counted(application, app);
			boolean byOne = next - count.getAndSet(next) == 1;
			return (byOne ? settled.incrementAndGet() : settled.updateAndGet((_) -> 0)) >= SETTLED;
		});
		return count.get();
	}

	/**
	 * Return how many requests the application has counted. It does not have the meter
	 * before the first one.
	 */
	private static double counted(RealApplication application, DemoProcess app) throws IOException {
		if (application.counter().isEmpty()) {
			return 0;
		}
		HttpConnection.Response response;
		try (HttpConnection connection = new HttpConnection(app.port(), DemoProcess.PATIENCE)) {
			response = connection.get(application.counter().get());
		}
		if (response.status() == HttpURLConnection.HTTP_NOT_FOUND) {
			return 0;
		}
		for (JsonNode measurement : JSON.readTree(response.body()).get("measurements")) {
			if (measurement.get("statistic").asString().equals("COUNT")) {
				return measurement.get("value").asDouble();
			}
		}
		throw new AssertionError("No count in " + response.body());
	}

	private static void killLosesWhatTheDeadHadInTheirHands(RealApplication application, DemoProcess app,
			FleetBoard board) {
		Kills kills = new Kills();
		long handledBefore = board.handledRequests();
		PageLoad load = PageLoad.start(app.port(), application);
		try (load) {
			load.awaitMore(100);
			kills.kill(board, board.ready().getFirst());
			board.awaitFullStrength();
			load.awaitMore(100);
		}
		Figures.print("  kill: %d requests", load.size());
		kills.accountUnattributed(load.failures());
		board.awaitIdle();
		// An answer may be sent before its request is counted, or after that
		assertThat(board.handledRequests() - handledBefore).as("requests that the fleet has counted")
			.isBetween(load.answered() - kills.requests(), load.answered() + load.failures().size());
		assertThat(Processes.zombiesOf(app.arbiterPid())).isEmpty();
	}

	private static void awaitPage(DemoProcess app, String page) {
		String[] parts = page.split(" ", 2);
		await(page).atMost(DemoProcess.PATIENCE).untilAsserted(() -> assertThat(app.get(parts[0])).isEqualTo(parts[1]));
	}

	/**
	 * The warnings and errors that a user sees.
	 */
	private static void printLog(RealApplication application, String workerClass, DemoProcess app) {
		Set<String> said = new TreeSet<>();
		app.output()
			.lines()
			.filter((line) -> line.contains(" WARN ") || line.contains(" ERROR "))
			// Without time, process and thread, each is shown once
			.forEach((line) -> said.add(line.replaceFirst("^.*? (WARN|ERROR) .*?\\] (\\w+\\.)", "$1 $2")));
		Figures.print("  %s with %s, warnings and errors:%n%s", application, workerClass,
				String.join(System.lineSeparator(), said));
	}

}
