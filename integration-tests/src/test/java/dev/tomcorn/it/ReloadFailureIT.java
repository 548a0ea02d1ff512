package dev.tomcorn.it;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Reloads to what does not boot: the old generation serves on as if nothing had happened.
 */
class ReloadFailureIT {

	private static final String REMOVED = "BOOT-INF/classes/dev/tomcorn/fault/PlainController.class";

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@RegisterExtension
	final OutcomeTable table = new OutcomeTable();

	@TempDir
	Path directory;

	@Test
	void badConfigurationLeavesTheOldGenerationServing() throws IOException {
		Path config = this.directory.resolve("changed.yml");
		Files.writeString(config, "");
		DemoProcess app = this.apps.start(Launch.faults(2, "gevent")
			.arguments("--spring.config.additional-location=file:" + config, "--tomcorn.boot-timeout=60s",
					Operator.ACCESS));
		Fleet before = app.awaitWarm(2);
		MixedTally tally;
		MixedLoad.Clients clients = MixedLoad.to(app.port()).rate(300);
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(200);
			fails(app, load, config, "fault:\n  boot: fail\n", "exit code 1");
			fails(app, load, config, "tomcorn:\n  threads: a few\n", "exit code 1");
			fails(app, load, config, "fault: [not: yaml\n", "exit code 1");
			assertUntouched(app, before);
			// What is on disk is good again
			Files.writeString(config, "");
			assertThat(Operator.reload(app).join()).returns(200, Operator.Answer::status);
			app.awaitFleet((fleet) -> fleet.whole(2) && fleet.arbiter() != null && fleet.arbiter().generation() == 2
					&& fleet.workers().stream().allMatch((worker) -> worker.generation() == 2));
			tally = load.awaitMore(200).awaitRequests(1000).stop();
		}
		this.table.add("3 reloads to bad configurations, then a good one, " + clients, tally);
		tally.assertAllOk(1000);
	}

	@Test
	void versionThatHangsAtBootIsGivenUpAfterTheBootTimeout() throws IOException {
		Path config = this.directory.resolve("changed.yml");
		Files.writeString(config, "");
		DemoProcess app = this.apps.start(Launch.faults(2, "gevent")
			.arguments("--spring.config.additional-location=file:" + config, "--tomcorn.boot-timeout=20s",
					Operator.ACCESS));
		Fleet before = app.awaitWarm(2);
		MixedTally tally;
		MixedLoad.Clients clients = MixedLoad.to(app.port()).rate(300);
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(200);
			fails(app, load, config, "fault:\n  boot: hang\n", "boot-timeout");
			tally = load.awaitRequests(500).stop();
		}
		this.table.add("reload to a version that hangs at boot, " + clients, tally);
		assertUntouched(app, before);
		tally.assertAllOk(500);
	}

	@Test
	void brokenJarLeavesTheOldGenerationServing() throws IOException {
		Path jar = this.directory.resolve("app.jar");
		Files.copy(Launch.FAULT_JAR, jar);
		DemoProcess app = this.apps.start(Launch.java("-jar", jar.toString())
			.arguments("--tomcorn.workers=2", "--tomcorn.worker-class=gevent", Operator.ACCESS));
		Fleet before = app.awaitWarm(2);
		MixedTally tally;
		MixedLoad.Clients clients = MixedLoad.to(app.port()).rate(300);
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(200);
			replace(jar, truncated());
			fails(app, load, "exit code 1");
			replace(jar, without("BOOT-INF/classes/dev/tomcorn/fault/FaultApplication.class"));
			fails(app, load, "exit code 1");
			assertUntouched(app, before);
			// Boots, and shows that what is on disk is what runs
			replace(jar, without(REMOVED));
			tally = load.awaitRequests(500).stop();
			assertThat(Operator.reload(app).join()).returns(200, Operator.Answer::status);
		}
		this.table.add("2 reloads to broken jars, " + clients, tally);
		tally.assertAllOk(500);
		app.awaitFleet((fleet) -> fleet.whole(2) && fleet.worker(0).generation() == 2);
		assertThat(app.load().simultaneous(1, "/whoami").failures().exchanges()).singleElement()
			.satisfies((exchange) -> assertThat(exchange.detail()).startsWith("404"));
	}

	private static void fails(DemoProcess app, MixedLoad load, Path config, String content, String cause)
			throws IOException {
		Path next = config.resolveSibling("next.yml");
		Files.writeString(next, content);
		Files.move(next, config, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
		fails(app, load, cause);
	}

	/**
	 * The outcome is in the log, on the endpoint, and answers who waits.
	 */
	private static void fails(DemoProcess app, MixedLoad load, String cause) {
		int failed = app.lines("Reload to generation 2 failed: ").size();
		CompletableFuture<Operator.Answer> waiting = Operator.reload(app);
		load.awaitMore(100);
		Operator.Answer answer = waiting.join();
		Figures.print("  reload answered %d %s", answer.status(), answer.body());
		assertThat(answer.status()).isGreaterThanOrEqualTo(400);
		assertThat(answer.body()).contains("Reload to generation 2 failed").contains(cause);
		assertThat(app.get("/actuator/workers")).contains("\"reload\":{\"generation\":2,\"outcome\":\"FAILED\"")
			.contains(cause);
		// The arbiter's log has a thread of its own, which may be later than the answer
		await("line of the failure").atMost(DemoProcess.PATIENCE)
			.until(() -> app.lines("Reload to generation 2 failed: ").size() > failed);
		assertThat(app.lines("Reload to generation 2 failed: ")).hasSize(failed + 1).last().asString().contains(cause);
	}

	private static void assertUntouched(DemoProcess app, Fleet before) {
		assertThat(app.awaitFleet((fleet) -> fleet.whole(2))).returns(before.pids(), Fleet::pids)
			.satisfies((fleet) -> assertThat(fleet.arbiter()).isNotNull().returns(1, Fleet.Arbiter::generation))
			.satisfies((fleet) -> assertThat(fleet.workers()).allMatch((worker) -> worker.generation() == 1));
	}

	/**
	 * As a deployment does it: what runs keeps the file that it has open.
	 */
	private static void replace(Path jar, Path other) throws IOException {
		Files.move(other, jar, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
	}

	private Path truncated() throws IOException {
		Path copy = this.directory.resolve("truncated.jar");
		Files.copy(Launch.FAULT_JAR, copy);
		try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
			channel.truncate(channel.size() / 2);
		}
		return copy;
	}

	private Path without(String removed) throws IOException {
		Path copy = this.directory.resolve("without.jar");
		try (ZipFile source = new ZipFile(Launch.FAULT_JAR.toFile());
				OutputStream file = Files.newOutputStream(copy);
				ZipOutputStream target = new ZipOutputStream(file)) {
			assertThat(source.getEntry(removed)).isNotNull();
			for (ZipEntry entry : source.stream()
				.filter((candidate) -> !candidate.getName().equals(removed))
				.toList()) {
				ZipEntry same = new ZipEntry(entry.getName());
				// Boot reads nested jars in place: they are stored, not compressed
				same.setMethod(entry.getMethod());
				if (entry.getMethod() == ZipEntry.STORED) {
					same.setSize(entry.getSize());
					same.setCrc(entry.getCrc());
				}
				target.putNextEntry(same);
				source.getInputStream(entry).transferTo(target);
			}
		}
		return copy;
	}

}
