package dev.tomcorn.it;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The ways to start an application. All of them spawn equal workers. {@link SignalsIT}
 * shows how workers use an AOT cache.
 */
@Order(1)
class LaunchIT {

	private static final String[] HARD_OPTIONS = { "-Dsome.property=a \"quoted\" value with 'both' and spaces",
			"-Dempty=", "-Dbackslash=C:\\dir\\", "-Ddollar=$HOME `id` *" };

	private static final String[] HARD_ARGUMENTS = { "--greeting=Hello, \"big\" world", "", "two  spaces", "--tab=a\tb",
			"it's", "back\\slash", "--umlaut=größer" };

	private static final String MAIN_CLASS = "BOOT-INF/classes/dev/tomcorn/demo/DemoApplication.class";

	private static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

	private static final Duration BUILD_PATIENCE = Duration.ofMinutes(5);

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@Test
	void jarInADirectoryWithSpacesAndHardArguments(@TempDir Path directory) throws IOException {
		Path jar = Files.createDirectory(directory.resolve("my apps (1)")).resolve("the demo.jar");
		Files.createLink(jar, Files.copy(Launch.JAR, directory.resolve("copy.jar")));
		Launch launch = Launch.java("-jar", "my apps (1)/the demo.jar")
			.directory(directory)
			.jvmOptions(HARD_OPTIONS)
			.arguments("--tomcorn.workers=1", "--tomcorn.arbiter.enabled=true")
			.arguments(HARD_ARGUMENTS)
			.environment("JAVA_TOOL_OPTIONS", "-Dtool='with a space' -Dorder=tool")
			.environment("JDK_JAVA_OPTIONS", "-Djdk=\"with a space\" -Dorder=jdk")
			.environment("_JAVA_OPTIONS", "-Dorder=last");
		DemoProcess app = this.apps.start(launch);
		assertWorkersServe(app);
		assertThat(app.output()).doesNotContain("restricted method");
		for (long pid : app.fleet().pids()) {
			List<String> commandLine = Processes.commandLine(pid).stream().map(LaunchIT::utf8).toList();
			Figures.print("java -jar: worker's command line %s", commandLine);
			assertThat(commandLine).contains(HARD_OPTIONS)
				.as("options that not everybody may see")
				.noneMatch((word) -> word.contains("with a space"))
				.containsSubsequence("-jar", "my apps (1)/the demo.jar")
				.as("the manifest permits native access")
				.doesNotContain(NATIVE_ACCESS);
			assertThat(commandLine.subList(commandLine.size() - launch.arguments().size(), commandLine.size()))
				.isEqualTo(launch.arguments());
		}
		assertThat(Processes.systemProperties(app.fleet().worker(0).pid())).containsEntry("tool", "with a space")
			.containsEntry("jdk", "with a space")
			.containsEntry("order", "last");
		damagedJarsStopNobody(app, jar);
		assertStops(app);
	}

