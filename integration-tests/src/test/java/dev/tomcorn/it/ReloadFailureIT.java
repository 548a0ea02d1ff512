package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Reloads to versions that do not boot: the old generation continues to serve.
 * {@link LaunchIT} has those of a jar that is damaged.
 */
@Order(1)
class ReloadFailureIT {

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@RegisterExtension
	final OutcomeTable table = new OutcomeTable();

	@TempDir
	Path directory;

	/**
	 * The short boot timeout comes with the last version that boots: a busy machine may
	 * take long for a healthy one.
	 */
	@Test
	void versionThatDoesNotBootLeavesTheOldGenerationServing() throws IOException {
		Path config = this.directory.resolve("changed.yml");
		Files.writeString(config, "");
		DemoProcess app = this.apps.start(Launch.faults(1, "gevent")
			.arguments("--tomcorn.arbiter.enabled=true", "--spring.config.additional-location=file:" + config,
					Operator.ACCESS));
		Fleet before = app.awaitWarm(1);
		MixedTally tally;
		MixedLoad.Clients clients = clients(app);
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(20);
			change(config, "fault:\n  boot: fail\n");
			fails(app, load, "could not boot: java.lang.IllegalStateException: This version cannot boot");
			change(config, "fault: [not: yaml\n");
			fails(app, load, "could not boot: ");
			change(config, "fault:\n  late-port: 21404\n");
			fails(app, load, "could not boot: ");
			app.awaitLine("server\\.port \\(0 at the start, 21404 now, from code");
			assertUntouched(app, before);
			change(config, "tomcorn:\n  boot-timeout: 15s\n");
			assertThat(Operator.reload(app).join()).returns(200, Operator.Answer::status);
			Fleet reloaded = app.awaitFleet((fleet) -> fleet.whole(1) && fleet.worker(0).generation() == 2);
			change(config, "fault:\n  boot: hang\n");
			fails(app, load, "not ready within boot-timeout (15 s)");
			assertUntouched(app, reloaded);
			tally = load.awaitMore(20).stop();
		}
		this.table.add("4 reloads to what does not boot, one to what does, " + clients, tally);
		tally.assertAllOk(60);
		app.signal("TERM");
		assertThat(app.awaitExit()).isZero();
		assertThat(app.lines("[arbiter]")).noneMatch((line) -> line.contains("Error"));
	}

	/**
	 * Few requests, because a boot timeout takes some time.
	 */
	private static MixedLoad.Clients clients(DemoProcess app) {
		return MixedLoad.to(app.port()).keepAlive(8).newConnections(4).rate(12).work(200);
	}

	private static void change(Path config, String content) throws IOException {
		Path next = config.resolveSibling("next.yml");
		Files.writeString(next, content);
		Files.move(next, config, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
	}

	/**
	 * The outcome is in the log and on the endpoint, and in the answer to a client that
	 * waits.
	 */
	private static void fails(DemoProcess app, MixedLoad load, String cause) {
		int next = generation(app.fleet()) + 1;
		String failure = "Reload to generation %d failed: ".formatted(next);
		int failed = app.lines(failure).size();
		CompletableFuture<Operator.Answer> waiting = Operator.reload(app);
		load.awaitMore(8);
		Operator.Answer answer = waiting.join();
		Figures.print("  reload answered %d %s", answer.status(), answer.body());
		assertThat(answer.status()).isGreaterThanOrEqualTo(400);
		assertThat(answer.body()).contains("Reload to generation %d failed".formatted(next)).contains(cause);
		assertThat(app.get("/actuator/workers"))
			.contains("\"reload\":{\"generation\":%d,\"outcome\":\"FAILED\"".formatted(next))
			.contains(cause);
		// The arbiter's log has a thread of its own, which may be later than the answer
		await("line of the failure").atMost(DemoProcess.PATIENCE).until(() -> app.lines(failure).size() > failed);
		assertThat(app.lines(failure)).hasSize(failed + 1).last().asString().contains(cause);
	}

	private static void assertUntouched(DemoProcess app, Fleet before) {
		assertThat(app.awaitFleet((fleet) -> fleet.whole(before.workers().size()))).returns(before.pids(), Fleet::pids)
			.returns(generation(before), ReloadFailureIT::generation)
			.satisfies((fleet) -> assertThat(fleet.workers())
				.allMatch((worker) -> worker.generation() == generation(before)));
	}

	private static int generation(Fleet fleet) {
		Fleet.Arbiter arbiter = fleet.arbiter();
		assertThat(arbiter).isNotNull();
		return arbiter.generation();
	}

}
