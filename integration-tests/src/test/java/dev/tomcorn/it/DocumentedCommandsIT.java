package dev.tomcorn.it;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs every command of README and documentation like a reader.
 */
@Order(1)
class DocumentedCommandsIT {

	private static final String BY_HAND = "hand, to measure";

	/**
	 * Commands that cannot run beside the others, with the place where they run.
	 */
	private static final Map<Pattern, String> ELSEWHERE = Map.ofEntries(
			Map.entry(command("./mvnw -pl starter -am -Dmaven.test.skip install"),
					"DocumentedDependencyIT.applicationIsBuiltWithWhatTheReadmeInstalls"),
			Map.entry(command("./mvnw -pl demo-app -am -Dmaven.test.skip spring-boot:run"), "LaunchIT.springBootRun"),
			Map.entry(command("java -jar app.jar"), "LaunchIT.jarInADirectoryWithSpacesAndHardArguments"),
			Map.entry(command("./mvnw verify"), "this build"),
			Map.entry(Pattern.compile("kubectl .*"), "a cluster; KubernetesManifestTests builds what is applied"),
			// They need a machine whose first process is systemd
			Map.entry(Pattern.compile("(install|systemctl|runuser) .*"), "SystemdIT.theServiceLivesAsItsPageSays"),
			Map.entry(Pattern.compile("docker\\b.*"),
					"ContainerIT.fleetLivesAndEndsInAContainerWithLimitsAndWithoutPrivileges"),
			Map.entry(Pattern.compile("(nginx|haproxy)\\b.*"),
					"ReverseProxyIT.whatIsDoneToTheFleetUnderLoadLosesNoRequest"),
			// Takes twenty minutes, and a machine without other work
			Map.entry(Pattern.compile("benchmarks/(run\\.sh|pods\\.py)\\b.*"), BY_HAND),
			Map.entry(command("./mvnw -pl benchmarks -am install -DskipTests"), BY_HAND),
			Map.entry(command("./mvnw -pl benchmarks test-compile dependency:build-classpath "
					+ "-Dmdep.outputFile=target/classpath"), BY_HAND),
			Map.entry(command("java -cp \"benchmarks/target/test-classes:$(cat benchmarks/target/classpath)\" "
					+ "dev.tomcorn.request.RequestCost"), BY_HAND));

	/**
	 * A training run takes as long as ten boots, so it is for the nightly profile.
	 * {@code PreloadTests} has the command without an application.
	 */
	private static final Pattern TRAINING = Pattern.compile("java .*\\bpreloaded\\b.*");

	private static final Pattern TEST = Pattern.compile("(\\w+IT)\\.(\\w+)");

	private static final Pattern BENCHMARK = Pattern.compile("benchmarks/run\\.sh *((?:[a-z][a-z-]*)?) *(.*)");

	private static final Pattern OPTION = Pattern.compile("--[a-z-]+");

	/**
	 * The commands that have run on the application. The same command of another page
	 * shows nothing new.
	 */
	private static final Set<String> DONE = new HashSet<>();

	@RegisterExtension
	static final DemoApps APPS = new DemoApps();

	@TempDir
	static Path directory;

	private static CommandStage demo;

	private static CommandStage application;

	@BeforeAll
	static void build() throws IOException {
		demo = new CommandStage(APPS, Files.createDirectory(directory.resolve("demo")), CommandStage.Setting.DEMO);
		application = new CommandStage(APPS, Files.createDirectory(directory.resolve("application")),
				CommandStage.Setting.APPLICATION);
	}

	@AfterAll
	static void end() {
		demo.end();
		application.end();
	}

