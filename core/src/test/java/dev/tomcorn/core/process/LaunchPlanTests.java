package dev.tomcorn.core.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class LaunchPlanTests {

	@Test
	void jarIsStartedAsAJar() {
		assertThat(LaunchPlan.application("app.jar", "app.jar")).containsExactly("-jar", "app.jar");
		assertThat(LaunchPlan.application("/opt/app.jar --a=b c", "/opt/app.jar")).containsExactly("-jar",
				"/opt/app.jar");
	}

	@Test
	void jarWithSpacesInItsPathIsOneArgument() {
		assertThat(LaunchPlan.application("/opt/my  app/app 1.jar --a=b c", "/opt/my  app/app 1.jar"))
			.containsExactly("-jar", "/opt/my  app/app 1.jar");
	}

	@Test
	void executableArchiveNeedsNoJarExtension(@TempDir Path directory) throws IOException {
		String file = Files.writeString(directory.resolve("my app"), "PK").toString();
		assertThat(LaunchPlan.application(file + " --a=b", file)).containsExactly("-jar", file);
	}

	@Test
	void classPathIsStartedWithItsMainClass() {
		assertThat(LaunchPlan.application("com.example.Application --a=b c", "target/classes:/m2/a.jar"))
			.containsExactly("-cp", "target/classes:/m2/a.jar", "com.example.Application");
	}

	@Test
	void classPathWithSpacesIsOneArgument() {
		assertThat(LaunchPlan.application("com.example.Application", "/my home/classes:/my home/a b.jar"))
			.containsExactly("-cp", "/my home/classes:/my home/a b.jar", "com.example.Application");
	}

	@Test
	void singleJarOnTheClassPathIsNoExecutableJar() {
		assertThat(LaunchPlan.application("com.example.Application x", "app.jar")).containsExactly("-cp", "app.jar",
				"com.example.Application");
	}

	@Test
	void jarWhoseNameOnlyBeginsLikeTheClassPathIsAnother() {
		assertThat(LaunchPlan.application("app.jar.Main x", "app.jar")).containsExactly("-cp", "app.jar",
				"app.jar.Main");
	}

	@Test
	void mainClassOfAModuleIsFoundOnTheClassPath() {
		assertThat(LaunchPlan.application("app/com.example.Application x", "app.jar")).containsExactly("-cp", "app.jar",
				"com.example.Application");
	}

	@Test
	void argumentsOfAFileThatIsGoneStayOutOfSight() {
		JavaCommandLine line = LaunchPlan.reported(List.of("--a=b", "--password=x"), List.of("java", "@gone"));
		assertThat(line.application()).noneMatch(CommandWord::visible);
		assertThat(line.arguments()).containsExactly(CommandWord.hidden("--a=b"), CommandWord.hidden("--password=x"));
		assertThat(LaunchPlan.reported(List.of("--a=b"), List.of("/opt/shop/bin/shop", "--a=b")).arguments())
			.containsExactly(CommandWord.visible("--a=b"));
	}

	@Test
	void commandLineIsInTheOrderTheLauncherWantsIt() throws IOException {
		LaunchPlan plan = plan(JvmOptions.of(words("-Dn={worker}", "-Dl={worker+9000}")), words("-jar", "my app.jar"),
				words("--a=b"))
			.withWorkerOptions(List.of("-Xmx64m"));
		assertThat(plan.forWorker(new WorkerLabel(3, 1), 4, List.of("-Dx=y"))).isEqualTo(
				ProcessWords.of(List.of(JAVA, "-Dn=4", "-Dl=9004", "-Xmx64m", "-Dx=y", "-jar", "my app.jar", "--a=b")));
	}

	@Test
	void wordThatBeginsLikeTheNameOfAnArgumentFileIsNone() throws IOException {
		LaunchPlan plan = plan(JvmOptions.of(List.of()), words("-cp", "@classes", "Main"), words("@argument"));
		assertThat(plan.forWorker(new WorkerLabel(0, 0), 0, List.of()))
			.isEqualTo(ProcessWords.of(List.of(JAVA, "-cp", "@@classes", "Main", "@argument")));
	}

	@Test
	void whatOthersMustNotSeeReachesTheWorkerAllTheSame(@TempDir Path directory) throws Exception {
		// Under the POSIX locale a JVM loses what is not ASCII
		String foreign = "UTF-8".equals(System.getProperty("sun.jnu.encoding")) ? "ü€😀" : "";
		List<String> odd = List.of("", "a b", "\"quoted\"", "'", "*", "$HOME", "\\", "#", "@file", "@@", foreign,
				"line\nbreak\r\t\f");
		List<CommandWord> options = new ArrayList<>();
		options.add(CommandWord.hidden("-Dsecret=tool"));
		options.add(CommandWord.visible("-Dtyped=@1"));
		odd.forEach((value) -> options.add(CommandWord.hidden("-Dodd." + options.size() + "=" + value)));
		List<CommandWord> arguments = new ArrayList<>();
		arguments.add(CommandWord.hidden("--password=secret"));
		odd.forEach((value) -> arguments.add(CommandWord.hidden(value)));
		odd.forEach((value) -> arguments.add(CommandWord.visible(value)));
		// Longer than a word of a command line may be
		String classPath = System.getProperty("java.class.path") + ":/nowhere".repeat(30_000);
		LaunchPlan plan = plan(JvmOptions.of(options), List.of(CommandWord.hidden("-cp"), CommandWord.hidden(classPath),
				CommandWord.hidden(Shown.class.getName())), arguments);
		Path file = directory.resolve("shown");
		ChildEnvironment environment = new ChildEnvironment();
		environment.putAll(Map.of("SHOWN", file.toString()));
		Process process = ChildProcess.start(plan.forWorker(new WorkerLabel(0, 0), 0, List.of()), environment, null);
		assertThat(process.waitFor()).isZero();
		List<String> shown = List.of(Files.readString(file).split("\0", -1));
		assertThat(shown).containsAll(arguments.stream().map(CommandWord::text).toList())
			.containsSubsequence(arguments.stream().map(CommandWord::text).toList())
			.contains("secret: tool", "typed: @1", "on the command line: false")
			.containsSubsequence(odd.stream().map((value) -> "odd: " + value).toList());
	}

	/**
	 * Writes its arguments and environment to a file.
	 */
	static final class Shown {

		private Shown() {
		}

		public static void main(String[] arguments) throws IOException {
			List<String> shown = new ArrayList<>(List.of(arguments));
			shown.add("secret: " + System.getProperty("secret"));
			shown.add("typed: " + System.getProperty("typed"));
			for (int i = 2; System.getProperty("odd." + i) != null; i++) {
				shown.add("odd: " + System.getProperty("odd." + i));
			}
			shown.add("on the command line: " + Files.readString(Path.of("/proc/self/cmdline"), StandardCharsets.UTF_8)
				.matches("(?s).*(secret|tool|odd).*"));
			Files.writeString(Path.of(System.getenv("SHOWN")), String.join("\0", shown));
		}

	}

	private static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();

	private static List<CommandWord> words(String... words) {
		return Stream.of(words).map(CommandWord::visible).toList();
	}

	private static LaunchPlan plan(JvmOptions options, List<CommandWord> application, List<CommandWord> arguments) {
		StartDirectory directory = StartDirectory.ofThisProcess(Map.of(), null);
		return new LaunchPlan(Path.of(JAVA), options, List.of(), List.of(), application, arguments, Map.of(), directory,
				directory);
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

	private static LaunchPlan command(List<String> options, List<String> application) {
		return plan(JvmOptions.of(words(options.toArray(String[]::new))), words(application.toArray(String[]::new)),
				List.of());
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
	void planOfThisJvmStartsWhatThisJvmRuns() throws IOException {
		List<String> command = LaunchPlan.ofThisJvm(List.of("--a=b"), null, List.of())
			.withWorkerOptions(List.of("-Xmx64m"))
			.forWorker(new WorkerLabel(0, 0), 0, List.of())
			.words()
			.stream()
			.map(ProcessWords.Part::toString)
			.toList();
		assertThat(command.getFirst()).contains("/bin/java");
		assertThat(command).contains("Word[text=-Xmx64m]");
		assertThat(command.indexOf("Word[text=-Xmx64m]"))
			.isLessThan(Math.max(command.indexOf("Word[text=-jar]"), command.indexOf("Word[text=-cp]")));
	}

}
