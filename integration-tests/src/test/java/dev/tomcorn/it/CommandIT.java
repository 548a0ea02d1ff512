package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.tomcorn.it.Exchange.Outcome;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Every operation on a fleet, and every refusal, from the shell and through the endpoint.
 */
@Order(1)
class CommandIT {

	private static final JsonMapper JSON = new JsonMapper();

	private static final Pattern FOLDER = Pattern.compile(" is in (/\\S+)");

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@TempDir
	private Path runDirectory;

	@TempDir
	private Path files;

	/**
	 * The shell and the endpoint alternate, so that each shows the changes of the other.
	 */
	@Test
	void fleetIsSteeredFromTheShellAndThroughTheEndpoint() throws IOException {
		Shell shell = Shell.quick(Launch.FAULT_JAR, this.runDirectory, this.files);
		Path hold = this.files.resolve("hold");
		DemoProcess app = this.apps.start(Launch.faults(1, "sync")
			.arguments(Operator.ACCESS, "--tomcorn.arbiter.enabled=true", "--tomcorn.graceful-timeout=10m",
					"--tomcorn.run-directory=" + this.runDirectory,
					"--tomcorn.incidents.directory=" + this.files.resolve("incidents"), "--fault.hold-boot=" + hold));
		app.awaitWhole(1);
		assertThatAnotherApplicationsCommandStopsNothing(app);
		assertAnswer(app, "", "{\"action\":\"scale\",\"workers\":2}", 202, "Scaling from 1 to 2 workers");
		assertAnswer(app, "", "{\"action\":\"scale\",\"workers\":\"2\"}", 200,
				"The fleet already has a target of 2 workers");
		app.awaitFleet((fleet) -> fleet.whole(2));
		assertThatTheFleetIsShown(app, shell);
		assertThatNonsenseIsRefused(app, shell);
		assertThatWorkersAreDumped(app, shell);
		assertThatAWorkerIsRecycled(app, shell, hold);
		assertThat(shell.run("scale", "1", "--wait").assertExit(0).out()).startsWith("Scaled to 1 worker(s) in ");
		assertThatTheFleetIsPausedAndResumed(app, shell);
		assertThatTheWorkerThatIsAskedIsRecycled(app);
		assertThatTheFleetIsReloaded(app, hold);
		assertThatAFrozenArbiterHoldsUpNobody(app, shell);
		assertThatTheApplicationClosesWithoutWaitingForARequest(app);
		shell.run("stop").assertExit(3);
	}

	private void assertThatAnotherApplicationsCommandStopsNothing(DemoProcess app) {
		assertThat(Shell.jar(Launch.JAR, this.runDirectory, this.files).run("stop").assertExit(3).err()).contains(
				"There is no fleet of this application (tomcorn-demo-app)",
				"  tomcorn-fault-app: pid %d, port %d, /".formatted(app.arbiterPid(), app.port()));
	}

	private static void assertThatTheFleetIsShown(DemoProcess app, Shell shell) {
		// Problems of a busy machine come first
		assertThat(shell.run("status").assertExit(0).out()).contains("Fleet       tomcorn-fault-app, port ",
				"pid " + app.arbiterPid(), "2 of 2 ready");
		assertThat(shell.options("--pid", Long.toString(app.arbiterPid())).run("workers").assertExit(0).out().lines())
			.hasSize(3);
		String typed = app.awaitLine("To see and steer this fleet: (.+) status").group(1);
		assertThat(shell.application(typed.split(" ")).options(new String[0]).run("status").assertExit(0).out())
			.contains("pid " + app.arbiterPid());
		// The JVM's own messages must not be in the JSON
		Shell.Result result = shell.environment("JAVA_TOOL_OPTIONS", "-Dsome=thing").run("workers", "--json");
		JsonNode workers = JSON.readTree(result.assertExit(0).out()).get("workers");
		assertThat(result.err()).contains("JAVA_TOOL_OPTIONS");
		assertThat(workers).extracting((worker) -> worker.get("pid").asLong())
			.containsExactlyInAnyOrderElementsOf(app.fleet().pids());
		assertThat(JSON.readTree(shell.run("status", "--json").assertExit(0).out()).at("/arbiter/pid").asLong())
			.isEqualTo(app.arbiterPid());
	}

