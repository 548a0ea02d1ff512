package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The messages for a user's mistake: one report of the cause and the remedy, and an exit
 * code. The arbiter's unit tests have every mistake; this class has those that need a
 * process of their own, or a worker.
 */
class StartupFailureIT {

	private static final int EXIT_BY_EXCEPTION = 1;

	private static final int EXIT_BOOT_FAILURE = 3;

	private static final String REPORT = "APPLICATION FAILED TO START";

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@Test
	void privilegedPortIsSeenByTheArbiter() throws Exception {
		// Not readString: the kernel returns this file in a single read
		int port = Integer
			.parseInt(Files.readAllLines(Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start")).getFirst()) - 1;
		assumeTrue(port > 0, "every user may listen on every port here");
		Launch launch = Launch.workers(2, "gevent").arguments("--server.port=" + port);
		if (mayListenOnEveryPort()) {
			List<String> nobody = new ArrayList<>(
					List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
			assumeTrue(runs(nobody, launch.application().getLast()),
					"root may listen on every port, and setpriv cannot make this another user");
			nobody.add(Launch.JAVA);
			launch = launch.launcher(nobody.toArray(String[]::new));
		}
		assertReport(launch, EXIT_BY_EXCEPTION, "This user may not listen on port " + port,
				"Choose a port above 1023 with server.port");
	}

	private static boolean mayListenOnEveryPort() throws IOException {
		int bindService = 10;
		return Files.readAllLines(Path.of("/proc/self/status"))
			.stream()
			.filter((line) -> line.startsWith("CapEff:"))
			.map((line) -> Long.parseUnsignedLong(line.substring("CapEff:".length()).trim(), 16))
			.anyMatch((capabilities) -> (capabilities >> bindService & 1) == 1);
	}

	/**
	 * Return whether a user can run this JVM and read the application.
	 */
	private static boolean runs(List<String> asUser, String jar) throws InterruptedException {
		List<String> command = new ArrayList<>(asUser);
		command.addAll(List.of("sh", "-c", "test -x \"$0\" && test -r \"$1\"", Launch.JAVA, jar));
		try {
			Process process = new ProcessBuilder(command).redirectErrorStream(true)
				.redirectOutput(ProcessBuilder.Redirect.DISCARD)
				.start();
			return process.waitFor(DemoProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS) && process.exitValue() == 0;
		}
		catch (IOException ex) {
			return false;
		}
	}

	@Test
	void workerThatCannotBootReportsWhyOnce() {
		DemoProcess app = assertReport(
				Launch.workers(3, "gevent").arguments("--spring.datasource.hikari.maximum-pool-size=many"),
				EXIT_BOOT_FAILURE,
				"Failed to bind properties under 'spring.datasource.hikari.maximum-pool-size' to int",
				"Update your application's configuration");
		assertThat(app.lines("Starting DemoApplication")).as("workers spawned").hasSize(1);
		assertThat(app.lines("No worker has booted, so the arbiter halts with exit code 3")).hasSize(1);
	}

	/**
	 * For Boot it has begun to serve, and it ends before main has returned. A worker that
	 * was killed for the length of its boot would not end by itself.
	 */
	@Test
	void jobThatBootsForLongIsToldOfWithItsStackAndEndsTheFleetWithItsExitCode() throws IOException {
		DemoProcess app = this.apps
			.start(Launch.faults(2, "gevent").arguments("--fault.exit-code=7", "--tomcorn.boot-timeout=100ms"));
		assertThat(app.awaitExit()).isEqualTo(7);
		app.awaitLine(
				"Worker 0 \\(pid \\d+\\) has booted for \\S+ s, longer than boot-timeout \\(0.1 s\\), and is not killed");
		Path folder = Path.of(app
			.awaitLine("What is known about worker 0 \\(pid \\d+\\) is in (\\S+-boots-for-longer-than-boot-timeout)")
			.group(1));
		assertThat(folder).isNotEmptyDirectory();
		assertThat(app.lines("is being ended")).isEmpty();
		app.awaitLine(
				"Worker 0 \\(pid \\d+\\) has ended by itself before it served: the arbiter ends, too, with the same "
						+ "exit code 7");
		assertThat(app.lines("Starting FaultApplication")).as("workers spawned").hasSize(1);
		assertThat(app.tree()).isEmpty();
	}

	private DemoProcess assertReport(Launch launch, int exitCode, String description, String action) {
		DemoProcess app = this.apps.start(launch);
		int actual = app.awaitExit();
		String output = app.output();
		int reports = Pattern.compile(REPORT, Pattern.LITERAL).split(output, -1).length - 1;
		Figures.print("exit code %d, %d report(s): %s", actual, reports,
				output.lines()
					.dropWhile((line) -> !line.startsWith("Description:"))
					.skip(2)
					.findFirst()
					.orElse("none"));
		assertThat(output).as("output").contains(description).contains(action);
		assertThat(reports).as("reports in%n%s", output).isOne();
		assertThat(output.indexOf(description)).as("what is wrong stands in the report")
			.isGreaterThan(output.indexOf(REPORT));
		assertThat(output).as("a report needs no stack trace").doesNotContain("\tat ");
		assertThat(actual).as("exit code").isEqualTo(exitCode);
		if (exitCode == EXIT_BY_EXCEPTION) {
			assertThat(app.lines("Starting DemoApplication")).as("workers spawned").isEmpty();
		}
		assertThat(app.tree()).isEmpty();
		return app;
	}

}
