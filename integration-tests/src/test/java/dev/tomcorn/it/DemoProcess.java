package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A running demo, with all its processes.
 */
final class DemoProcess {

	/**
	 * Time limit for steps that take seconds, on a machine that is busy with other work.
	 */
	static final Duration PATIENCE = Duration.ofSeconds(240);

	static final Duration POLL_INTERVAL = Duration.ofMillis(100);

	static final Duration FLEET_INTERVAL = Duration.ofMillis(800);

	/**
	 * How often the fleet is queried while the arbiter logs nothing. An answer takes
	 * processor time of a JVM that has just booted, for which others wait.
	 */
	private static final Duration QUIET_INTERVAL = Duration.ofMillis(1500);

	private static final String ARBITER_LOGGER = "dev.tomcorn.arbiter";

	private static final Duration END_PATIENCE = Duration.ofSeconds(10);

	private static final Pattern ARBITER = Pattern
		.compile("Arbiter \\(pid (\\d+)\\) listening on (?:\\S+ )?port (\\d+)");

	private static final Pattern SOLO = Pattern.compile("Tomcat started on port (\\d+)");

	private static final String MARK = "TOMCORN_TEST_PROCESS";

	private static final int TAIL = 30;

	private static final JsonMapper JSON = new JsonMapper();

	private final Process process;

	private final Path log;

	private final String mark;

	private final Map<Long, Processes.Row> seen = new ConcurrentHashMap<>();

	private String read = "";

	private long readSize;

	private DemoProcess(Process process, Path log, String mark) {
		this.process = process;
		this.log = log;
		this.mark = mark;
	}

