package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Every operation on a fleet, and what is refused, from the shell and through the
 * endpoint.
 */
class CommandIT {

	private static final JsonMapper JSON = new JsonMapper();

	private static final Pattern FOLDER = Pattern.compile(" is in (/\\S+)");

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@TempDir
	private Path runDirectory;

	@TempDir
	private Path files;

	private DemoProcess start(Launch launch, String... arguments) {
		return this.apps.start(
				launch
					.arguments("--tomcorn.run-directory=" + this.runDirectory,
							"--tomcorn.incidents.directory=" + this.files.resolve("incidents"))
					.arguments(arguments));
	}

	@Test
	void fleetIsSteeredFromTheShell() {
		Shell.jar(this.runDirectory, this.files).run("status").assertExit(3);
		Shell shell = Shell.quick(this.runDirectory, this.files);
		DemoProcess app = start(Launch.workers(2, "gevent"), "--management.endpoint.workers.access=read-only",
				"--logging.level.dev.tomcorn.state=warn");
		app.awaitWhole(2);
		assertThatTheFleetIsShown(app, shell);
		assertThatWritingIsClosed(app);

		assertThat(shell.run("scale", "3").assertExit(0).out()).isEqualTo("Scaling from 2 to 3 workers\n");
		Fleet before = app.awaitFleet((fleet) -> fleet.whole(3));
		assertThat(shell.run("scale", "129").assertExit(1).err()).contains("the limits are 1 and 128");
		shell.run("scale", "many").assertExit(2);

		shell.run("recycle", "0").assertExit(0);
		Fleet after = app.awaitFleet((fleet) -> fleet.whole(3) && fleet.worker(0).pid() != before.worker(0).pid());
		assertThat(after.worker(0).generation()).isEqualTo(1);
		assertThat(after.worker(1)).extracting(Fleet.Worker::pid).isEqualTo(before.worker(1).pid());
		assertThat(shell.run("recycle", "9").assertExit(1).err()).contains("there is no such worker, only [0, 1, 2]");

		assertThatWorkersAreDumped(app, shell);
		Shell.Result recycled = shell.run("recycle", "1", "--wait").assertExit(0);
		assertThat(recycled.out())
			.startsWith("Worker 1 (pid %d) was replaced by pid ".formatted(before.worker(1).pid()));
		assertThat(app.awaitFleet((fleet) -> fleet.whole(3)).worker(1).pid()).isNotEqualTo(before.worker(1).pid());
		Figures.print("  %s", recycled.out().strip());

		assertThat(shell.run("scale", "1", "--wait").assertExit(0).out()).startsWith("Scaled to 1 worker(s) in ");
		assertThat(shell.run("reload", "--wait").assertExit(0).out()).contains("Reload to generation 2 succeeded");
		assertThat(app.awaitFleet((fleet) -> fleet.whole(1)).worker(0).generation()).isEqualTo(2);

		assertThatAFrozenArbiterHoldsUpNobody(app, shell);
		assertThat(Shell.jar(this.runDirectory, this.files).run("stop").assertExit(0).out())
			.contains("Stopping: draining 1 worker(s)", "has ended after");
		assertThat(app.awaitExit()).isZero();
		shell.run("stop").assertExit(3);
		assertThat(app.lines("has a database of its own")).as("said once by all the workers there were")
			.singleElement()
			.asString()
			.contains("jdbc:h2:mem:", " WARN ");
	}

	private void assertThatTheFleetIsShown(DemoProcess app, Shell shell) {
		assertThat(shell.run("status").assertExit(0).out()).contains("pid " + app.arbiterPid(), "2 of 2 ready");
		assertThat(shell.options("--pid", Long.toString(app.arbiterPid())).run("workers").assertExit(0).out().lines())
			.hasSize(3);
		// What a JVM says of its own accord must not reach whoever reads the JSON
		Shell.Result result = shell.environment("JAVA_TOOL_OPTIONS", "-Dsome=thing").run("workers", "--json");
		JsonNode workers = JSON.readTree(result.assertExit(0).out()).get("workers");
		assertThat(result.err()).contains("JAVA_TOOL_OPTIONS");
		assertThat(workers).extracting((worker) -> worker.get("pid").asLong())
			.containsExactlyInAnyOrderElementsOf(app.fleet().pids());
		assertThat(JSON.readTree(shell.run("status", "--json").assertExit(0).out()).at("/arbiter/pid").asLong())
			.isEqualTo(app.arbiterPid());
	}

	private static void assertThatWritingIsClosed(DemoProcess app) {
		assertThat(Operator.ask(app, "", "{\"action\":\"scale\",\"workers\":3}").status()).isIn(404, 405);
		assertThat(Operator.ask(app, "/0", "{\"action\":\"recycle\"}").status()).isIn(404, 405);
		assertThat(app.fleet().arbiter()).extracting(Fleet.Arbiter::targetWorkers).isEqualTo(2);
	}

	private static void assertThatWorkersAreDumped(DemoProcess app, Shell shell) {
		// One that is slow to answer, for want of a processor say, is looked at from
		// outside only
		await("a dump that the worker has a part in").atMost(DemoProcess.PATIENCE).untilAsserted(() -> {
			Path folder = folder(shell.run("dump", "1").assertExit(0).out());
			assertThat(folder.resolve("threads.txt")).content().contains("tomcorn-control");
			assertThat(folder.resolve("outside.txt")).content().contains("State:");
		});
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
		assertThat(shell.run("dump", "9").assertExit(1).err()).contains("there is no such worker");
		assertThat(app.fleet().worker(1).pid()).isEqualTo(frozen);
		assertThat(app.fleet().deaths()).isEmpty();
	}

