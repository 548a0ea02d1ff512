package dev.tomcorn.core.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class WorkerCommandTests {

	@Test
	void jarIsStartedAsAJar() {
		assertThat(WorkerCommand.application("app.jar", "app.jar")).containsExactly("-jar", "app.jar");
		assertThat(WorkerCommand.application("/opt/app.jar --a=b c", "/opt/app.jar")).containsExactly("-jar",
				"/opt/app.jar");
	}

	@Test
	void jarWithSpacesInItsPathIsOneArgument() {
		assertThat(WorkerCommand.application("/opt/my  app/app 1.jar --a=b c", "/opt/my  app/app 1.jar"))
			.containsExactly("-jar", "/opt/my  app/app 1.jar");
	}

	@Test
	void executableArchiveNeedsNoJarExtension(@TempDir Path directory) throws IOException {
		String file = Files.writeString(directory.resolve("my app"), "PK").toString();
		assertThat(WorkerCommand.application(file + " --a=b", file)).containsExactly("-jar", file);
	}

	@Test
	void classPathIsStartedWithItsMainClass() {
		assertThat(WorkerCommand.application("com.example.Application --a=b c", "target/classes:/m2/a.jar"))
			.containsExactly("-cp", "target/classes:/m2/a.jar", "com.example.Application");
	}

	@Test
	void classPathWithSpacesIsOneArgument() {
		assertThat(WorkerCommand.application("com.example.Application", "/my home/classes:/my home/a b.jar"))
			.containsExactly("-cp", "/my home/classes:/my home/a b.jar", "com.example.Application");
	}

	@Test
	void singleJarOnTheClassPathIsNoExecutableJar() {
		assertThat(WorkerCommand.application("com.example.Application x", "app.jar")).containsExactly("-cp", "app.jar",
				"com.example.Application");
	}

	@Test
	void jarWhoseNameOnlyBeginsLikeTheClassPathIsAnother() {
		assertThat(WorkerCommand.application("app.jar.Main x", "app.jar")).containsExactly("-cp", "app.jar",
				"app.jar.Main");
	}

	@Test
	void mainClassOfAModuleIsFoundOnTheClassPath() {
		assertThat(WorkerCommand.application("app/com.example.Application x", "app.jar")).containsExactly("-cp",
				"app.jar", "com.example.Application");
	}

	@Test
	void commandLineIsInTheOrderTheLauncherWantsIt() {
		WorkerCommand command = new WorkerCommand(Path.of("/usr/bin/java"), JvmOptions.of(List.of("-Dn={worker}")),
				List.of("-Xmx64m"), List.of("-jar", "my app.jar"), List.of("--a=b"), Map.of());
		assertThat(command.forWorker(new WorkerLabel(3, 1), List.of("-Dx=y"))).containsExactly("/usr/bin/java", "-Dn=3",
				"-Xmx64m", "-Dx=y", "-jar", "my app.jar", "--a=b");
	}

	@Test
	void argumentsReachTheWorkerAsTheyAre() throws Exception {
		// Under the POSIX locale a JVM has lost what is not ASCII before we see it
		String foreign = "UTF-8".equals(System.getProperty("sun.jnu.encoding")) ? "ü€😀" : "";
		List<String> arguments = List.of("", "a b", "\"quoted\"", "'", "*", "$HOME", "\\", "{worker}", foreign, "--x=",
				"line\nbreak");
		// As an own launcher: printf repeats its format for each argument
		WorkerCommand command = new WorkerCommand(Path.of("/usr/bin/printf"), JvmOptions.of(List.of()), List.of(),
				List.of("[%s]"), arguments, Map.of());
		Process process = new ProcessBuilder(command.forWorker(new WorkerLabel(0, 0), List.of())).start();
		String expected = "[" + String.join("][", arguments) + "]";
		assertThat(process.getInputStream().readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo(expected);
		assertThat(process.waitFor()).isZero();
	}

	@Test
	void nativeAccessIsPermittedWhereNothingElseDoes(@TempDir Path directory) throws IOException {
		List<String> classPath = List.of("-cp", "app.jar", "com.example.Application");
		assertThat(command(List.of("-ea"), classPath).needsNativeAccessOption()).isTrue();
		assertThat(command(List.of("--enable-native-access=a,ALL-UNNAMED"), classPath).needsNativeAccessOption())
			.isFalse();
		assertThat(command(List.of("--enable-native-access=a"), classPath).needsNativeAccessOption()).isTrue();
		assertThat(command(List.of("-XX:AOTCache=app.aot"), classPath).needsNativeAccessOption())
			.as("an AOT cache would be refused")
			.isFalse();
		assertThat(command(List.of(), jar(directory, "Enable-Native-Access")).needsNativeAccessOption()).isFalse();
		assertThat(command(List.of(), jar(directory, "Other")).needsNativeAccessOption()).isTrue();
		assertThat(command(List.of(), List.of("-jar", "absent.jar")).needsNativeAccessOption()).isTrue();
	}

	private static WorkerCommand command(List<String> options, List<String> application) {
		return new WorkerCommand(Path.of("java"), JvmOptions.of(options), List.of(), application, List.of(), Map.of());
	}

	private static List<String> jar(Path directory, String attribute) throws IOException {
		Path jar = directory.resolve(attribute + ".jar");
		Manifest manifest = new Manifest();
		manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
		manifest.getMainAttributes().putValue(attribute, "ALL-UNNAMED");
		new JarOutputStream(Files.newOutputStream(jar), manifest).close();
		return List.of("-jar", jar.toString());
	}

	@Test
	void commandOfThisJvmStartsWhatThisJvmRuns() {
		List<String> command = WorkerCommand.ofThisJvm(List.of("--a=b"))
			.withWorkerOptions(List.of("-Xmx64m"))
			.forWorker(new WorkerLabel(0, 0), List.of());
		assertThat(Path.of(command.getFirst())).isExecutable().hasFileName("java");
		assertThat(command).contains("--enable-native-access=ALL-UNNAMED", "-Xmx64m").endsWith("--a=b");
		assertThat(command.indexOf("-Xmx64m")).isLessThan(Math.max(command.indexOf("-jar"), command.indexOf("-cp")));
	}

}
