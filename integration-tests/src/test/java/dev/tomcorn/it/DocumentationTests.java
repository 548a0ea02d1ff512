package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.tomcorn.core.arbiter.ProblemKind;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the form of README and documentation, and for their statements about
 * properties.
 */
class DocumentationTests {

	private static final int README_BYTES = 8_000;

	private static final int LINE_LENGTH = 160;

	private static final Set<String> PROPERTY_ROOTS = Set.of("tomcorn", "spring", "server", "management", "logging");

	private static final Pattern OPTION = Pattern
		.compile("--((?:" + String.join("|", PROPERTY_ROOTS) + ")\\.[\\w.\\[\\]-]+)(?==)");

	private static final Pattern NAME = Pattern.compile("`([a-z0-9.-]+)`");

	private static final Pattern LITERAL = Pattern.compile("`?([\\d.,]+ ?[a-zA-Z%]{0,2}|true|false)`?");

	private static final Set<String> ZERO = Set.of("0", "0s");

	private static final Pattern COORDINATES = Pattern
		.compile("<groupId>(dev\\.tomcorn)</groupId>\\s*<artifactId>(.+?)</artifactId>\\s*<version>(.+?)</version>");

	private static final Pattern SHORT_COORDINATES = Pattern.compile("(dev\\.tomcorn):([\\w-]+):([\\w.-]+)");

	private static final Pattern REVISION = Pattern.compile("<revision>(.+)</revision>");

	private final List<MarkdownPage> guides = Documentation.guides();

	private final List<MarkdownPage> records = Documentation.records();

	private final ConfigurationMetadata metadata = ConfigurationMetadata.load();

	@Test
	void readmeIsOneScreenAndABit() throws IOException {
		assertThat(Files.size(Documentation.README)).as("bytes of the README").isLessThanOrEqualTo(README_BYTES);
	}

	@Test
	void linesAreShort() {
		assertThat(this.guides.stream()
			.flatMap((page) -> IntStream.range(0, page.lines().size())
				.filter((i) -> length(page.lines().get(i)) > LINE_LENGTH)
				.mapToObj((i) -> MarkdownPage.at(page.file(), i + 1) + " has " + length(page.lines().get(i)))))
			.as("lines of more than %d characters", LINE_LENGTH)
			.isEmpty();
	}

	private static int length(String line) {
		return line.codePointCount(0, line.length());
	}

	@Test
	void linksLeadSomewhere() {
		assertThat(Stream.concat(this.guides.stream(), this.records.stream())
			.flatMap((page) -> page.links()
				.stream()
				.filter((link) -> !link.matches("(https?|mailto):.*") && !leadsSomewhere(page, link))
				.map((link) -> page + ": " + link)))
			.as("links that lead nowhere")
			.isEmpty();
	}

	private static boolean leadsSomewhere(MarkdownPage page, String link) {
		String[] parts = link.split("#", 2);
		Path target = parts[0].isEmpty() ? page.file() : target(page, parts[0]);
		if (!Files.exists(target)) {
			return false;
		}
		return parts.length == 1 || !target.toString().endsWith(".md")
				|| MarkdownPage.read(target).anchors().contains(parts[1]);
	}

	private static Path target(MarkdownPage page, String link) {
		return page.file().resolveSibling(link.split("#", 2)[0]).normalize();
	}

	@Test
	void everyPageIsInTheIndex() {
		Path index = Documentation.DOCS.resolve("README.md");
		assertThat(index).exists();
		MarkdownPage page = MarkdownPage.read(index);
		List<Path> named = page.links().stream().map((link) -> target(page, link)).toList();
		assertThat(Stream
			.concat(Stream.of(Documentation.DECISIONS),
					this.guides.stream().map(MarkdownPage::file).filter((file) -> file.startsWith(Documentation.DOCS)))
			.filter((file) -> !file.equals(index) && !named.contains(file)
					&& !(file.endsWith("README.md") && named.contains(file.getParent())))
			.map(Documentation::name)).as("pages that docs/README.md does not name").isEmpty();
	}