	static List<MarkdownPage> pagesWithCommands() {
		return Documentation.guides().stream().filter((page) -> !DocumentedCommand.of(page).isEmpty()).toList();
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("pagesWithCommands")
	void everyCommandRuns(MarkdownPage page) throws Exception {
		CommandStage stage = page.file().equals(Documentation.README) ? demo : application;
		Path scratch = stage.enter();
		// The rest of the page needs the fleet that one of them may stop
		List<DocumentedCommand> commands = DocumentedCommand.of(page)
			.stream()
			.sorted(Comparator.comparing(DocumentedCommand::stops))
			.toList();
		for (DocumentedCommand command : commands) {
			Optional<String> elsewhere = elsewhere(command);
			if (elsewhere.isPresent()) {
				Figures.print("%s: run by %s", command, elsewhere.get());
				continue;
			}
			if (DONE.contains(command.oneLine())) {
				Figures.print("%s: has run for another page", command);
				continue;
			}
			assertThat(command.runsOnStage()).as("%s: runs here, or there is an entry that says where", command)
				.isTrue();
			CommandStage.Result result = stage.run(command, scratch);
			Figures.print("%s: exit code %d%s: %s", command, result.exitCode(),
					result.failures().isEmpty() ? "" : " " + result.failures(), result.summary());
			assertThat(result.exitCode()).as("exit code of %s: %s", command, result.output()).isZero();
			if (!command.expectsFailure()) {
				assertThat(result.failures()).as("failures in %s: %s", command, result.output()).isEmpty();
			}
			if (stage == application && command.needsFleet()) {
				DONE.add(command.oneLine());
			}
		}
		if (stage == demo) {
			// No other page needs it, and an idle fleet takes some CPU, too
			demo.end();
		}
	}

	private static Pattern command(String text) {
		return Pattern.compile(Pattern.quote(text));
	}

	private static Optional<String> elsewhere(DocumentedCommand command) {
		if (!Boolean.getBoolean("chaos.full") && TRAINING.matcher(command.oneLine()).matches()) {
			return Optional.of("the nightly profile");
		}
		return ELSEWHERE.entrySet()
			.stream()
			.filter((entry) -> entry.getKey().matcher(command.oneLine()).matches())
			.map(Map.Entry::getValue)
			.findFirst();
	}

	private static Stream<DocumentedCommand> commands() {
		return Documentation.guides().stream().flatMap((page) -> DocumentedCommand.of(page).stream());
	}

	@Test
	void whatRunsElsewhereIsDocumentedAndRunsThere() throws ClassNotFoundException {
		List<String> documented = commands().map(DocumentedCommand::oneLine).toList();
		for (Map.Entry<Pattern, String> entry : ELSEWHERE.entrySet()) {
			assertThat(documented).as("commands on the pages").anyMatch(entry.getKey().asMatchPredicate());
			Matcher test = TEST.matcher(entry.getValue());
			if (test.matches()) {
				assertThat(Class.forName("%s.%s".formatted(getClass().getPackageName(), test.group(1)))
					.getDeclaredMethods()).extracting(Method::getName).contains(test.group(2));
			}
		}
	}

	@Test
	void benchmarksHaveTheDocumentedOptions() throws IOException, InterruptedException {
		Map<String, List<String>> byMeasurement = commands().map(DocumentedCommand::oneLine)
			.map(BENCHMARK::matcher)
			.filter(Matcher::matches)
			.collect(Collectors.groupingBy((command) -> command.group(1),
					Collectors.flatMapping((command) -> options(command.group(2)), Collectors.toList())));
		assertThat(byMeasurement).containsKeys("", "boot", "warm-up");
		for (Map.Entry<String, List<String>> documented : byMeasurement.entrySet()) {
			assertThat(documented.getValue()).as("options of '%s' on the pages", documented.getKey())
				.isSubsetOf(benchmarkOptions(documented.getKey()));
		}
	}

	private static List<String> benchmarkOptions(String measurement) throws IOException, InterruptedException {
		Path output = directory.resolve("options");
		List<String> command = Stream.of("benchmarks/run.sh", measurement, "--help")
			.filter((word) -> !word.isEmpty())
			.toList();
		Process process = new ProcessBuilder(command).directory(Documentation.ROOT.toFile())
			.redirectErrorStream(true)
			.redirectOutput(output.toFile())
			.start();
		assertThat(process.waitFor(DemoProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("help has ended").isTrue();
		String help = Files.readString(output);
		assertThat(process.exitValue()).as(help).isZero();
		// The script itself handles this one
		return Stream.concat(Stream.of("--no-build"), options(help)).toList();
	}

	private static Stream<String> options(String text) {
		return OPTION.matcher(text).results().map(MatchResult::group);
	}

}
