package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The signals for the arbiter itself: USR2 replaces it, WINCH pauses its fleet, USR1
 * describes it.
 */
class ReplaceArbiterIT {

	private static final int WORKERS = ChaosScale.workers();

	private static final Pattern DRAWN = Pattern.compile(
			"\"property\":\\{\"source\":\"[^\"]+\",\"value\":\"(\\p{XDigit}{8}(?:-\\p{XDigit}{4}){3}-\\p{XDigit}{12})\"");

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@RegisterExtension
	final OutcomeTable table = new OutcomeTable();

	@Test
	void arbiterDescribesPausesAndReplacesItselfOnSignals(@TempDir Path directory) throws IOException {
		Path config = directory.resolve("changed.yml");
		Files.writeString(config, "");
		// A session of its own has no terminal, whose window may change
		CopiedJdk jdk = CopiedJdk.into(directory.resolve("jdk"));
		DemoProcess app = this.apps.start(Launch.faults(WORKERS, "gevent")
			.arguments("--tomcorn.arbiter.enabled=true", "--tomcorn.pause-on-winch=true",
					"--spring.config.additional-location=file:" + config, "--fault.files=" + directory,
					"--server.port=${random.int[20000,30000]}", "--fault.drawn=${random.uuid}",
					"--management.endpoints.web.exposure.include=env,health,metrics,workers",
					"--management.endpoint.env.show-values=always")
			.launcher("setsid", "--wait", jdk.java()));
		app.awaitWhole(WORKERS);
		// From here on a JVM whose files were replaced starts the processes, as after an
		// update of the JDK
		jdk.update();
		long arbiter = app.arbiterPid();
		assertFilesName(directory, arbiter, app.port());
		usr1Describes(app, arbiter);
		winchPausesUntilTtin(app, arbiter);
		staysWhenItsSuccessorDoesNotComeUp(app, arbiter, config);
		assertFilesName(directory, arbiter, app.port());
		long successor = usr2ReplacesTheArbiterWithoutLosingARequest(app, arbiter);
		assertFilesName(directory, successor, app.port());
		assertThat(app.output()).doesNotContain("Changed without effect", "needs a restart");
		Processes.signal("TERM", successor);
		await("end of the new arbiter and its workers").atMost(DemoProcess.PATIENCE).until(() -> app.tree().isEmpty());
		assertThat(directory.resolve("app.pid")).doesNotExist();
		assertThat(directory.resolve("app.port")).doesNotExist();
	}

	/**
	 * The files of Boot's listeners belong to the arbiter, whichever workers come and go.
	 */
	private static void assertFilesName(Path directory, long arbiter, int port) {
		assertThat(directory.resolve("app.pid")).hasContent(Long.toString(arbiter));
		assertThat(directory.resolve("app.port")).hasContent(Integer.toString(port));
	}

	private static void usr1Describes(DemoProcess app, long arbiter) {
		Processes.signal("USR1", arbiter);
		app.awaitLine("RUNNING, generation 1, %d worker\\(s\\) to serve, 0 standby".formatted(WORKERS));
		app.awaitLine("Worker 0 \\(pid \\d+\\) READY for .* s, generation 1: state READY, heartbeat \\d+ ms ago");
	}

	private static void winchPausesUntilTtin(DemoProcess app, long arbiter) {
		Processes.signal("WINCH", arbiter);
		app.awaitLine("(?s)(Worker \\d \\(pid \\d+\\) stopped.*){%d}".formatted(WORKERS));
		CompletableFuture<Exchange> patient = app.load().send("/whoami");
		await("client in the queue").atMost(DemoProcess.PATIENCE).until(() -> TcpTable.waiting(app.port()) == 1);
		Processes.signal("TTIN", arbiter);
		assertThat(patient.join().ok()).as("client that came during the pause").isTrue();
		app.awaitWhole(WORKERS);
	}

	private static void staysWhenItsSuccessorDoesNotComeUp(DemoProcess app, long arbiter, Path config)
			throws IOException {
		Set<Long> before = app.awaitWhole(WORKERS).pids();
		Files.writeString(config, "fault: [not: yaml\n");
		Processes.signal("USR2", arbiter);
		app.awaitLine("The other arbiter has ended with exit code 1: this one stays");
		assertThat(app.awaitWhole(WORKERS).pids()).isEqualTo(before);
		Files.writeString(config, "");
	}

	private long usr2ReplacesTheArbiterWithoutLosingARequest(DemoProcess app, long arbiter) {
		Set<Long> before = app.awaitWarm(WORKERS).pids();
		List<String> drawn = drawn(app);
		assertThat(Set.copyOf(drawn)).as("what the workers have drawn").hasSize(1);
		MixedLoad.Clients clients = ChaosScale.load(app.port());
		MixedTally tally;
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(2 * ChaosScale.some());
			Processes.signal("USR2", arbiter);
			app.awaitLine("Another arbiter has taken over: draining %d worker\\(s\\), then ending".formatted(WORKERS));
			assertThat(app.awaitExit()).as("exit code of the old arbiter").isZero();
			tally = load.awaitMore(2 * ChaosScale.some()).stop();
		}
		this.table.add("arbiter replaced by USR2, %s".formatted(clients), tally);
		tally.assertAllOk(4 * ChaosScale.some());
		Fleet after = app.fleet();
		assertThat(after.pids()).hasSize(WORKERS).doesNotContainAnyElementsOf(before);
		Fleet.Arbiter successor = after.arbiter();
		assertThat(successor).isNotNull();
		assertThat(successor.pid()).isNotEqualTo(arbiter);
		assertThat(drawn(app)).as("what the new workers have drawn").isEqualTo(drawn);
		return successor.pid();
	}

	/**
	 * Return the random value of a property in each worker.
	 */
	private static List<String> drawn(DemoProcess app) {
		return IntStream.range(0, WORKERS)
			.mapToObj((index) -> app.get("/actuator/env/fault.drawn?worker=" + index))
			.map((answer) -> {
				Matcher value = DRAWN.matcher(answer);
				assertThat(value.find()).as(answer).isTrue();
				return value.group(1);
			})
			.toList();
	}

}
