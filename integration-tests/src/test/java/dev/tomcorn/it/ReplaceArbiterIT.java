package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The signals that concern the arbiter itself: USR2 replaces it, WINCH pauses its fleet,
 * USR1 describes it.
 */
class ReplaceArbiterIT {

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@RegisterExtension
	final OutcomeTable table = new OutcomeTable();

	@Test
	void usr2ReplacesTheArbiterWithoutLosingARequest() {
		DemoProcess app = this.apps.start(Launch.faults(2, "gevent"));
		Set<Long> before = app.awaitWarm(2).pids();
		MixedLoad.Clients clients = MixedLoad.to(app.port()).rate(500);
		MixedTally tally;
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(500);
			app.signal("USR2");
			app.awaitLine("Another arbiter has taken over: draining 2 worker\\(s\\), then ending");
			assertThat(app.awaitExit()).as("exit code of the old arbiter").isZero();
			tally = load.awaitMore(500).stop();
		}
		this.table.add("arbiter replaced by USR2, %s".formatted(clients), tally);
		tally.assertAllOk(1000);
		Fleet after = app.fleet();
		assertThat(after.pids()).hasSize(2).doesNotContainAnyElementsOf(before);
		Fleet.Arbiter arbiter = after.arbiter();
		assertThat(arbiter).isNotNull();
		long successor = arbiter.pid();
		assertThat(successor).isNotEqualTo(app.pid());

		Processes.signal("TERM", successor);
		await("end of the new arbiter and its workers").atMost(DemoProcess.PATIENCE).until(() -> app.tree().isEmpty());
	}

	@Test
	void arbiterWhoseSuccessorDoesNotComeUpStays(@TempDir Path directory) {
		Path jar = directory.resolve("app.jar");
		copy(Launch.FAULT_JAR, jar);
		DemoProcess app = this.apps.start(
				Launch.java("-jar", jar.toString()).arguments("--tomcorn.workers=2", "--tomcorn.worker-class=gevent"));
		Set<Long> before = app.awaitWhole(2).pids();
		Path broken = directory.resolve("broken.jar");
		write(broken);
		copy(broken, jar);
		app.signal("USR2");
		app.awaitLine("The other arbiter has ended with exit code 1: this one stays");
		assertThat(app.awaitWhole(2).pids()).isEqualTo(before);
		app.signal("TERM");
		assertThat(app.awaitExit()).isZero();
		assertThat(app.tree()).isEmpty();
	}

	@Test
	void winchPausesUntilTtinAndUsr1Describes() {
		// A session of its own has no terminal, whose window may change
		DemoProcess app = this.apps.start(Launch.faults(2, "gevent").launcher("setsid", "--wait", Launch.JAVA));
		app.awaitWhole(2);
		long arbiter = app.arbiterPid();
		Processes.signal("USR1", arbiter);
		app.awaitLine("RUNNING, generation 1, 2 worker\\(s\\) to serve, 0 standby");
		app.awaitLine("Worker 1 \\(pid \\d+\\) READY for .* s, generation 1: state READY, heartbeat \\d+ ms ago");
		Processes.signal("WINCH", arbiter);
		app.awaitLine("(?s)(Worker \\d \\(pid \\d+\\) stopped.*){2}");
		CompletableFuture<Exchange> patient = app.load().send("/whoami");
		await("client in the queue").atMost(DemoProcess.PATIENCE).until(() -> TcpTable.waiting(app.port()) == 1);
		Processes.signal("TTIN", arbiter);
		assertThat(patient.join().ok()).as("client that came during the pause").isTrue();
		app.awaitWhole(2);
		Processes.signal("TERM", arbiter);
		assertThat(app.awaitExit()).isZero();
	}

	private static void copy(Path from, Path to) {
		try {
			Path beside = to.resolveSibling("beside");
			Files.copy(from, beside, StandardCopyOption.REPLACE_EXISTING);
			Files.move(beside, to, StandardCopyOption.ATOMIC_MOVE);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void write(Path file) {
		try {
			Files.writeString(file, "no jar");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