	private static Path folder(String message) {
		Matcher folder = FOLDER.matcher(message);
		assertThat(folder.find()).as(message).isTrue();
		return Path.of(folder.group(1));
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
		}
		finally {
			Processes.signal("CONT", app.arbiterPid());
		}
	}

	@Test
	void commandRunsFromAnExplodedApplicationWithoutStartingIt() {
		Shell shell = Shell.jar(this.runDirectory, this.files);
		Path jar = ExtractedJar.of(Launch.JAR).jar();
		String classPath = jar + ":" + jar.resolveSibling("lib") + "/*";
		Shell mainClass = shell.application(Launch.JAVA, "-cp", classPath, "dev.tomcorn.entry.TomcornCommand");
		assertThat(mainClass.run("status").assertExit(3).err()).startsWith("There is no fleet");
		// Only Boot's launcher knows modes
		Shell mode = shell.application(Launch.JAVA, "-Djarmode=tomcorn", "-Dtomcorn.workers=2", "-jar", jar.toString());
		Shell.Result result = mode.run("status", "--json").assertExit(3);
		assertThat(JSON.readTree(result.out()).get("outcome").asString()).isEqualTo("FAILED");
		assertThat(mode.run("start").assertExit(2).err()).contains("There is no command 'start'", "Usage:");
	}

	@Test
	void fleetIsSteeredThroughTheEndpoint() throws IOException {
		Path hold = this.files.resolve("hold");
		DemoProcess app = start(Launch.faults(1, "gevent"), Operator.ACCESS, "--tomcorn.arbiter.enabled=true",
				"--fault.hold-boot=" + hold);
		app.awaitWhole(1);
		assertAnswer(app, "", "{\"action\":\"scale\",\"workers\":2}", 202, "Scaling from 1 to 2 workers");
		assertAnswer(app, "", "{\"action\":\"scale\",\"workers\":\"2\"}", 200, "There are to be 2 workers already");
		Fleet before = app.awaitFleet((fleet) -> fleet.whole(2));
		assertAnswer(app, "", "{\"action\":\"scale\",\"workers\":0}", 400,
				"workers must be a number from 1 to 128, not '0'");
		assertAnswer(app, "", "{\"action\":\"scale\"}", 400, "and is missing");
		assertAnswer(app, "", "{\"action\":\"fly\"}", 400, "action must be reload or scale, not 'fly'");
		assertAnswer(app, "", "{\"action\":\"reload\",\"wait\":\"perhaps\"}", 400, "wait must be true or false");
		assertAnswer(app, "/1", "{\"action\":\"fly\"}", 400, "action must be recycle, dump or interrupt, not 'fly'");
		assertAnswer(app, "/one", "{\"action\":\"dump\"}", 400, "index must be a number, not 'one'");
		for (String garbage : List.of("{", "[]", "{\"action\":{\"a\":1}}", "{\"action\":\"scale\",\"workers\":[1]}")) {
			assertThat(Operator.ask(app, "", garbage).status()).as(garbage).isEqualTo(400);
		}

		assertAnswer(app, "/9", "{\"action\":\"recycle\"}", 404, "there is no such worker, only [0, 1]");
		assertAnswer(app, "/-1", "{\"action\":\"dump\"}", 404, "there is no such worker");
		await("a dump that the worker has a part in").atMost(DemoProcess.PATIENCE)
			.untilAsserted(() -> assertThat(
					folder(assertAnswer(app, "/1", "{\"action\":\"dump\"}", 200, "What is known about worker 1")))
				.isDirectoryContaining("glob:**/outside.txt")
				.isDirectoryContaining("glob:**/threads.txt"));

		// While it exists the successor is not ready, however long the questions take
		Files.createFile(hold);
		assertAnswer(app, "/0", "{\"action\":\"recycle\"}", 202, "is being replaced");
		assertAnswer(app, "/0", "{\"action\":\"recycle\"}", 409, "it is being replaced already");
		Files.delete(hold);
		app.awaitFleet((fleet) -> fleet.whole(2) && fleet.worker(0).pid() != before.worker(0).pid());
		// Whichever worker is asked, the one that is replaced and those that go included
		for (int index = 0; index < 2; index++) {
			assertAnswer(app, "/" + index, "{\"action\":\"recycle\",\"wait\":true}", 200, " was replaced by pid ");
		}
		assertAnswer(app, "", "{\"action\":\"scale\",\"workers\":1,\"wait\":true}", 200, "Scaled to 1 worker(s) in ");
		app.awaitFleet((fleet) -> fleet.whole(1));
		Files.createFile(hold);
		assertAnswer(app, "", "{\"action\":\"reload\"}", 202, "generation 2 is on its way");
		assertAnswer(app, "/0", "{\"action\":\"recycle\"}", 409, "a reload is under way");
		Files.delete(hold);
		app.awaitFleet((fleet) -> fleet.whole(1) && fleet.worker(0).generation() == 2);

		Processes.freeze(app.arbiterPid());
		try {
			assertAnswer(app, "", "{\"action\":\"scale\",\"workers\":2}", 503,
					"The arbiter has not answered within 5 s");
		}
		finally {
			Processes.signal("CONT", app.arbiterPid());
		}
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
