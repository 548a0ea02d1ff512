package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import org.awaitility.core.ConditionFactory;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The application in a container, where its arbiter is the first process. Its port is
 * published to this machine only.
 */
final class AppContainer {

	private static final int PORT = 8080;

	/**
	 * The ports of the image.
	 */
	private static final int MANAGEMENT_PORT = 8081;

	/**
	 * Each time the engine is asked, too.
	 */
	private static final Duration POLL_INTERVAL = Duration.ofMillis(300);

	private static final int TAIL = 30;

	private final GenericContainer<?> container;

	private final Path log;

	private final CountDownLatch logEnded = new CountDownLatch(1);

	AppContainer(ContainerImage image, Launch launch, Consumer<CreateContainerCmd> limits, Path log) {
		this.log = log;
		this.container = new GenericContainer<>(DockerImageName.parse(image.name()))
			// The newly built image is only here
			.withImagePullPolicy((name) -> false)
			.withEnv("JAVA_TOOL_OPTIONS", String.join(" ", ContainerImage.OPTIONS))
			.withEnv(launch.environment())
			.withCommand(launch.arguments("--server.port=" + PORT).arguments().toArray(String[]::new))
			.withExposedPorts(PORT, MANAGEMENT_PORT)
			.withCreateContainerCmdModifier((command) -> hostConfig(command).withPortBindings(toThisMachine(PORT),
					toThisMachine(MANAGEMENT_PORT)))
			.withCreateContainerCmdModifier((command) -> hostConfig(command).withBinds(image.mounts()))
			.withCreateContainerCmdModifier(limits)
			.withLogConsumer(this::write)
			.waitingFor(Wait.forLogMessage("(?s).*(Arbiter \\(pid \\d+\\) listening on|Tomcat started on port).*", 1)
				.withStartupTimeout(DemoProcess.PATIENCE));
	}

	private static PortBinding toThisMachine(int port) {
		return new PortBinding(Ports.Binding.bindIp("127.0.0.1"), ExposedPort.tcp(port));
	}

	static HostConfig hostConfig(CreateContainerCmd command) {
		HostConfig hostConfig = command.getHostConfig();
		if (hostConfig == null) {
			throw new IllegalStateException("No host configuration");
		}
		return hostConfig;
	}

	void start() {
		this.container.start();
	}

	private void write(OutputFrame frame) {
		if (frame.getType() == OutputFrame.OutputType.END) {
			this.logEnded.countDown();
			return;
		}
		try {
			Files.write(this.log, frame.getBytes(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	LoadGenerator load() {
		return new LoadGenerator(this.container.getMappedPort(PORT));
	}

	Fleet fleet() {
		return new ManagementClient(this.container.getMappedPort(MANAGEMENT_PORT)).fleet();
	}

	Fleet awaitWhole(int workers) {
		return awaitFleet((fleet) -> fleet.whole(workers) && fleet.openConnections() <= 1);
	}

	Fleet awaitFleet(Predicate<Fleet> condition) {
		return waiting("the fleet").pollInterval(DemoProcess.FLEET_INTERVAL)
			.ignoreExceptionsMatching((ex) -> isRunning())
			.until(this::fleet, condition);
	}

	/**
	 * Wait for a line of output.
	 */
	Matcher awaitLine(String regex) {
		Pattern pattern = Pattern.compile(regex);
		Matcher[] found = new Matcher[1];
		waiting(regex).until(() -> {
			boolean running = isRunning();
			found[0] = pattern.matcher(output());
			boolean seen = found[0].find();
			if (!seen && !running) {
				throw new AssertionError("Ended with exit code %d before '%s' was seen".formatted(exitCode(), pattern));
			}
			return seen;
		});
		return found[0];
	}

	static ConditionFactory waiting(String what) {
		return await(what).atMost(DemoProcess.PATIENCE).pollInterval(POLL_INTERVAL).pollDelay(Duration.ZERO);
	}

	/**
	 * Send a signal to the first process, like the engine's {@code kill}.
	 */
	void signal(String signal) {
		this.container.getDockerClient().killContainerCmd(this.container.getContainerId()).withSignal(signal).exec();
	}

	/**
	 * Stop it like the engine's {@code stop}: TERM, and KILL after a time.
	 * @return its exit code
	 */
	long stop(Duration timeout) {
		this.container.getDockerClient()
			.stopContainerCmd(this.container.getContainerId())
			.withTimeout((int) timeout.toSeconds())
			.exec();
		try {
			assertThat(this.logEnded.await(DemoProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("end of the log")
				.isTrue();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
		return exitCode();
	}

	private long exitCode() {
		Long exitCode = state().getExitCodeLong();
		return (exitCode != null) ? exitCode : -1;
	}

	boolean isRunning() {
		return Boolean.TRUE.equals(state().getRunning());
	}

	private InspectContainerResponse.ContainerState state() {
		return this.container.getCurrentContainerInfo().getState();
	}

	/**
	 * Return whether the image's own check reports it as healthy.
	 */
	boolean isHealthy() {
		return "healthy".equals(state().getHealth().getStatus());
	}

	/**
	 * Return the processes in the container except the one that lists them, zombies
	 * included.
	 */
	List<Processes.Row> processes() {
		List<Processes.Row> rows = run("for f in /proc/[0-9]*/stat; do read -r line < $f && echo \"$line\"; done")
			.lines()
			.map(Processes::parse)
			.toList();
		// A process that the engine starts in a container has no parent there
		return rows.stream().filter((row) -> row.pid() == 1 || row.parent() != 0).toList();
	}

	/**
	 * Run a command in the shell inside.
	 */
	String run(String script) {
		try {
			ExecResult result = this.container.execInContainer("bash", "-c", script);
			assertThat(result.getExitCode()).as(result.getStderr()).isZero();
			return result.getStdout();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	String output() {
		try {
			return Files.readString(this.log, StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return the last lines of output.
	 */
	String tail() {
		List<String> lines = output().lines().toList();
		return "%s%n%s".formatted(this.log,
				String.join(System.lineSeparator(), lines.subList(Math.max(0, lines.size() - TAIL), lines.size())));
	}

	/**
	 * Remove it, running or not.
	 */
	void remove() {
		this.container.stop();
	}

}
