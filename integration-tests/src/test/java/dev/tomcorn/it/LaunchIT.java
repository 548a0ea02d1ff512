package dev.tomcorn.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The ways to start an application, all of which spawn workers that are started alike.
 * How workers use an AOT cache is seen in {@link SignalsIT}.
 */
class LaunchIT {

	private static final String[] HARD_OPTIONS = { "-Dsome.property=a \"quoted\" value with 'both' and spaces",
			"-Dempty=", "-Dbackslash=C:\\dir\\", "-Ddollar=$HOME `id` *" };

	private static final String[] HARD_ARGUMENTS = { "--greeting=Hello, \"big\" world", "", "two  spaces", "--tab=a\tb",
			"it's", "back\\slash", "--umlaut=größer" };

	private static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

	private static final Duration BUILD_PATIENCE = Duration.ofMinutes(5);

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@Test
	void jarInADirectoryWithSpacesAndHardArguments(@TempDir Path directory) throws IOException {
		Path jar = Files.createDirectory(directory.resolve("my apps (1)")).resolve("the demo.jar");
		Files.createLink(jar, Files.copy(Launch.JAR, directory.resolve("copy.jar")));
		Path jdk = JdkCopy.in(directory.resolve("jdk"));
		Launch launch = Launch.java("-jar", "my apps (1)/the demo.jar")
			.launcher(jdk.resolve("bin/java").toString())
			.directory(directory)
			.jvmOptions(HARD_OPTIONS)
			.jvmOptions("-Djdk.lang.Process.launchMechanism=FORK")
			.arguments("--tomcorn.workers=1", "--tomcorn.arbiter.enabled=true")
			.arguments(HARD_ARGUMENTS)
			.environment("JAVA_TOOL_OPTIONS", "-Dtool='with a space'")
			.environment("JDK_JAVA_OPTIONS", "-Djdk=\"with a space\"");
		DemoProcess app = this.apps.start(launch);
		assertWorkersServe(app);
		assertThat(app.output()).doesNotContain("restricted method");
		for (long pid : app.fleet().pids()) {
			List<String> commandLine = Processes.commandLine(pid).stream().map(LaunchIT::utf8).toList();
			Figures.print("java -jar: worker's command line %s", commandLine);
			assertThat(commandLine).contains(HARD_OPTIONS)
				.containsOnlyOnce("-Dtool=with a space")
				.containsOnlyOnce("-Djdk=with a space")
				.containsSubsequence("-jar", "my apps (1)/the demo.jar")
				.as("the manifest permits native access")
				.doesNotContain(NATIVE_ACCESS);
			assertThat(commandLine.subList(commandLine.size() - launch.arguments().size(), commandLine.size()))
				.isEqualTo(launch.arguments());
		}
		workersAreSpawnedThoughTheJdkWasUpdated(app, jdk);
		assertStops(app);
	}

	/**
	 * As packages do it: each file by a rename. The helper of another build refuses this
	 * JVM, which needs none with the documented option.
	 */
	private static void workersAreSpawnedThoughTheJdkWasUpdated(DemoProcess app, Path jdk) throws IOException {
		Path helper = jdk.resolve("lib/jspawnhelper");
		assertThat(helper).isExecutable();
		Path next = Files.writeString(helper.resolveSibling("next"), "#!/bin/sh\nexit 1\n");
		Files.setPosixFilePermissions(next, Files.getPosixFilePermissions(helper));
		Files.move(next, helper, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
		long pid = app.fleet().worker(0).pid();
		Processes.signal("KILL", pid);
		app.awaitFleet((fleet) -> fleet.whole(1) && !fleet.pids().contains(pid));
	}

	@Test
	void classPath(@TempDir Path directory) throws IOException {
		Files.createSymbolicLink(directory.resolve("the demo"), ExtractedJar.of(Launch.JAR).jar().getParent());
		Launch launch = Launch
			.java("-cp", "the demo/" + Launch.JAR.getFileName() + ":the demo/lib/*", "dev.tomcorn.demo.DemoApplication")
			.directory(directory)
			.jvmOptions(HARD_OPTIONS)
			.jvmOptions("-Xmx100m")
			.arguments("--tomcorn.workers=1", "--tomcorn.arbiter.enabled=true")
			.arguments(HARD_ARGUMENTS);
		DemoProcess app = this.apps.start(launch);
		assertWorkersServe(app);
		for (long pid : app.fleet().pids()) {
			List<String> commandLine = Processes.commandLine(pid).stream().map(LaunchIT::utf8).toList();
			assertThat(commandLine).contains(HARD_OPTIONS)
				.contains("-cp", "dev.tomcorn.demo.DemoApplication")
				.as("a size that is set is nobody's share")
				.filteredOn((option) -> option.startsWith("-Xmx"))
				.containsExactly("-Xmx100m");
			assertThat(commandLine).as("no manifest permits native access").containsOnlyOnce(NATIVE_ACCESS);
			assertThat(commandLine.subList(commandLine.size() - launch.arguments().size(), commandLine.size()))
				.isEqualTo(launch.arguments());
		}
		assertStops(app);
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
		String repository = System.getProperty("localRepository");
		if (repository != null) {
			launch = launch.arguments("-Dmaven.repo.local=" + repository);
		}
		DemoProcess app = this.apps.start(launch);
		// It compiles three modules first
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