	@Test
	void everyBlockHasALanguage() {
		assertThat(fences().filter((fence) -> fence.language().isEmpty()).map(MarkdownPage.Fence::where))
			.as("blocks without a language")
			.isEmpty();
	}

	@Test
	void everySessionHasACommand() {
		assertThat(fences().filter((fence) -> fence.language().equals("console"))
			.filter((fence) -> fence.lines().isEmpty() || !fence.lines().getFirst().startsWith("$ "))
			.map(MarkdownPage.Fence::where)).as("sessions that do not begin with a command").isEmpty();
	}

	@Test
	void propertiesInExamplesExist() {
		List<String> problems = new ArrayList<>();
		fences().filter((fence) -> fence.language().equals("yaml"))
			.forEach((fence) -> propertyNames(fence, problems).filter((name) -> !this.metadata.knows(name))
				.forEach((name) -> problems.add(fence.where() + ": there is no " + name)));
		this.guides.forEach((page) -> page.lines()
			.stream()
			.flatMap((line) -> OPTION.matcher(line).results())
			.map((option) -> option.group(1))
			.filter((name) -> !this.metadata.knows(name))
			.forEach((name) -> problems.add(page + ": there is no " + name)));
		assertThat(problems).as("examples that no application takes").isEmpty();
	}

	private static Stream<String> propertyNames(MarkdownPage.Fence fence, List<String> problems) {
		List<String> names = new ArrayList<>();
		LoaderOptions options = new LoaderOptions();
		options.setAllowDuplicateKeys(false);
		try {
			for (Object document : new Yaml(new SafeConstructor(options)).loadAll(fence.text())) {
				if (document instanceof Map<?, ?> settings) {
					settings.forEach((key, value) -> {
						if (PROPERTY_ROOTS.contains(key.toString().split("\\.")[0])) {
							collect(key.toString(), value, names);
						}
					});
				}
			}
		}
		catch (YAMLException ex) {
			problems.add(fence.where() + ": " + ex.getMessage());
		}
		return names.stream();
	}

	private static void collect(String name, @Nullable Object value, List<String> names) {
		switch (value) {
			case Map<?, ?> map -> map.forEach((key, child) -> collect(name + "." + key, child, names));
			case Collection<?> list when list.stream().anyMatch(Map.class::isInstance) ->
				list.forEach((child) -> collect(name + "[0]", child, names));
			case null, default -> names.add(name);
		}
	}

	@Test
	void referenceHasEveryPropertyOnce() {
		List<String> expected = this.metadata.properties()
			.keySet()
			.stream()
			.filter((name) -> name.startsWith("tomcorn."))
			.toList();
		assertThat(expected).as("properties in the metadata").hasSizeGreaterThan(20);
		assertThat(propertyRows(MarkdownPage.read(Documentation.REFERENCE)).map(DocumentationTests::name)
			.filter((name) -> name.startsWith("tomcorn."))).as("properties that docs/reference.md has a row for")
			.containsExactlyInAnyOrderElementsOf(expected);
	}

	/**
	 * Each kind of problem has its row, and an alert with a test.
	 */
	@Test
	void everyKindOfProblemIsDocumentedAndAlertedOf() throws IOException {
		Path docs = Documentation.REFERENCE.getParent();
		String page = Files.readString(docs.resolve("problems.md"));
		String rules = Files.readString(docs.resolve("monitoring/tomcorn.rules.yml"));
		String tests = Files.readString(docs.resolve("monitoring/tomcorn.rules.test.yml"));
		for (ProblemKind kind : ProblemKind.values()) {
			assertThat(page).contains("\n| `" + kind.key() + "` |");
			String label = kind.name().toLowerCase(Locale.ROOT);
			assertThat(rules).as(label).containsPattern("\\b" + label + "\\b");
			if (kind != ProblemKind.WORKER_DEATHS) {
				assertThat(tests).contains("kind=\"" + label + "\"");
			}
		}
		assertThat(Stream.of(ProblemKind.values()).map((kind) -> page.indexOf("| `" + kind.key() + "` |")))
			.as("the order of the list is that of the table")
			.isSorted();
		this.metadata.properties()
			.keySet()
			.stream()
			.filter((name) -> name.startsWith("tomcorn.problems."))
			.forEach((name) -> assertThat(page).contains(name.substring("tomcorn.problems.".length())));
	}

