package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Releases that are kept, and the AOT cache that a worker records: of the packaged jar,
 * as a user starts it.
 */
@Order(1)
class PreloadIT {

	private static final String MAIN_CLASS = "BOOT-INF/classes/dev/tomcorn/fault/FaultApplication.class";

	private static final long RENICE_LIMIT_SECONDS = 10;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@TempDir
	Path directory;

	private DemoProcess start(Path jar) {
		return this.apps.start(Launch.java("-jar", jar.toString())
			.arguments("--tomcorn.workers=1", "--tomcorn.arbiter.enabled=true", Operator.ACCESS,
					"--tomcorn.preload.enabled=true", "--tomcorn.preload.directory=" + this.directory.resolve("store"),
					"--tomcorn.preload.training-requests=10"));
	}

	@Test
	void workersStartFromWhatIsKept() throws IOException {
		Path jar = Files.copy(Launch.FAULT_JAR, this.directory.resolve("app.jar"));
		DemoProcess app = start(jar);
		workerThatHasServedEnoughMakesACache(app);
		String good = release(app);
		workerIsReplacedFromTheGoodReleaseAfterAFailedReload(app, jar, good);
		anotherReleaseIsReloadedAndTheGoodOneAgain(app, jar, good);
		if (Boolean.getBoolean("chaos.full")) {
			anotherFleetUsesTheCache();
		}
	}

	/**
	 * {@code ReleasesTests} has two fleets without processes.
	 */
	private void anotherFleetUsesTheCache() throws IOException {
		DemoProcess second = start(Files.copy(Launch.FAULT_JAR, this.directory.resolve("copy.jar")));
		assertThat(usesCache(second.awaitFleet((fleet) -> fleet.whole(1)).worker(0).pid()))
			.as("mapping of the cache in another fleet")
			.isTrue();
	}

	private static void workerThatHasServedEnoughMakesACache(DemoProcess app) {
		Fleet.Worker trainer = app.awaitFleet((fleet) -> fleet.whole(1)).worker(0);
		assertThat(Processes.commandLine(trainer.pid())).contains("-XX:AOTMode=record");
		app.load().simultaneous(20, "/pin/own?seconds=0").assertAllOk(20);
		app.awaitLine("Worker 0 \\(pid %d\\) wants to be replaced: what it has recorded".formatted(trainer.pid()));
		await("the AOT cache").atMost(DemoProcess.PATIENCE).ignoreExceptionsInstanceOf(IOException.class).until(() -> {
			raisePriority(app);
			return !app.lines("The AOT cache of release").isEmpty();
		});
		Matcher made = app.awaitLine("The AOT cache of release (\\w+) is created \\((\\d+) MB, (\\S+) s\\)");
		Figures.print("  cache of %s MB created in %s s", made.group(2), made.group(3));
		assertThat(app.lines("[aot]")).isEmpty();
	}

	/**
	 * Beside a build the lowest priority gets no processor time for minutes. A user who
	 * may not raise it waits longer. Called again and again: the JVM begins with the
	 * usual priority, is given the lowest, and starts further threads.
	 */
	private static void raisePriority(DemoProcess app) throws IOException, InterruptedException {
		for (long pid : app.tree()) {
			if (Processes.commandLine(pid).contains("-XX:AOTMode=create")) {
				List<String> command = new ArrayList<>(List.of("renice", "-n", "0", "-p"));
				// Each thread has a priority of its own
				try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
					threads.forEach((thread) -> command.add(thread.getFileName().toString()));
				}
				Process renice = new ProcessBuilder(command).redirectErrorStream(true)
					.redirectOutput(ProcessBuilder.Redirect.DISCARD)
					.start();
				if (!renice.waitFor(RENICE_LIMIT_SECONDS, TimeUnit.SECONDS)) {
					renice.destroyForcibly();
				}
			}
		}
	}

	private static Fleet.Worker kill(DemoProcess app, Fleet.Worker worker) {
		Processes.signal("KILL", worker.pid());
		return app.awaitFleet((fleet) -> fleet.whole(1) && fleet.worker(0).pid() != worker.pid()).worker(0);
	}

	private void workerIsReplacedFromTheGoodReleaseAfterAFailedReload(DemoProcess app, Path jar, String good)
			throws IOException {
		replace(jar, IncompleteJar.without(MAIN_CLASS, Launch.FAULT_JAR, this.directory.resolve("bad.jar")));
		Operator.Answer answer = Operator.reload(app).join();
		assertThat(answer.status()).as(answer.body()).isEqualTo(409);
		app.awaitLine("generation 1 goes on serving, and workers that die are replaced by release " + good);
		Fleet.Worker next = kill(app, app.awaitFleet((fleet) -> fleet.whole(1)).worker(0));
		assertThat(next.generation()).isOne();
		assertThat(usesCache(next.pid())).as("mapping of the cache").isTrue();
		assertThat(release(app)).isEqualTo(good);
		String bad = text(app, "waitingRelease", "key");
		assertThat(bad).isNotEqualTo(good);
		assertThat(app.get("/actuator/workers"))
			.contains("; the old one serves, workers that die are replaced by release " + good);
	}

	private void anotherReleaseIsReloadedAndTheGoodOneAgain(DemoProcess app, Path jar, String good) throws IOException {
		replace(jar, IncompleteJar.without("BOOT-INF/classes/dev/tomcorn/fault/PinController.class", Launch.FAULT_JAR,
				this.directory.resolve("other.jar")));
		assertThat(Operator.reload(app).join()).returns(200, Operator.Answer::status);
		assertThat(release(app)).isNotEqualTo(good);
		assertThat(app.load().simultaneous(1, "/pin/own?seconds=0").failures().exchanges()).singleElement();
		Operator.Answer unknown = Operator.ask(app, "", "{\"action\":\"reload\",\"wait\":true,\"to\":\"0000000\"}");
		assertThat(unknown.status()).isEqualTo(409);
		assertThat(unknown.body()).contains("Not reloading: no release begins with").contains(good);
		assertThat(Operator.ask(app, "",
				"{\"action\":\"reload\",\"wait\":true,\"to\":\"%s\"}".formatted(good.substring(0, 8))))
			.returns(200, Operator.Answer::status);
		assertThat(release(app)).isEqualTo(good);
		app.load().simultaneous(1, "/pin/own?seconds=0").assertAllOk(1);
	}

	private static String release(DemoProcess app) {
		return text(app, "release", "key");
	}

	private static String text(DemoProcess app, String object, String field) {
		Matcher matcher = Pattern.compile("\"%s\":\\{[^}]*\"%s\":\"([^\"]*)\"".formatted(object, field))
			.matcher(app.get("/actuator/workers"));
		assertThat(matcher.find()).as(object).isTrue();
		return matcher.group(1);
	}

	private static boolean usesCache(long pid) throws IOException {
		try (Stream<String> maps = Files.lines(Path.of("/proc/" + pid + "/maps"))) {
			return maps.anyMatch((line) -> line.endsWith(".aot"));
		}
	}

	private static void replace(Path jar, Path other) throws IOException {
		Files.move(other, jar, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
	}

}