	/**
	 * Some users overwrite the file in place. Workers boot from another file with the
	 * same name, and the arbiter has its own open.
	 */
	private static void damagedJarsStopNobody(DemoProcess app, Path jar) throws IOException {
		long pid = app.fleet().worker(0).pid();
		Path next = jar.resolveSibling("next.jar");
		Files.copy(jar, next);
		try (FileChannel original = FileChannel.open(jar, StandardOpenOption.WRITE)) {
			replace(jar, next);
			original.write(ByteBuffer.allocate((int) original.size()), 0);
		}
		Processes.signal("KILL", pid);
		Fleet fleet = app.awaitFleet((current) -> current.whole(1) && !current.pids().contains(pid));
		Files.copy(Launch.JAR, next);
		try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
			channel.truncate(channel.size() / 2);
		}
		replace(jar, next);
		assertReloadFails(app);
		replace(jar, IncompleteJar.without(MAIN_CLASS, Launch.JAR, next));
		assertReloadFails(app);
		assertThat(app.fleet().workers()).isNotEmpty()
			.allSatisfy((worker) -> assertThat(worker.pid()).isEqualTo(fleet.worker(0).pid()));
		assertThat(app.lines("[arbiter]")).noneMatch((line) -> line.contains("Error"));
	}

	/**
	 * Like a deployment: running processes keep the file that they have open.
	 */
	private static void replace(Path jar, Path other) throws IOException {
		Files.move(other, jar, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
	}

	private static void assertReloadFails(DemoProcess app) {
		Operator.Answer answer = Operator.reload(app).join();
		assertThat(answer.status()).as(answer.body()).isGreaterThanOrEqualTo(400);
		assertThat(answer.body()).contains("Reload to generation 2 failed", "exit code 1");
	}

	@Test
	void classPathAndArgumentFileInADirectoryWhoseLinkIsSwitched(@TempDir Path directory) throws IOException {
		Path current = release(directory, 1);
		Files.writeString(directory.resolve("options"),
				"-Dhidden=1 -cp 'the demo/%s:the demo/lib/*' dev.tomcorn.demo.DemoApplication --hidden=1"
					.formatted(Launch.JAR.getFileName()));
		Launch launch = Launch.java("@../options")
			.directory(current)
			.environment("PWD", current.toString())
			.jvmOptions(HARD_OPTIONS)
			.jvmOptions("-Xmx100m")
			.arguments("--tomcorn.workers=1", "--tomcorn.arbiter.enabled=true",
					"--tomcorn.jvm-options=-Dnumber={worker+9000}")
			.arguments(HARD_ARGUMENTS);
		DemoProcess app = this.apps.start(launch);
		assertWorkersServe(app);
		long pid = app.fleet().worker(0).pid();
		List<String> commandLine = Processes.commandLine(pid).stream().map(LaunchIT::utf8).toList();
		assertThat(commandLine).contains(HARD_OPTIONS)
			.as("a size that is set is nobody's share")
			.filteredOn((option) -> option.startsWith("-Xmx"))
			.containsExactly("-Xmx100m");
		assertThat(commandLine).as("no manifest permits native access").containsOnlyOnce(NATIVE_ACCESS);
		assertThat(commandLine).as("what the file said").noneMatch((word) -> word.contains("hidden"));
		assertThat(commandLine.subList(commandLine.size() - launch.arguments().size(), commandLine.size()))
			.isEqualTo(launch.arguments());
		assertThat(Processes.systemProperties(pid)).containsEntry("hidden", "1").containsEntry("number", "9000");
		reloadStartsInTheNewRelease(app, release(directory, 2));
		assertStops(app);
	}

	private static Path release(Path directory, int number) throws IOException {
		Path release = Files.createDirectory(directory.resolve("release-" + number));
		Files.createSymbolicLink(release.resolve("the demo"), ExtractedJar.of(Launch.JAR).jar().getParent());
		Path link = Files.createSymbolicLink(directory.resolve("link"), release);
		return Files.move(link, directory.resolve("current"), StandardCopyOption.ATOMIC_MOVE);
	}

	private static void reloadStartsInTheNewRelease(DemoProcess app, Path current) throws IOException {
		Processes.signal("HUP", app.arbiterPid());
		app.awaitFleet((fleet) -> fleet.whole(1) && fleet.worker(0).generation() == 2);
		assertThat(Path.of("/proc", Long.toString(app.fleet().worker(0).pid()), "cwd").toRealPath())
			.isEqualTo(current.toRealPath());
		assertThat(app.lines("Workers start in " + current)).hasSize(1);
	}

	@Test
	void springBootRun() throws IOException {
		Path root = Path.of("").toAbsolutePath().getParent();
		String documented = DocumentedCommand.of(MarkdownPage.read(Documentation.README))
			.stream()
			.map(DocumentedCommand::oneLine)
			.filter((command) -> command.endsWith(" spring-boot:run"))
			.findFirst()
			.orElseThrow();
		Launch launch = Launch.command(documented.split(" "))
			.arguments("-B",
					"-Dspring-boot.run.arguments=--server.port=0 --spring.profiles.active=one-port --tomcorn.workers=1 "
							+ "--tomcorn.arbiter.enabled=true '--greeting=Hello, world'")
			.directory(root);
		if (!Boolean.getBoolean("chaos.full")) {
			// This build has compiled the modules
			launch = launch.arguments("-Dmaven.main.skip");
		}
		String repository = System.getProperty("localRepository");
		if (repository != null) {
			launch = launch.arguments("-Dmaven.repo.local=" + repository);
		}
		DemoProcess app = this.apps.start(launch);
		// It may compile three modules first
		await("the build").atMost(BUILD_PATIENCE).until(() -> !app.lines("listening on").isEmpty() || !app.isAlive());
		assertWorkersServe(app);
		for (long pid : app.fleet().pids()) {
			List<String> commandLine = Processes.commandLine(pid);
			Figures.print("spring-boot:run: worker's arguments %s",
					commandLine.subList(commandLine.size() - 5, commandLine.size()));
			assertThat(commandLine).endsWith("--server.port=0", "--spring.profiles.active=one-port",
					"--tomcorn.workers=1", "--tomcorn.arbiter.enabled=true", "--greeting=Hello, world");
		}
		assertStops(app);
		assertThat(app.lines("BUILD SUCCESS")).hasSize(1);
	}

	private static void assertWorkersServe(DemoProcess app) {
		Fleet fleet = app
			.awaitFleet((current) -> current.arbiter() != null && current.whole(current.arbiter().targetWorkers()));
		assertThat(fleet.arbiter()).isNotNull().extracting(Fleet.Arbiter::pid).isEqualTo(app.arbiterPid());
		await("answers from every worker").atMost(DemoProcess.PATIENCE)
			.until(() -> app.load()
				.simultaneous(20, "/io?ms=200")
				.print("all workers")
				.byPid()
				.keySet()
				.equals(fleet.pids()));
	}

	private static void assertStops(DemoProcess app) {
		Processes.signal("TERM", app.arbiterPid());
		assertThat(app.awaitExit()).isZero();
		await("no process left").atMost(DemoProcess.PATIENCE).until(() -> app.tree().isEmpty());
	}

	private static String utf8(String latin1) {
		return new String(latin1.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
	}

}
