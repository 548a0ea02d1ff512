package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The pages of this project.
 */
final class Documentation {

	static final Path ROOT = Path.of("").toAbsolutePath().getParent();

	static final Path DOCS = ROOT.resolve("docs");

	static final Path README = ROOT.resolve("README.md");

	static final Path REFERENCE = DOCS.resolve("reference.md");

	static final Path DECISIONS = DOCS.resolve("decisions");

	private Documentation() {
	}

	/**
	 * Return the pages for users of Tomcorn, and for those who measure it.
	 */
	static List<MarkdownPage> guides() {
		return Stream.of(Stream.of(README), docs(), Stream.of(ROOT.resolve("benchmarks/README.md")))
			.flatMap((files) -> files)
			.filter((file) -> !file.startsWith(DECISIONS))
			.map(MarkdownPage::read)
			.toList();
	}

	/**
	 * Return the pages for developers of Tomcorn.
	 */
	static List<MarkdownPage> records() {
		return Stream
			.concat(Stream.of(ROOT.resolve("CONTRIBUTING.md"), ROOT.resolve("CHANGELOG.md")),
					docs().filter((file) -> file.startsWith(DECISIONS)))
			.map(MarkdownPage::read)
			.toList();
	}

	private static Stream<Path> docs() {
		try (Stream<Path> files = Files.walk(DOCS)) {
			return files.filter((file) -> file.toString().endsWith(".md")).sorted().toList().stream();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return the name of a file in messages.
	 */
	static String name(Path file) {
		return file.startsWith(ROOT) ? ROOT.relativize(file).toString() : file.toString();
	}

}