	private static void assertThatNonsenseIsRefused(DemoProcess app, Shell shell) {
		assertThat(shell.run("scale", "129").assertExit(1).err()).contains("the limits are 1 and 128");
		assertAnswer(app, "", "{\"action\":\"scale\",\"workers\":0}", 400,
				"workers must be a number from 1 to 128, not '0'");
		assertAnswer(app, "", "{\"action\":\"scale\"}", 400, "and is missing");
		assertAnswer(app, "", "{\"action\":\"fly\"}", 400, "action must be reload, scale, pause or resume, not 'fly'");
		assertAnswer(app, "", "{\"action\":\"reload\",\"wait\":\"perhaps\"}", 400, "wait must be true or false");
		assertAnswer(app, "/1", "{\"action\":\"fly\"}", 400, "action must be recycle, dump or interrupt, not 'fly'");
		assertAnswer(app, "/one", "{\"action\":\"dump\"}", 400, "index must be a number, not 'one'");
		for (String garbage : List.of("{", "[]", "{\"action\":{\"a\":1}}", "{\"action\":\"scale\",\"workers\":[1]}")) {
			assertThat(Operator.ask(app, "", garbage).status()).as(garbage).isEqualTo(400);
		}
		assertAnswer(app, "/9", "{\"action\":\"recycle\"}", 404, "there is no such worker, only [0, 1]");
		assertAnswer(app, "/-1", "{\"action\":\"dump\"}", 404, "there is no such worker");
		assertThat(app.fleet().arbiter()).extracting(Fleet.Arbiter::targetWorkers).isEqualTo(2);
	}

	private static void assertThatWorkersAreDumped(DemoProcess app, Shell shell) {
		assertDump(() -> folder(assertAnswer(app, "/1", "{\"action\":\"dump\"}", 200, "What is known about worker 1")));
		assertDump(() -> folder(shell.run("dump", "1").assertExit(0).out()));
		long frozen = app.fleet().worker(1).pid();
		Processes.freeze(frozen);
		Path outside;
		try {
			outside = folder(shell.run("dump", "1").assertExit(0).out());
		}
		finally {
			Processes.signal("CONT", frozen);
		}
		assertThat(outside.resolve("outside.txt")).content().contains("T (stopped)");
		assertThat(outside.resolve("incident.txt")).content().contains("It did not answer");
		assertThat(app.fleet().worker(1).pid()).isEqualTo(frozen);
		assertThat(app.fleet().deaths()).isEmpty();
	}

	/**
	 * A worker that answers slowly, for example because it lacks CPU, is examined only
	 * from outside.
	 */
	private static void assertDump(Supplier<Path> dump) {
		await("a dump that the worker has a part in").atMost(DemoProcess.PATIENCE).untilAsserted(() -> {
			Path folder = dump.get();
			assertThat(folder.resolve("threads.txt")).content().contains("tomcorn-control");
			assertThat(folder.resolve("outside.txt")).content().contains("State:");
		});
	}

	private static void assertThatAWorkerIsRecycled(DemoProcess app, Shell shell, Path hold) throws IOException {
		Fleet before = app.fleet();
		// While it exists the successor is not ready, however long the requests take
		Files.createFile(hold);
		assertThat(shell.run("recycle", "0").assertExit(0).out()).contains("is being replaced");
		assertAnswer(app, "/0", "{\"action\":\"recycle\"}", 409, "it is being replaced already");
		Files.delete(hold);
		Fleet after = app.awaitFleet((fleet) -> fleet.whole(2) && fleet.worker(0).pid() != before.worker(0).pid());
		assertThat(after.worker(0).generation()).isEqualTo(1);
		assertThat(after.worker(1)).extracting(Fleet.Worker::pid).isEqualTo(before.worker(1).pid());
	}

	private static void assertThatTheFleetIsPausedAndResumed(DemoProcess app, Shell shell) {
		assertAnswer(app, "", "{\"action\":\"resume\"}", 409, "Not resuming: the fleet is not paused");
		assertThat(shell.run("pause", "--wait").assertExit(0).out()).startsWith("Paused in ");
		assertThat(shell.run("status").assertExit(0).out()).contains("PAUSED: resume or reload it");
		assertThat(shell.run("pause").assertExit(1).err()).contains("Not pausing: the fleet is paused already");
		assertThat(shell.run("resume", "--wait").assertExit(0).out()).startsWith("Resumed with 1 worker(s) in ");
	}

	/**
	 * There is no other worker to which it could be forwarded.
	 */
	private static void assertThatTheWorkerThatIsAskedIsRecycled(DemoProcess app) {
		long before = app.awaitFleet((fleet) -> fleet.whole(1)).worker(0).pid();
		assertAnswer(app, "/0", "{\"action\":\"recycle\",\"wait\":true}", 200,
				"Worker 0 (pid %d) was replaced by pid ".formatted(before));
		assertThat(app.awaitFleet((fleet) -> fleet.whole(1)).worker(0).pid()).isNotEqualTo(before);
	}

