package dev.tomcorn.core.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

import dev.tomcorn.core.ChildJvm;
import dev.tomcorn.core.arbiter.ApplicationRelease;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * Tests for {@link ReleaseStore}.
 */
class ReleaseStoreTests {

	private static final Function<String, @Nullable String> UNKNOWN = (stamp) -> null;

	/**
	 * A clock by which no file has changed a moment ago.
	 */
	private static final InstantSource LATER = InstantSource.offset(InstantSource.system(), Duration.ofMinutes(1));

	private static final long SIZE = 10_000_000;

	@TempDir
	private Path temporary;

	private Path root;

	@BeforeEach
	void setUp() {
		this.root = this.temporary.resolve("store");
	}

	private ReleaseStore store() throws IOException {
		return ReleaseStore.open(this.root, Map.of(), SIZE);
	}

	private static String keyOf(Path jar) throws IOException {
		return new JarContent(InstantSource.system()).key(jar, UNKNOWN);
	}

	private Path jar(String content) throws IOException {
		return Files.writeString(this.temporary.resolve("app.jar"), content);
	}

	private static void extract(Path jar, Path output, Path destination) throws IOException {
		Files.createDirectories(destination);
		Files.copy(jar, destination.resolve(jar.getFileName()));
		Files.writeString(output, "done");
	}

	private KeptRelease add(ReleaseStore store, String content) throws IOException {
		return store.add(jar(content), "shop", ReleaseStoreTests::extract);
	}

	/**
	 * A release that was just used is never removed.
	 */
	private static void age(KeptRelease release, Duration age) throws IOException {
		Files.setLastModifiedTime(release.directory().resolve("in-use.lock"), FileTime.from(Instant.now().minus(age)));
	}

	@Test
	void releaseIsKeptUnderTheDigestOfItsContent() throws IOException {
		try (ReleaseStore store = store()) {
			KeptRelease added = add(store, "one");
			assertThat(added.release().key()).isEqualTo(keyOf(jar("one"))).hasSize(64);
			assertThat(added.jar()).hasContent("one").hasFileName("app.jar");
			assertThat(store.take(added.release().key())).isEqualTo(added);
			assertThat(store.take("0".repeat(64))).isNull();
			assertThat(store.kept("shop")).containsExactly(added);
			assertThat(store.kept("other")).isEmpty();
		}
		try (ReleaseStore again = store()) {
			assertThat(again.kept("shop")).singleElement().returns("app.jar", (kept) -> kept.release().jar());
		}
	}

	/**
	 * The copy is extracted, not the original.
	 */
	@Test
	void jarThatIsReplacedWhileItIsExtractedChangesNothing() throws IOException {
		try (ReleaseStore store = store()) {
			KeptRelease added = store.add(jar("one"), "shop", (jar, output, destination) -> {
				jar("two");
				extract(jar, output, destination);
			});
			assertThat(added.jar()).hasContent("one");
			assertThat(added.release().key()).isEqualTo(keyOf(jar("one")));
		}
	}

	@Test
	void jarThatCannotBeExtractedLeavesNothing() throws IOException {
		try (ReleaseStore store = store()) {
			assertThatIOException().isThrownBy(() -> store.add(jar("one"), "shop", (jar, output, destination) -> {
				throw new IOException("Unsupported jarmode");
			})).withMessage("Unsupported jarmode");
			assertThatIOException().isThrownBy(() -> store.add(jar("one"), "shop", (jar, output, destination) -> {
			})).withMessageContaining("does not exist");
			assertThat(PrivateDirectory.files(this.root.resolve("tomcorn-drafts"))).isEmpty();
			assertThat(PrivateDirectory.files(this.root.resolve("tomcorn-releases"))).isEmpty();
		}
	}

	@Test
	void whatKilledProcessesHaveLeftHalfMadeGoesAndWhatIsMadeStays() throws IOException {
		store().close();
		Path left = Files.createDirectory(this.root.resolve("tomcorn-drafts").resolve(UUID.randomUUID().toString()));
		Files.writeString(left.resolve("half"), "x");
		store().close();
		assertThat(left).doesNotExist();
	}

