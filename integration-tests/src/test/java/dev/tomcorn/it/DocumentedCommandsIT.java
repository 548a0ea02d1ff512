package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every command in README and documentation, run as its reader would.
 */
class DocumentedCommandsIT {

	/**
	 * Commands that cannot run beside the others, and where they run.
	 */
	private static final Map<String, String> ELSEWHERE = new LinkedHashMap<>();
	static {
		ELSEWHERE.put("./mvnw -pl starter -am -Dmaven.test.skip install", "DocumentedDependencyIT");
		ELSEWHERE.put("./mvnw -pl demo-app -am -Dmaven.test.skip spring-boot:run", "LaunchIT.springBootRun");
		ELSEWHERE.put("./mvnw verify", "this build");
		ELSEWHERE.put("benchmarks/run.sh", "by hand, and its options by DocumentationTests");
	}

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
		Path scratch = stage.enter(page);
		for (DocumentedCommand command : DocumentedCommand.of(page)) {
			String elsewhere = ELSEWHERE.get(command.oneLine());
			if (elsewhere != null) {
				Figures.print("%s: run by %s", command, elsewhere);
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
		}
	}

	@Test
	void whatRunsElsewhereIsStillDocumented() {
		Set<String> documented = Documentation.guides()
			.stream()
			.flatMap((page) -> DocumentedCommand.of(page).stream())
			.map(DocumentedCommand::oneLine)
			.collect(Collectors.toSet());
		assertThat(ELSEWHERE.keySet()).as("commands that run elsewhere, and are on some page").isSubsetOf(documented);
	}

}
