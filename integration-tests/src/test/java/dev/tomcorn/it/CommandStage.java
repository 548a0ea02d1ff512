package dev.tomcorn.it;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The environment in which a reader of a page runs its commands: a directory with
 * {@code app.jar}, a shell with the JDK of the tests, and the running application, with
 * its own ports. The reader has one fleet on the machine, and the tests have several, so
 * the command {@code java} gets the chosen one. The command {@code curl} fails if the
 * answer is an error.
 */
final class CommandStage {

	private static final JsonMapper JSON = new JsonMapper();

	private static final String JAR = "app.jar";

	private static final int NOTHING = -1;

	private static final Duration INTERVAL = Duration.ofSeconds(1);

	private static final String FAILURES = "TOMCORN_STAGE_FAILURES";

	private static final String JAVA = """
			#!/bin/sh
			case " $* " in
				*" --run-directory "* | *" --pid "* | *" --fleet "*) ;;
				*" -Djarmode=tomcorn "*)
					set -- "$@" --run-directory "$TOMCORN_RUN_DIRECTORY" --fleet tomcorn-demo-app ;;
			esac
			set -- %3$s "$@"
			[ -n "$%2$s" ] || exec "%1$s" "$@"
			"%1$s" "$@" || { code=$?; echo "java: exit code $code" >>"$%2$s"; exit $code; }
			""".formatted(Launch.JAVA, FAILURES, String.join(" ", Launch.QUICK_BOOT));

	/**
	 * Exit code 23: the reader of the answer has closed the pipe.
	 */
	private static final String CURL = """
			#!/bin/sh
			PATH=${PATH#*:}
			curl --fail-with-body --silent --show-error "$@" || { code=$?; [ $code = 23 ] || echo "curl: exit code $code" >>"$%s"; exit $code; }
			"""
		.formatted(FAILURES);

	private final DemoApps apps;

	private final Path root;

	private final Setting setting;

	private final Path runDirectory;

	private @Nullable DemoProcess fleet;

	private int port;

	private int managementPort;

	/**
	 * The application that a page is about.
	 */
	enum Setting {

		/**
		 * The demo as {@code spring-boot:run} starts it, but with one worker.
		 */
		DEMO(1, Map.of("MANAGEMENT_SERVER_PORT", "0"), "--spring.profiles.active=two-ports",
				"--management.server.port=0", "--tomcorn.arbiter.enabled=true"),

		/**
		 * An application with a supervised worker whose endpoints are open.
		 */
		APPLICATION(1, Map.of("SPRING_PROFILES_ACTIVE", "one-port"), "--spring.profiles.active=one-port",
				"--tomcorn.arbiter.enabled=true", "--management.endpoint.workers.access=unrestricted",
				"--management.endpoints.web.exposure.include=*");

		private final int workers;

		private final Map<String, String> environment;

		private final String[] arguments;

		Setting(int workers, Map<String, String> environment, String... arguments) {
			this.workers = workers;
			this.environment = environment;
			this.arguments = arguments;
		}

	}

	/**
	 * The result of a command.
	 *
	 * @param exitCode its exit code
	 * @param failures the messages of a part whose failure its exit code hides
	 * @param output its output
	 */
	record Result(int exitCode, List<String> failures, List<String> output) {

		String summary() {
			return String.join(" | ",
					this.output.stream()
						.limit(3)
						.map((line) -> line.substring(0, Math.min(200, line.length())))
						.toList());
		}

	}

	CommandStage(DemoApps apps, Path root, Setting setting) throws IOException {
		this.apps = apps;
		this.root = root;
		this.setting = setting;
		this.runDirectory = Files.createDirectories(root.resolve("run"));
		Files.copy(Launch.JAR, root.resolve(JAR));
		Path commands = Files.createDirectories(root.resolve("bin"));
		write(commands.resolve("java"), JAVA);
		write(commands.resolve("curl"), CURL);
	}

	private static void write(Path file, String script) throws IOException {
		Files.writeString(file, script);
		Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
	}

	/**
	 * Return a directory for the commands of a page.
	 */
	Path enter() throws IOException {
		Path directory = Files.createTempDirectory(this.root, "page-");
		// Not a symbolic link: its target would give extracted files their name
		Files.createLink(directory.resolve(JAR), this.root.resolve(JAR));
		return directory;
	}

	/**
	 * End the fleet, if one runs.
	 */
	void end() {
		if (this.fleet != null) {
			this.fleet.end();
			this.fleet = null;
		}
	}

	/**
	 * Run a command of the page, with changed ports only.
	 */
	Result run(DocumentedCommand command, Path directory) throws IOException, InterruptedException {
		return command.startsServer() ? runServer(command, directory) : runInShell(command, directory);
	}

