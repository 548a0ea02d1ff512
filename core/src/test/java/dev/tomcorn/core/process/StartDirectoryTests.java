package dev.tomcorn.core.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import dev.tomcorn.core.ChildJvm;
import dev.tomcorn.core.arbiter.Command.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link StartDirectory}, with JVMs that start in given directories.
 */
@EnabledOnOs(OS.LINUX)
class StartDirectoryTests {

	@TempDir
	private Path root;

	private final List<String> told = new ArrayList<>();

	private void tell(Level level, String message) {
		this.told.add(level + " " + message);
	}

	private Path release(int number) throws IOException {
		Path release = Files.createDirectories(this.root.resolve("releases/" + number));
		Path link = this.root.resolve("current");
		Files.deleteIfExists(link);
		return Files.createSymbolicLink(link, release);
	}

	private List<String> shown(Path directory, Map<String, String> environment, String... arguments) throws Exception {
		ProcessBuilder builder = ChildJvm.builder(Shown.class).directory(directory.toFile());
		List<String> command = new ArrayList<>(builder.command());
		command.addAll(List.of(arguments));
		builder.command(command);
		builder.environment().remove("PWD");
		builder.environment().putAll(environment);
		Process process = builder.start();
		List<String> lines = process.inputReader().lines().toList();
		assertThat(process.waitFor()).isZero();
		return lines;
	}

	@Test
	void nameIsTheShellsOrThatOfTheJarOrTheDirectorysOwn() throws Exception {
		Path current = release(1);
		String itself = this.root.toRealPath().resolve("releases/1").toString();
		assertThat(shown(current, Map.of("PWD", current.toString())).getFirst()).isEqualTo(current.toString());
		assertThat(shown(current, Map.of("PWD", this.root.toString())).getFirst()).as("stale").isEqualTo(itself);
		assertThat(shown(current, Map.of("PWD", ".")).getFirst()).isEqualTo(itself);
		assertThat(shown(current, Map.of()).getFirst()).isEqualTo(itself);
		// WorkingDirectory= of systemd sets no PWD
		assertThat(shown(current, Map.of(), current.resolve("app.jar").toString()).getFirst())
			.as("as systemd starts it")
			.isEqualTo(current.toString());
		assertThat(shown(current, Map.of(), "/elsewhere/app.jar").getFirst()).isEqualTo(itself);
		assertThat(shown(current, Map.of(), "app.jar").getFirst()).isEqualTo(itself);
	}

	@Test
	void switchedLinkIsToldOfWhereNobodyHasNamedIt() throws Exception {
		Path current = release(1);
		List<String> lines = shown(current, Map.of(), "app.jar", current.toString(), this.root.toString());
		assertThat(lines.subList(1, lines.size())).singleElement()
			.asString()
			.startsWith("WARN Workers start in " + this.root.toRealPath().resolve("releases/1") + ", but ")
			.contains(this.root.toRealPath().resolve("current") + " leads to " + this.root.toRealPath() + " now",
					"tomcorn.directory");
	}

	@Test
	void directoryThatTheNameLeadsToNowIsToldOnce() throws IOException {
		StartDirectory directory = StartDirectory.configured(release(1));
		directory.report(this::tell);
		assertThat(this.told).isEmpty();
		Path current = release(2);
		directory.report(this::tell);
		directory.report(this::tell);
		assertThat(this.told).containsExactly("INFO Workers start in %s, which is %s now".formatted(current,
				this.root.toRealPath().resolve("releases/2")));
		assertThat(directory.existing()).isEqualTo(current);
	}

	@Test
	void directoryThatIsGoneIsTold() throws IOException {
		Path gone = Files.createDirectory(this.root.resolve("gone"));
		StartDirectory directory = StartDirectory.configured(gone);
		Files.delete(gone);
		directory.report(this::tell);
		assertThat(this.told).singleElement().asString().startsWith("WARN The directory " + gone + " no longer exists");
		assertThat(directory.existing()).isNull();
	}

	@Test
	void noProcessStartsWithoutADirectoryAndOneThatIsThereAgainWillDo() throws Exception {
		Path gone = Files.createDirectory(this.root.resolve("gone"));
		List<String> lines = shown(gone, Map.of("PWD", gone.toString()), "app.jar", "delete");
		assertThat(lines).containsExactly(gone.toString(), "The directory " + gone + " no longer exists",
				"WARN The directory " + gone + " no longer exists: no worker can start until it exists again",
				"again " + gone);
	}

	@Test
	void processLearnsTheNameWhereThereIsOneToLearn() throws IOException {
		StartDirectory directory = StartDirectory.configured(release(1));
		ChildEnvironment environment = new ChildEnvironment();
		environment.remove("PWD");
		directory.tell(environment);
		assertThat(environment.has("PWD")).isFalse();
		environment.putAll(Map.of("PWD", "/"));
		directory.tell(environment);
		assertThat(environment.entries().stream().map(NativeText::decode))
			.contains("PWD=" + this.root.resolve("current"));
	}

	/**
	 * Prints the name of its directory. Given a link and a new target, it switches the
	 * link and prints the report.
	 */
	static final class Shown {

		private Shown() {
		}

		public static void main(String[] arguments) throws IOException {
			Path jar = (arguments.length > 0) ? Path.of(arguments[0]) : null;
			StartDirectory directory = StartDirectory.ofThisProcess(System.getenv(), jar);
			System.out.println(directory.name());
			if (arguments.length == 2) {
				delete(directory);
			}
			else if (arguments.length > 2) {
				Files.delete(Path.of(arguments[1]));
				Files.createSymbolicLink(Path.of(arguments[1]), Path.of(arguments[2]));
				directory.report((level, message) -> System.out.println(level + " " + message));
			}
		}

		private static void delete(StartDirectory directory) throws IOException {
			Files.delete(directory.name());
			try {
				directory.required();
			}
			catch (IOException ex) {
				System.out.println(ex.getMessage());
			}
			directory.report((level, message) -> System.out.println(level + " " + message));
			Files.createDirectory(directory.name());
			System.out.println("again " + directory.required());
		}

	}

}