	static DemoProcess start(Launch launch, Path log) {
		String id = UUID.randomUUID().toString();
		ProcessBuilder builder = new ProcessBuilder(launch.commandLine()).redirectErrorStream(true)
			.redirectOutput(log.toFile())
			.directory(launch.directory().toAbsolutePath().toFile());
		// The environment of the build must not change the test
		Launch.cleanEnvironment(builder);
		builder.environment().putAll(launch.environment());
		// Every process of the tree inherits it, also one whose parent has ended
		builder.environment().put(MARK, id);
		try {
			return new DemoProcess(builder.start(), log, MARK + "=" + id);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return the process that the launch started: the arbiter, unless another program
	 * starts it.
	 */
	long pid() {
		return this.process.pid();
	}

	/**
	 * Return the file with the output.
	 */
	Path log() {
		return this.log;
	}

	boolean isAlive() {
		return this.process.isAlive();
	}

	/**
	 * Return every living process of the demo. One is alive until it has closed
	 * everything that it had open.
	 */
	List<Long> tree() {
		Processes.withEnvironment(this.mark).forEach((row) -> this.seen.put(row.pid(), row));
		return this.seen.values().stream().filter(Processes::alive).map(Processes.Row::pid).sorted().toList();
	}

	void signal(String signal) {
		Processes.signal(signal, pid());
	}

	/**
	 * Return the arbiter's process id as it logs it.
	 */
	long arbiterPid() {
		return Long.parseLong(awaitLine(ARBITER).group(1));
	}

	/**
	 * Return the port, once the demo listens.
	 */
	int port() {
		Matcher[] found = new Matcher[1];
		awaitOutput("a port", (output) -> {
			Matcher arbiter = ARBITER.matcher(output);
			Matcher solo = SOLO.matcher(output);
			found[0] = arbiter.find() ? arbiter : solo;
			return found[0] == arbiter || solo.find();
		});
		return Integer.parseInt(found[0].group(found[0].groupCount()));
	}

	LoadGenerator load() {
		return new LoadGenerator(port());
	}

	/**
	 * Return the answer to a request that must succeed.
	 */
	String get(String path) {
		try (HttpConnection connection = new HttpConnection(port(), PATIENCE)) {
			HttpConnection.Response response = connection.get(path);
			assertThat(response.status()).as(response.body()).isEqualTo(200);
			return response.body();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	Fleet fleet() {
		return fleet(get("/actuator/workers"));
	}

	static Fleet fleet(String json) {
		return JSON.readValue(json, Fleet.class);
	}

	/**
	 * Wait until all workers are ready and have no request except this one.
	 */
	Fleet awaitWhole(int workers) {
		return awaitFleet((fleet) -> fleet.whole(workers) && fleet.openConnections() <= 1);
	}

	/**
	 * Wait until all workers are ready and have answered: the first request of a JVM
	 * takes as long as loading the classes for it.
	 */
	Fleet awaitWarm(int workers) {
		awaitWhole(workers);
		waiting("an answer from every worker")
			.until(() -> load().simultaneous(4 * workers, "/io?ms=100").byPid().size() == workers);
		return awaitWhole(workers);
	}

	Fleet awaitFleet(Predicate<Fleet> condition) {
		FleetQuestion question = new FleetQuestion(condition);
		waiting("the fleet").ignoreExceptionsMatching((ex) -> isAlive()).until(question::answered);
		return question.fleet();
	}

	/**
	 * Wait for a line of output.
	 */
	Matcher awaitLine(String regex) {
		return awaitLine(Pattern.compile(regex));
	}

	private Matcher awaitLine(Pattern pattern) {
		Matcher[] found = new Matcher[1];
		awaitOutput(pattern.pattern(), (output) -> {
			found[0] = pattern.matcher(output);
			return found[0].find();
		});
		return found[0];
	}

	private void awaitOutput(String what, Predicate<String> condition) {
		waiting(what).until(() -> {
			boolean alive = isAlive();
			boolean seen = condition.test(alive ? completeLines() : output());
			if (!seen && !alive) {
				throw new AssertionError("Ended with exit code %d before %s was seen:%n%s"
					.formatted(this.process.exitValue(), what, tail()));
			}
			return seen;
		});
	}

	private static ConditionFactory waiting(String what) {
		return await(what).atMost(PATIENCE).pollInterval(POLL_INTERVAL).pollDelay(Duration.ZERO);
	}

	/**
	 * Wait until the process that the launch started has ended.
	 * @return its exit code
	 */
	int awaitExit() {
		try {
			assertThat(this.process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
				.as("ended, last output:%n%s", tail())
				.isTrue();
			return this.process.exitValue();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Return the output without a line that is being written: half a number is another
	 * number.
	 */
	private String completeLines() {
		String output = output();
		return output.substring(0, output.lastIndexOf('\n') + 1);
	}

	synchronized String output() {
		try {
			long size = Files.size(this.log);
			if (size != this.readSize) {
				// A partly written character must not make the test fail
				this.read = new String(Files.readAllBytes(this.log), StandardCharsets.UTF_8);
				this.readSize = size;
			}
			return this.read;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return the lines of output that contain a text.
	 */
	List<String> lines(String text) {
		return output().lines().filter((line) -> line.contains(text)).toList();
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
	 * End all processes, including those whose parent has ended.
	 */
	void end() {
		if (isAlive()) {
			tree().stream().filter(Processes::isStopped).forEach((pid) -> Processes.signalUnlessGone("CONT", pid));
			this.process.destroy();
			try {
				this.process.waitFor(END_PATIENCE.toSeconds(), TimeUnit.SECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}
		await("end of every process").atMost(PATIENCE).until(() -> {
			List<Long> left = tree();
			left.stream().map(ProcessHandle::of).forEach((handle) -> handle.ifPresent(ProcessHandle::destroyForcibly));
			return left.isEmpty();
		});
	}

	/**
	 * A wait for a state of the fleet. The fleet is queried when the arbiter has logged
	 * something, and from time to time, because not every change is logged.
	 */
	private final class FleetQuestion {

		private final Predicate<Fleet> condition;

		private @Nullable Fleet last;

		private int arbiterLines = -1;

		private long askedAt;

		FleetQuestion(Predicate<Fleet> condition) {
			this.condition = condition;
		}

		boolean answered() {
			int lines = lines(ARBITER_LOGGER).size();
			long now = System.nanoTime();
			if (lines == this.arbiterLines && now - this.askedAt < QUIET_INTERVAL.toNanos()) {
				return false;
			}
			this.arbiterLines = lines;
			this.askedAt = now;
			this.last = DemoProcess.this.fleet();
			return this.condition.test(this.last);
		}

		Fleet fleet() {
			return Objects.requireNonNull(this.last);
		}

	}

}