	/**
	 * Other programs may use the directory, too.
	 */
	@Test
	void whatTheStoreHasNotMadeStays() throws IOException {
		List<Path> others = List.of(this.root.resolve("releases/20261129"), this.root.resolve("drafts/letter"),
				this.root.resolve("tomcorn-releases/mine"), this.root.resolve("tomcorn-drafts/mine"));
		store().close();
		for (Path other : others) {
			Files.writeString(Files.createDirectories(other).resolve("file"), "mine");
		}
		try (ReleaseStore store = store()) {
			store.removeSurplus();
		}
		assertThat(others).allSatisfy((other) -> assertThat(other.resolve("file")).hasContent("mine"));
	}

	@Test
	void threeReleasesOfAnApplicationAreKept() throws IOException {
		try (ReleaseStore store = store()) {
			for (int release = 1; release <= 5; release++) {
				age(add(store, "release " + release), Duration.ofHours(10 - release));
			}
			KeptRelease other = store.add(jar("other"), "other", ReleaseStoreTests::extract);
			store.letGo(Set.of());
			store.removeSurplus();
			assertThat(store.kept("shop")).extracting(KeptRelease::jar)
				.extracting(Files::readString)
				.containsExactly("release 5", "release 4", "release 3");
			assertThat(store.kept("other")).containsExactly(other);
			assertThat(PrivateDirectory.files(this.root.resolve("tomcorn-drafts"))).isEmpty();
		}
	}

	@Test
	void whatIsInUseOrWasJustNowStays() throws IOException {
		try (ReleaseStore store = store()) {
			KeptRelease used = add(store, "used");
			age(used, Duration.ofHours(9));
			for (int release = 1; release <= 3; release++) {
				age(add(store, "release " + release), Duration.ofHours(5 - release));
			}
			KeptRelease justNow = add(store, "just now");
			store.letGo(Set.of(used.release().key()));
			store.removeSurplus();
			assertThat(store.kept("shop")).contains(used, justNow);
			store.letGo(Set.of());
			store.removeSurplus();
			assertThat(store.kept("shop")).hasSize(3).contains(justNow).doesNotContain(used);
		}
	}

	@Test
	void whatHasGoneIsNotCounted() throws IOException {
		try (ReleaseStore store = ReleaseStore.open(this.root, Map.of(), 3000)) {
			KeptRelease small = add(store, "1".repeat(100));
			age(small, Duration.ofHours(3));
			KeptRelease large = add(store, "2".repeat(2500));
			age(large, Duration.ofHours(2));
			KeptRelease latest = add(store, "3".repeat(1000));
			store.letGo(Set.of(latest.release().key()));
			store.removeSurplus();
			assertThat(store.kept("shop")).containsExactly(latest, small);
		}
	}

	@Test
	void whatIsTooLargeInAllGoes() throws IOException {
		try (ReleaseStore store = ReleaseStore.open(this.root, Map.of(), 1000)) {
			KeptRelease first = add(store, "1".repeat(600));
			age(first, Duration.ofHours(1));
			KeptRelease second = add(store, "2".repeat(600));
			store.letGo(Set.of(second.release().key()));
			store.removeSurplus();
			assertThat(store.kept("shop")).containsExactly(second);
			assertThatIOException().isThrownBy(() -> add(store, "3".repeat(1001))).withMessageContaining("max-size");
		}
	}

	/**
	 * Locks a release until its input ends.
	 */
	static final class OtherProcess {

		private OtherProcess() {
		}

		public static void main(String[] arguments) throws Exception {
			try (ReleaseStore store = ReleaseStore.open(Path.of(arguments[0]), Map.of(), SIZE)) {
				KeptRelease taken = store.take(arguments[1]);
				System.out.println((taken != null) ? "taken" : "nothing");
				System.in.read();
			}
		}

	}

