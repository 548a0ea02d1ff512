package dev.tomcorn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Enforces {@code docs/public-api.txt}: the types that applications may import, with
 * their signatures. It is renewed with {@code -Dpublic-api.renew=true}.
 */
@Execution(ExecutionMode.CONCURRENT)
class PublicApiTests {

	private static final Path DOCS = Path.of("../docs");

	private static final Path LIST = DOCS.resolve("public-api.txt");

	private static final String RENEW = "./mvnw -pl core,autoconfigure,actuate test -Dtest=PublicApiTests"
			+ " -Dsurefire.failIfNoSpecifiedTests=false -Dpublic-api.renew=true";

	private static final String INTERNAL = "internal ";

	private static final Pattern OUR_TYPE = Pattern.compile("\\bdev\\.tomcorn\\.[a-z.]*[A-Z][\\w.]*");

	private final List<String> lines = read(LIST).lines().toList();

	private final Set<String> promised = this.lines.stream()
		.filter((line) -> !line.startsWith("#") && !line.startsWith("\t") && !line.startsWith(INTERNAL))
		.flatMap((line) -> OUR_TYPE.matcher(line).results().limit(1))
		.map(MatchResult::group)
		.collect(Collectors.toCollection(TreeSet::new));

	private final Set<String> internal = this.lines.stream()
		.filter((line) -> line.startsWith(INTERNAL))
		.map((line) -> line.substring(INTERNAL.length()))
		.collect(Collectors.toCollection(TreeSet::new));

	@Test
	void signaturesAreAsTheyWere() throws IOException {
		Stream<String> head = this.lines.stream().takeWhile((line) -> line.isEmpty() || line.startsWith("#"));
		String now = Stream
			.of(head, this.promised.stream().flatMap(PublicApiTests::signatures), Stream.of(""),
					this.lines.stream().dropWhile((line) -> !isHeadOfInternals(line)))
			.flatMap((part) -> part)
			.collect(Collectors.joining("\n", "", "\n"));
		if (Boolean.getBoolean("public-api.renew")) {
			Files.writeString(LIST, now);
			return;
		}
		assertThat(this.lines)
			.as("What applications may import has changed. A change that breaks them takes a line under Changed"
					+ " or Removed in CHANGELOG.md. Then renew the list: " + RENEW)
			.containsExactlyElementsOf(now.lines().toList());
	}

	private static boolean isHeadOfInternals(String line) {
		return line.startsWith("# Public for Tomcorn itself");
	}

	/**
	 * To add a type, its name alone is enough until the list is renewed.
	 */
	private static Stream<String> signatures(String name) {
		return Signatures.of(load(name));
	}

	private static Class<?> load(String name) {
		try {
			return Class.forName(name, false, PublicApiTests.class.getClassLoader());
		}
		catch (ClassNotFoundException ex) {
			throw new AssertionError("docs/public-api.txt promises %s, which is not there".formatted(name), ex);
		}
	}

	/**
	 * A package without a promised type is internal.
	 */
	@Test
	void everyPublicTypeBesidePromisesIsAPromiseOrInternal() {
		Set<String> packages = this.promised.stream()
			.map((name) -> load(name).getPackageName())
			.collect(Collectors.toSet());
		Set<String> known = new TreeSet<>(this.promised);
		known.addAll(this.internal);
		assertThat(ArchitectureTests.CLASSES.stream()
			.filter((type) -> packages.contains(type.getPackageName()) && type.isTopLevelClass()
					&& type.getModifiers().contains(JavaModifier.PUBLIC))
			.map(JavaClass::getName))
			.as("public types in packages that hold promises. A new one becomes package-private, or gets a line in"
					+ " docs/public-api.txt: its name among the promises, or 'internal' and its name at the end")
			.containsExactlyInAnyOrderElementsOf(known);
	}

	@Test
	void promisesReferToPromisesOnly() {
		assertThat(this.promised)
			.allSatisfy((name) -> assertThat(signatures(name).flatMap((line) -> OUR_TYPE.matcher(line).results())
				.map(MatchResult::group)
				.filter((type) -> this.promised.stream().noneMatch((known) -> isWithin(type, known)))
				.distinct()).as("types in the signatures of %s that applications may not import", name).isEmpty());
	}

	private static boolean isWithin(String type, String outer) {
		return type.equals(outer) || type.startsWith(outer + ".");
	}

	@Test
	void usersAreToldToImportPromisesOnly() throws IOException {
		try (Stream<Path> pages = Files.list(DOCS)) {
			List<Path> guides = Stream.concat(Stream.of(Path.of("../README.md")), pages)
				.filter((file) -> file.toString().endsWith(".md"))
				.toList();
			assertThat(guides).hasSizeGreaterThan(20);
			assertThat(guides).allSatisfy((page) -> assertThat(
					OUR_TYPE.matcher(read(page)).results().map(MatchResult::group).filter((type) -> !mayBeNamed(type)))
				.as("types in %s that applications may not import", page)
				.isEmpty());
		}
	}

	private boolean mayBeNamed(String type) {
		return this.promised.stream().anyMatch((known) -> isWithin(type, known));
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new AssertionError(file + " cannot be read", ex);
		}
	}

}
