package dev.tomcorn.core.process;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import dev.tomcorn.core.ChildJvm;
import dev.tomcorn.core.arbiter.Placement;

import static org.assertj.core.api.Assertions.assertThat;

class WorkerLauncherTests {

	@Test
	void workerInheritsTheEnvironmentButNoOptionsItHasOnItsCommandLine() throws Exception {
		ProcessBuilder builder = ChildJvm.builder(LaunchingArbiter.class).redirectErrorStream(true);
		builder.environment().put("JAVA_TOOL_OPTIONS", "-Dtool=1");
		builder.environment().put("JDK_JAVA_OPTIONS", "-Djdk=1");
		builder.environment().put("_JAVA_OPTIONS", "-Djava=1");
		builder.environment().put("TOMCORN_TOKEN", "of another fleet");
		builder.environment().put("OF_THE_USER", "größer");
		// Java cannot read the value then
		builder.environment().put("LC_ALL", "C");
		builder.command(Stream.concat(Stream.of("env", "--ignore-signal=CHLD"), builder.command().stream()).toList());
		Process arbiter = builder.start();
		try (var lines = arbiter.inputReader(StandardCharsets.UTF_8).lines()) {
			assertThat(lines).contains("OF_THE_USER=größer", "TOMCORN_WORKER=4,3,2,1")
				.noneMatch((line) -> line.matches("(JAVA_TOOL|JDK_JAVA|_JAVA)_OPTIONS=.*"))
				.as("a secret would show in /actuator/env")
				.noneMatch((line) -> line.contains("TOKEN"));
		}
		assertThat(arbiter.waitFor()).isEqualTo(7);
	}

	@Test
	void workerIsStartedByWhatStartedTheArbiterWhenThatsJdkIsGone() throws Exception {
		Process arbiter = ChildJvm.builder(ArbiterWhoseJdkIsGone.class).start();
		try (var lines = arbiter.inputReader().lines()) {
			assertThat(lines).anyMatch((line) -> line.contains(System.getProperty("java.runtime.version")));
		}
		assertThat(arbiter.waitFor()).isZero();
	}

	/**
	 * Launches a worker that prints its environment and ends with exit code 7.
	 */
	static final class LaunchingArbiter {

		private LaunchingArbiter() {
		}

		public static void main(String[] arguments) throws Exception {
			LaunchPlan command = plan("/bin/sh", "-c", "env; exit 7");
			System.exit(launch(command));
		}

		static int launch(LaunchPlan command) throws Exception {
			WorkerIdentity identity = new WorkerIdentity(new Placement(4, 3, 2, 1), 1, Path.of("/nowhere"));
			return new WorkerLauncher(List.of(), Set.of(), (level, message) -> {
			}).launch(command, identity, new WorkerLabel(3, 1), 3, List.of()).waitFor();
		}

		static LaunchPlan plan(String launcher, String... words) {
			StartDirectory directory = StartDirectory.ofThisProcess(System.getenv(), null);
			return new LaunchPlan(Path.of(launcher), JvmOptions.of(List.of()), List.of(), List.of(),
					Stream.of(words).map(CommandWord::visible).toList(), List.of(), Map.of(), directory, directory);
		}

	}

	/**
	 * Launches a worker that prints its version.
	 */
	static final class ArbiterWhoseJdkIsGone {

		private ArbiterWhoseJdkIsGone() {
		}

		public static void main(String[] arguments) throws Exception {
			System.exit(LaunchingArbiter.launch(LaunchingArbiter.plan("/nowhere/jdk/bin/java", "--version")));
		}

	}

}