	@Test
	void whatAnotherProcessUsesStays() throws Exception {
		KeptRelease used;
		try (ReleaseStore store = store()) {
			used = add(store, "used");
		}
		List<String> command = new ArrayList<>(ChildJvm.command(OtherProcess.class));
		command.addAll(List.of(this.root.toString(), used.release().key()));
		Process other = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
		try (ReleaseStore store = store()) {
			assertThat(other.inputReader().readLine()).isEqualTo("taken");
			for (int release = 1; release <= 4; release++) {
				age(add(store, "release " + release), Duration.ofHours(1));
			}
			store.letGo(Set.of());
			age(used, Duration.ofHours(9));
			store.removeSurplus();
			assertThat(store.kept("shop")).hasSize(4).contains(used);
			other.outputWriter().close();
			other.waitFor();
			store.removeSurplus();
			assertThat(store.kept("shop")).hasSize(3).doesNotContain(used);
		}
		finally {
			other.destroyForcibly();
		}
	}

	@Test
	void directoryIsThisUsersAlone() throws IOException {
		store().close();
		assertThat(Files.getPosixFilePermissions(this.root)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
		assertThat(Files.getPosixFilePermissions(this.root.resolve("tomcorn-releases")))
			.isEqualTo(PosixFilePermissions.fromString("rwx------"));
		for (String permissions : List.of("rwxrwx---", "rwx----w-")) {
			Files.setPosixFilePermissions(this.root.resolve("tomcorn-releases"),
					PosixFilePermissions.fromString(permissions));
			assertThatIOException().isThrownBy(this::store).withMessageContaining("others than its owner may write");
		}
	}

	@Test
	void directoryInWhichOthersMayWriteIsRefused() throws IOException {
		Path shared = Files.createDirectory(this.temporary.resolve("shared"));
		Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
		assertThatIOException().isThrownBy(() -> ReleaseStore.open(shared.resolve("store"), Map.of(), SIZE))
			.withMessageContaining("others may write to");
		assertThatIOException().isThrownBy(() -> ReleaseStore.open(shared, Map.of(), SIZE))
			.withMessageContaining("others than its owner may write");
	}

	@Test
	void linkIsNotFollowed() throws IOException {
		Path elsewhere = Files.createDirectory(this.temporary.resolve("elsewhere"));
		Files.createSymbolicLink(this.root, elsewhere);
		assertThatIOException().isThrownBy(this::store).withMessageContaining("is a symbolic link");
		Files.delete(this.root);
		store().close();
		Files.delete(this.root.resolve("tomcorn-releases"));
		Files.createSymbolicLink(this.root.resolve("tomcorn-releases"), elsewhere);
		assertThatIOException().isThrownBy(this::store).withMessageContaining("is a symbolic link");
	}

	@Test
	void releaseThatIsALinkOrOpenToOthersIsNotTaken() throws IOException {
		try (ReleaseStore store = store()) {
			KeptRelease added = add(store, "one");
			store.letGo(Set.of());
			Files.setPosixFilePermissions(added.directory(), PosixFilePermissions.fromString("rwxrwxrwx"));
			assertThat(store.take(added.release().key())).isNull();
			Files.setPosixFilePermissions(added.directory(), PosixFilePermissions.fromString("rwx------"));
			Path moved = Files.move(added.directory(), this.temporary.resolve("moved"));
			Files.createSymbolicLink(added.directory(), moved);
			assertThat(store.take(added.release().key())).isNull();
		}
	}

	@Test
	void damagedReleaseIsMadeAnew() throws IOException {
		try (ReleaseStore store = store()) {
			KeptRelease added = add(store, "one");
			store.letGo(Set.of());
			Files.delete(added.jar());
			assertThat(store.take(added.release().key())).isNull();
			assertThat(add(store, "one").jar()).hasContent("one");
		}
	}

	@Test
	void cachesOfTheUserAreWhereTheEnvironmentSays() throws IOException {
		assertThat(ReleaseStore.directory(Map.of("HOME", "/home/shop"))).hasToString("/home/shop/.cache/tomcorn");
		assertThat(ReleaseStore.directory(Map.of("HOME", "/home/shop", "XDG_CACHE_HOME", "/caches")))
			.hasToString("/caches/tomcorn");
		assertThat(ReleaseStore.directory(Map.of("HOME", "/", "CACHE_DIRECTORY", "/var/cache/shop:/var/cache/other")))
			.hasToString("/var/cache/shop");
		assertThat(ReleaseStore.directory(Map.of("HOME", "/home/shop", "XDG_CACHE_HOME", "relative")))
			.hasToString("/home/shop/.cache/tomcorn");
		assertThatIOException().isThrownBy(() -> ReleaseStore.directory(Map.of())).withMessage("HOME is not set");
	}

	@Test
	void linkThatSystemdGivesIsFollowed() throws IOException {
		Path real = Files.createDirectories(this.temporary.resolve("private/shop")).toRealPath();
		Path link = Files.createSymbolicLink(this.temporary.resolve("shop"), Path.of("private/shop"));
		assertThat(ReleaseStore.directory(Map.of("CACHE_DIRECTORY", link.toString()))).isEqualTo(real);
	}

	@Test
	void contentIsReadAgainOnlyIfTheFileHasChanged() throws IOException {
		JarContent content = new JarContent(LATER);
		Path jar = jar("one");
		String key = content.key(jar, UNKNOWN);
		assertThat(content.key(jar, (stamp) -> "not asked")).isEqualTo(key);
		Files.writeString(jar, "another", StandardOpenOption.TRUNCATE_EXISTING);
		assertThat(content.key(jar, UNKNOWN)).isNotEqualTo(key);
		Files.move(jar("one"), this.temporary.resolve("other.jar"));
		assertThat(content.key(this.temporary.resolve("other.jar"), UNKNOWN)).isEqualTo(key);
	}

	@Test
	void nextArbiterDoesNotReadTheSameFile() throws IOException {
		Path jar = jar("one");
		try (ReleaseStore store = store()) {
			KeptRelease release = store.add(jar, "shop", ReleaseStoreTests::extract);
			JarContent content = new JarContent(LATER);
			content.key(jar, UNKNOWN);
			store.rememberStamp(release.release().key(), Objects.requireNonNull(content.stamp()));
		}
		try (ReleaseStore store = store()) {
			AtomicReference<@Nullable String> known = new AtomicReference<>();
			Function<String, @Nullable String> memory = (stamp) -> {
				known.set(store.keyOf(stamp));
				return known.get();
			};
			assertThat(new JarContent(LATER).key(jar, memory)).isEqualTo(known.get()).hasSize(64);
			jar("another");
			assertThat(new JarContent(LATER).key(jar, memory)).hasSize(64);
			assertThat(known).hasNullValue();
		}
	}

	@Test
	void fileOfTheFutureIsReadOnce() throws IOException {
		AtomicReference<Duration> behind = new AtomicReference<>(Duration.ofMinutes(1));
		JarContent content = new JarContent(() -> Instant.now().minus(behind.get()));
		Path jar = jar("one");
		String key = content.key(jar, UNKNOWN);
		assertThat(content.key(jar, UNKNOWN)).isSameAs(key);
		assertThat(content.stamp()).isNull();
		behind.set(Duration.ofMinutes(-1));
		assertThat(content.key(jar, UNKNOWN)).isEqualTo(key).isNotSameAs(key);
		assertThat(content.stamp()).isNotNull();
	}

	@Test
	void fileThatHasJustChangedIsNotRemembered() throws IOException {
		JarContent content = new JarContent(InstantSource.system());
		content.key(jar("one"), UNKNOWN);
		assertThat(content.stamp()).isNull();
	}

	@Test
	void releaseSaysWhatItIs() throws IOException {
		try (ReleaseStore store = store()) {
			ApplicationRelease release = add(store, "one").release();
			assertThat(release.shortKey()).hasSize(12);
			assertThat(release.label()).isEqualTo("release %s (app.jar)".formatted(release.shortKey()));
			assertThat(Instant.ofEpochMilli(release.since())).isBeforeOrEqualTo(Instant.now());
			assertThat(Files.exists(Objects.requireNonNull(this.root), LinkOption.NOFOLLOW_LINKS)).isTrue();
		}
	}

}