	private static void assertThatTheFleetIsReloaded(DemoProcess app, Path hold) throws IOException {
		Files.createFile(hold);
		assertAnswer(app, "", "{\"action\":\"reload\"}", 202, "generation 2 is on its way");
		assertAnswer(app, "/0", "{\"action\":\"recycle\"}", 409, "a reload is under way");
		Files.delete(hold);
		app.awaitFleet((fleet) -> fleet.whole(1) && fleet.worker(0).generation() == 2);
	}

	private static void assertThatAFrozenArbiterHoldsUpNobody(DemoProcess app, Shell shell) {
		Processes.freeze(app.arbiterPid());
		try {
			assertThat(shell.run("status").assertExit(0).out()).contains("FROZEN", "1 of 1 ready");
			Shell.Result scale = shell.run("scale", "2").assertExit(4);
			assertThat(scale.err()).contains("does not answer", "a signal has stopped it");
			assertThat(scale.took()).isGreaterThan(Duration.ofSeconds(5));
			Shell.Result reload = shell.run("reload", "--wait", "--timeout", "1", "--json").assertExit(4);
			assertThat(JSON.readTree(reload.out()).get("outcome").asString()).isEqualTo("FAILED");
			assertAnswer(app, "", "{\"action\":\"scale\",\"workers\":1}", 503, "The arbiter shows no sign of life");
			// As many requests as may wait: health has its own threads
			for (int number = 0; number < 20; number++) {
				assertAnswer(app, "", "{\"action\":\"reload\",\"wait\":true}", 503,
						"The arbiter shows no sign of life: it was not asked");
			}
			assertThat(app.get("/actuator/health")).contains("UP");
		}
		finally {
			Processes.signal("CONT", app.arbiterPid());
		}
	}

	/**
	 * If it waited, the command would have given up.
	 */
	private void assertThatTheApplicationClosesWithoutWaitingForARequest(DemoProcess app) {
		long worker = app.awaitWhole(1).worker(0).pid();
		CompletableFuture<Exchange> request = EndingIT.longRequest(app, this.runDirectory);
		assertThat(Shell.jar(Launch.FAULT_JAR, this.runDirectory, this.files).run("stop", "--fast").assertExit(0).out())
			.contains("Stopping without waiting for requests", "has ended after");
		assertThat(app.awaitExit()).isZero();
		assertThat(request.join().outcome()).isIn(Outcome.RESET, Outcome.CLOSED_UNANSWERED);
		assertThat(app.lines("Stopping without waiting for requests")).hasSize(1);
		assertThat(app.lines("Scaling from 1 to 2 workers")).as("not what the shell asked the frozen arbiter for")
			.hasSize(1);
		assertThat(app.output()).doesNotContain("is being killed");
		assertThat(app.lines("Worker diary: closed")).as("beans destroyed")
			.anyMatch((line) -> line.contains(" %d --- ".formatted(worker)));
		assertThat(app.tree()).isEmpty();
	}

	@Test
	void commandRunsFromAnExplodedApplicationWithoutStartingIt() {
		Shell shell = Shell.jar(Launch.JAR, this.runDirectory, this.files);
		Path jar = ExtractedJar.of(Launch.JAR).jar();
		String classPath = jar + ":" + jar.resolveSibling("lib") + "/*";
		Shell mainClass = shell.application(Launch.JAVA, "-cp", classPath, "dev.tomcorn.entry.TomcornCommand");
		assertThat(mainClass.run("status").assertExit(3).err()).startsWith("There is no fleet");
		// Only Boot's launcher supports jar modes
		Shell mode = shell.application(Launch.JAVA, "-Djarmode=tomcorn", "-Dtomcorn.workers=2", "-jar", jar.toString());
		Shell.Result result = mode.run("status", "--json").assertExit(3);
		assertThat(JSON.readTree(result.out()).get("outcome").asString()).isEqualTo("FAILED");
		assertThat(mode.run("start").assertExit(2).err()).contains("There is no command 'start'", "Usage:");
	}

	private static Path folder(String message) {
		Matcher folder = FOLDER.matcher(message);
		assertThat(folder.find()).as(message).isTrue();
		return Path.of(folder.group(1));
	}

	private static String assertAnswer(DemoProcess app, String path, String json, int status, String message) {
		Operator.Answer answer = Operator.ask(app, path, json);
		Figures.print("POST /actuator/workers%s %s: %d %s", path, json, answer.status(), answer.body());
		assertThat(answer.status()).as(answer.body()).isEqualTo(status);
		JsonNode body = JSON.readTree(answer.body());
		assertThat(body.get("message").asString()).contains(message);
		assertThat(body.get("outcome").asString())
			.isEqualTo((status == 200) ? "SUCCEEDED" : (status == 202) ? "STARTED" : "FAILED");
		return body.get("message").asString();
	}

}