	@Test
	void propertiesInTablesExistAndHaveTheirDefaults() {
		List<String> problems = new ArrayList<>();
		this.guides.stream().flatMap(DocumentationTests::propertyRows).forEach((row) -> {
			names(row).filter((name) -> PROPERTY_ROOTS.contains(name.split("\\.")[0]))
				.filter((name) -> !this.metadata.knows(name))
				.forEach((name) -> problems.add(row.where() + ": there is no " + name));
			ConfigurationMetadata.Property property = this.metadata.properties().get(name(row));
			boolean exact = row.where().startsWith(Documentation.name(Documentation.REFERENCE));
			if (property != null && property.ours() && !isDefault(row.cells().get(1), property.defaultValue(), exact)) {
				problems.add("%s: %s is by default %s, not %s".formatted(row.where(), name(row),
						Objects.requireNonNullElse(property.defaultValue(), "none"), row.cells().get(1)));
			}
		});
		assertThat(problems).as("rows about properties that are wrong").isEmpty();
	}

	/**
	 * Return the rows of tables that begin with the columns property and default.
	 */
	private static Stream<MarkdownPage.Row> propertyRows(MarkdownPage page) {
		return page.tables()
			.stream()
			.filter((table) -> table.header().size() > 1
					&& table.header().subList(0, 2).equals(List.of("property", "default")))
			.flatMap((table) -> table.rows().stream());
	}

	private static Stream<String> names(MarkdownPage.Row row) {
		return NAME.matcher(row.cells().getFirst()).results().map((name) -> name.group(1));
	}

	/**
	 * Return the property that a row is about, or an empty name if it is about others.
	 */
	private static String name(MarkdownPage.Row row) {
		Matcher name = NAME.matcher(row.cells().getFirst());
		return name.matches() ? name.group(1) : "";
	}

	/**
	 * Return whether a cell agrees with the metadata. If the metadata has no default, the
	 * cell has text, and outside the reference zero may also be text.
	 */
	private static boolean isDefault(String cell, @Nullable String defaultValue, boolean exact) {
		if (defaultValue == null || (!exact && ZERO.contains(defaultValue))) {
			return !cell.isEmpty() && (!exact || !LITERAL.matcher(cell).matches());
		}
		return cell.replace("`", "").equals(defaultValue);
	}

	@Test
	void coordinatesAreThoseOfThisVersion() throws IOException {
		Matcher revision = REVISION.matcher(Files.readString(Documentation.ROOT.resolve("pom.xml")));
		assertThat(revision.find()).isTrue();
		List<String> coordinates = fences()
			.flatMap((fence) -> Stream.of(COORDINATES, SHORT_COORDINATES)
				.flatMap((pattern) -> pattern.matcher(fence.text()).results()))
			.map((match) -> coordinates(match))
			.distinct()
			.toList();
		assertThat(coordinates).as("what an application is told to depend on")
			.containsExactly("dev.tomcorn:tomcorn-spring-boot-starter:" + revision.group(1));
	}

	private static String coordinates(MatchResult match) {
		return String.join(":", match.group(1), match.group(2), match.group(3));
	}

	private Stream<MarkdownPage.Fence> fences() {
		return this.guides.stream().flatMap((page) -> page.fences().stream());
	}

}
