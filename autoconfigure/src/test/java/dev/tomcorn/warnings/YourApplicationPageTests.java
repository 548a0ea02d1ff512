package dev.tomcorn.warnings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Compares the table of warnings with the page that its messages refer to.
 */
class YourApplicationPageTests {

	private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

	private static final Pattern SECTION = Pattern
		.compile("^#{2,3} (.+)\\n(?:(?!#)[^\\n]*\\n){0,2}?Name of the warning: `([a-z-]+)`", Pattern.MULTILINE);

	private static final Pattern CLASS_NAME = Pattern.compile("`(\\w+)`");

	private final String page = Files.readString(ROOT.resolve("docs/your-application.md"));

	YourApplicationPageTests() throws IOException {
	}

	@Test
	void everyWarningHasASectionWhoseAnchorIsItsName() {
		List<MatchResult> sections = SECTION.matcher(this.page).results().toList();
		assertThat(sections.stream().map((section) -> section.group(2)))
			.containsExactlyInAnyOrderElementsOf(FleetWarnings.names());
		assertThat(sections).allSatisfy(
				(section) -> assertThat(section.group(1).toLowerCase(Locale.ROOT).replace(' ', '-')).as("anchor")
					.isEqualTo(section.group(2)));
	}

	@Test
	void everyCellOfTheMatrixIsHeldByATestThatExists() throws IOException {
		List<String[]> rows = this.page.substring(this.page.indexOf("| feature | in a fleet | tested by |"))
			.lines()
			.skip(2)
			.takeWhile((line) -> line.startsWith("|"))
			.map((line) -> line.split("\\|"))
			.toList();
		Set<String> tests = tests();
		assertThat(rows).hasSizeGreaterThan(15).allSatisfy((row) -> {
			String state = row[2].trim();
			assertThat(state).isIn("works", "each worker", "warned", "not yet");
			if (!state.equals("not yet")) {
				List<String> named = CLASS_NAME.matcher(row[3]).results().map((name) -> name.group(1)).toList();
				assertThat(named).as(row[1]).isNotEmpty();
				assertThat(tests).as(row[1]).containsAll(named);
			}
		});
	}

	private static Set<String> tests() throws IOException {
		try (Stream<Path> modules = Files.list(ROOT)) {
			return modules.map((module) -> module.resolve("src/test/java"))
				.filter(Files::isDirectory)
				.flatMap(YourApplicationPageTests::classes)
				.collect(Collectors.toSet());
		}
	}

	private static Stream<String> classes(Path sources) {
		try (Stream<Path> files = Files.walk(sources)) {
			return files.map((file) -> file.getFileName().toString())
				.filter((name) -> name.endsWith(".java"))
				.map((name) -> name.substring(0, name.length() - ".java".length()))
				.toList()
				.stream();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
