package dev.tomcorn;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the Javadoc of all modules, as it stands in the source files.
 */
@Execution(ExecutionMode.CONCURRENT)
class JavadocTests {

	private static final Pattern TAG_AFTER_TEXT = Pattern.compile("^\\s*\\*.*\\S @(param|return|throws)\\b");

	/**
	 * The javadoc tool takes such a tag for a part of the text before it.
	 */
	@Test
	void eachBlockTagBeginsALine() throws IOException {
		try (Stream<Path> modules = Files.list(Path.of(".."))) {
			List<Path> files = modules.map((module) -> module.resolve("src"))
				.filter(Files::isDirectory)
				.flatMap(JavadocTests::sources)
				.toList();
			assertThat(files).hasSizeGreaterThan(500);
			assertThat(files).flatMap(JavadocTests::tagsAfterText).isEmpty();
		}
	}

	private static Stream<Path> sources(Path directory) {
		try (Stream<Path> files = Files.walk(directory)) {
			return files.filter((file) -> file.toString().endsWith(".java")).toList().stream();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static List<String> tagsAfterText(Path file) {
		try {
			List<String> lines = Files.readAllLines(file);
			return IntStream.range(0, lines.size())
				.filter((index) -> TAG_AFTER_TEXT.matcher(lines.get(index)).find())
				.mapToObj((index) -> "%s:%d %s".formatted(file, index + 1, lines.get(index).strip()))
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