	/**
	 * Start a server and end it right after it listens. It succeeds if it leaves nothing
	 * behind.
	 */
	private Result runServer(DocumentedCommand command, Path directory) throws IOException {
		Launch launch = Launch.command("sh", "-c", command.text()).directory(directory);
		for (Map.Entry<String, String> variable : environment(directory).entrySet()) {
			launch = launch.environment(variable.getKey(), variable.getValue());
		}
		// A short name, because paths of sockets have a limit
		Path own = Files.createDirectories(this.root.resolve("own"));
		DemoProcess server = this.apps
			.start(launch.environment("SERVER_PORT", "0").environment("TOMCORN_RUN_DIRECTORY", own.toString()));
		int listening = server.port();
		Processes.signal("TERM", jvm(server.pid()));
		int exitCode = server.awaitExit();
		assertThat(server.tree()).as("processes left").isEmpty();
		assertThat(own).isEmptyDirectory();
		return new Result(exitCode, List.of(), List.of("listens on port " + listening));
	}

	/**
	 * Return the JVM that a shell has started or that it has become.
	 */
	private static long jvm(long shell) {
		return Processes.commandLine(shell).getFirst().equals(Launch.JAVA) ? shell
				: ProcessHandle.of(shell).orElseThrow().children().findFirst().orElseThrow().pid();
	}

	private Result runInShell(DocumentedCommand command, Path directory) throws IOException, InterruptedException {
		String text = command.text();
		int seen = 0;
		if (command.needsFleet()) {
			DemoProcess running = fleet();
			seen = running.output().length();
			text = text.replaceAll("(localhost|127\\.0\\.0\\.1):8080\\b", "$1:" + this.port)
				.replaceAll("(localhost|127\\.0\\.0\\.1):8081\\b", "$1:" + this.managementPort);
		}
		Path output = Files.createTempFile(this.root, "output", null);
		Path failures = Files.createTempFile(this.root, "failures", null);
		ProcessBuilder builder = new ProcessBuilder("sh", "-c", text).directory(directory.toFile())
			.redirectInput(new File("/dev/null"))
			.redirectErrorStream(true)
			.redirectOutput(output.toFile());
		Launch.cleanEnvironment(builder);
		builder.environment().putAll(environment(directory));
		builder.environment().put("SERVER_PORT", "0");
		builder.environment().put(FAILURES, failures.toString());
		Process process = builder.start();
		try {
			assertThat(process.waitFor(DemoProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("%s has ended", command)
				.isTrue();
		}
		finally {
			process.descendants().forEach(ProcessHandle::destroyForcibly);
			process.destroyForcibly();
		}
		if (command.needsFleet()) {
			settle(command.text().startsWith("kill ") ? seen : NOTHING);
			if (command.scales()) {
				restore();
			}
		}
		return new Result(process.exitValue(), Files.readAllLines(failures), Files.readAllLines(output));
	}

	private Map<String, String> environment(Path directory) {
		Map<String, String> environment = new LinkedHashMap<>(this.setting.environment);
		environment.put("PATH", this.root.resolve("bin") + File.pathSeparator + Path.of(Launch.JAVA).getParent()
				+ File.pathSeparator + System.getenv("PATH"));
		environment.put("TOMCORN_RUN_DIRECTORY", this.runDirectory.toString());
		environment.put("TOMCORN_INCIDENTS_DIRECTORY", directory.resolve("incidents").toString());
		return environment;
	}

	/**
	 * Return the running fleet, and start one if there is none.
	 */
	private DemoProcess fleet() {
		if (this.fleet == null || !this.fleet.isAlive()) {
			end();
			this.fleet = this.apps.start(Launch.workers(this.setting.workers, "gevent")
				.arguments(this.setting.arguments)
				.arguments("--tomcorn.run-directory=" + this.runDirectory,
						"--tomcorn.incidents.directory=" + this.root.resolve("incidents")));
			this.port = this.fleet.port();
			this.managementPort = (this.setting == Setting.DEMO) ? ManagementClient.of(this.fleet).port() : this.port;
			settle(NOTHING);
		}
		return this.fleet;
	}

	/**
	 * Remove an option that a command has added: later reloads would use it, too.
	 */
	private void restore() throws IOException {
		HttpConnection.Response response = new ManagementClient(this.managementPort).post("/actuator/workers",
				"{\"action\":\"scale\",\"workers\":%d,\"wait\":true}".formatted(this.setting.workers));
		assertThat(response.status()).as(response.body()).isEqualTo(HttpURLConnection.HTTP_OK);
		settle(NOTHING);
	}

	/**
	 * Wait until no operation of the fleet is under way, or it has ended.
	 * @param seen how much the arbiter had logged before something that it logs
	 */
	private void settle(int seen) {
		DemoProcess running = this.fleet;
		await("a fleet at rest").atMost(DemoProcess.PATIENCE)
			.pollDelay(Duration.ZERO)
			.pollInterval(INTERVAL)
			.ignoreExceptionsMatching((ex) -> running.isAlive())
			.until(() -> !running.isAlive() || (running.output().length() > seen && isAtRest(ask())));
	}

	private JsonNode ask() {
		try {
			return JSON.readTree(new ManagementClient(this.managementPort).get("/actuator/workers").body());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static boolean isAtRest(JsonNode fleet) {
		JsonNode workers = fleet.get("workers");
		return workers.size() == fleet.at("/arbiter/targetWorkers").asInt()
				&& workers.values().stream().allMatch((worker) -> worker.get("state").asString().equals("READY"))
				&& (!fleet.hasNonNull("reload") || fleet.at("/reload").hasNonNull("endedAt"));
	}

}
