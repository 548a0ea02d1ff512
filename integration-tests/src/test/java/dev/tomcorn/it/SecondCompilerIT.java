package dev.tomcorn.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * A worker does without the JVM's second compiler while it boots. The other process tests
 * have no second compiler.
 */
class SecondCompilerIT {

	private static final String COUNTED = "2";

	private static final String ALL = "4";

	private static final Pattern LEVEL = Pattern.compile("TieredStopAtLevel += (\\d)");

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@TempDir
	private Path directory;

	@Test
	void workerHasAllCompilersBeforeItsRunnersBegin() throws Exception {
		assumeTrue(System.getProperty("os.arch").equals("amd64")
				&& !System.getProperty("java.vendor.version", "").contains("GraalVM"));
		Path hold = Files.createFile(this.directory.resolve("hold"));
		DemoProcess app = this.apps.start(Launch.faults(1, "gevent")
			.jvmOptions("-XX:TieredStopAtLevel=4")
			.arguments("--tomcorn.arbiter.enabled=true", "--fault.hold-boot=" + hold, "--fault.warm-up=10m"));
		long worker = Long.parseLong(app.awaitLine("Worker 0 \\(pid (\\d+)\\) spawned").group(1));
		assertThat(level(app.pid())).as("arbiter").isEqualTo(COUNTED);
		app.awaitLine("Starting FaultApplication");
		assertThat(level(worker)).isEqualTo(COUNTED);
		Files.delete(hold);
		app.awaitLine("Warming up for");
		assertThat(level(worker)).isEqualTo(ALL);
		assertThat(app.lines("Changed without effect")).isEmpty();
	}

	/**
	 * Return the level up to which a JVM compiles.
	 */
	private static String level(long pid) throws IOException, InterruptedException {
		Process jcmd = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
				Long.toString(pid), "VM.flags", "-all")
			.redirectErrorStream(true)
			.start();
		try {
			String flags = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			Matcher matcher = LEVEL.matcher(flags);
			assertThat(matcher.find()).as(flags).isTrue();
			return matcher.group(1);
		}
		finally {
			jcmd.destroyForcibly();
		}
	}

}
