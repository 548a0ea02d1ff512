package dev.tomcorn.core.release;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

import dev.tomcorn.core.arbiter.ApplicationRelease;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.arbiter.Placement;
import dev.tomcorn.core.process.CommandWord;
import dev.tomcorn.core.process.JvmOptions;
import dev.tomcorn.core.process.LaunchPlan;
import dev.tomcorn.core.process.StartDirectory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Releases}, with a script in place of the JVM.
 */
class ReleasesTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	/**
	 * Copies the jar instead of extracting it, and creates a cache.
	 */
	private static final String JAVA = """
			#!/bin/sh
			echo "$@" >>"%s"
			for word; do
				case "$word" in
					-XX:AOTCache=*) echo cache >"${word#-XX:AOTCache=}"; exit 0 ;;
				esac
			done
			for word; do
				case "$word" in
					*.jar) jar=$word ;;
				esac
				destination=$word
			done
			mkdir "$destination" && cp "$jar" "$destination"
			""";

	@TempDir
	private Path directory;

	private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

	private final List<String> lines = new CopyOnWriteArrayList<>();

	private final List<Releases> opened = new CopyOnWriteArrayList<>();

	/**
	 * How far the clock is ahead, so that a file is old.
	 */
	private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

	@AfterEach
	void close() {
		this.opened.forEach(Releases::close);
	}

	private Path calls() {
		return this.directory.resolve("calls");
	}

	private Path java(String script) throws IOException {
		Path java = this.directory.resolve("java");
		Files.deleteIfExists(java);
		Files.writeString(java, script.contains("%s") ? script.formatted(calls()) : script);
		Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
		return java;
	}

	/**
	 * A jar with the checked parts of Boot's layout.
	 */
	private Path jar(String content) throws IOException {
		Manifest manifest = new Manifest();
		manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
		manifest.getMainAttributes().putValue("Spring-Boot-Lib", "BOOT-INF/lib/");
		manifest.getMainAttributes().putValue("Content", content);
		Path jar = this.directory.resolve("app.jar");
		try (OutputStream file = Files.newOutputStream(jar); JarOutputStream out = new JarOutputStream(file)) {
			JarEntry first = new JarEntry(JarFile.MANIFEST_NAME);
			first.setTime(0);
			out.putNextEntry(first);
			manifest.write(out);
			JarEntry libraries = new JarEntry("BOOT-INF/lib/");
			libraries.setTime(0);
			out.putNextEntry(libraries);
		}
		return jar;
	}

	private Releases releases(Path java, Path jar, Path store, String... options) {
		StartDirectory start = StartDirectory.ofThisProcess(Map.of(), null);
		LaunchPlan plan = new LaunchPlan(java,
				new JvmOptions(List.of(options).stream().map(CommandWord::visible).toList(), List.of()), List.of(),
				List.of(), List.of(CommandWord.visible("-jar"), CommandWord.visible(jar.toString())), List.of(),
				Map.of(), start, start);
		Releases releases = new Releases(new PreloadSettings(true, store, 1_000_000, 10, Duration.ofMinutes(1)), plan,
				"shop", false, this.events::add, (level, line) -> this.lines.add(level + " " + line),
				() -> Instant.now().plus(this.ahead.get()));
		this.opened.add(releases);
		return releases;
	}

	private Releases releases(String... options) throws IOException {
		return releases(java(JAVA), jar("one"), this.directory.resolve("store"), options);
	}

	private Event.Prepared prepare(Releases releases, int generation, String wanted) throws InterruptedException {
		releases.prepare(generation, 7, wanted);
		Event event = Objects.requireNonNull(this.events.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS));
		assertThat(event).isInstanceOf(Event.Prepared.class);
		Event.Prepared prepared = (Event.Prepared) event;
		assertThat(prepared).returns(generation, Event.Prepared::generation).returns(7L, Event.Prepared::since);
		return prepared;
	}

	private ApplicationRelease adopt(Releases releases, int generation) throws InterruptedException {
		ApplicationRelease release = prepare(releases, generation, "").release();
		releases.adopt(generation, release);
		return release;
	}

	private static Placement worker(long age, int generation) {
		return new Placement(0, 0, age, generation);
	}

	private static Path recording(Releases.Start start) {
		return Path.of(start.options()
			.stream()
			.filter((option) -> option.startsWith("-XX:AOTConfiguration="))
			.findFirst()
			.orElseThrow()
			.substring("-XX:AOTConfiguration=".length()));
	}

	private void awaitLine(String text) {
		await(text).atMost(PATIENCE).until(() -> this.lines.stream().anyMatch((line) -> line.contains(text)));
	}

	@Test
	void workersStartFromTheCopyWhateverTheJarIsByThen() throws Exception {
		Releases releases = releases();
		assertThat(releases.keep()).isTrue();
		ApplicationRelease release = adopt(releases, 1);
		assertThat(release.kept()).isTrue();
		Path started = Objects.requireNonNull(releases.start(worker(1, 1), false).plan().jar());
		assertThat(started).startsWith(this.directory.resolve("store").toRealPath()).hasFileName("app.jar");
		jar("two");
		assertThat(releases.start(worker(2, 1), false).plan().jar()).isEqualTo(started);
		assertThat(adopt(releases, 2)).isNotEqualTo(release);
		assertThat(releases.start(worker(3, 2), false).plan().jar()).isNotEqualTo(started);
		assertThat(releases.start(worker(4, 1), false).plan().jar()).isEqualTo(started);
		assertThat(this.lines).isEmpty();
	}

	/**
	 * Beside a busy machine the lowest priority may get no processor time for minutes.
	 */
	@Test
	void onlyWhatNoWorkerWaitsForHasTheLowestPriority() throws Exception {
		String java = JAVA.replace("for word; do\n\tcase \"$word\" in\n\t\t-XX:AOTCache",
				"for word; do\n\tcase \"$word\" in\n\t\t-XX:AOTMode=create) until [ $(nice) = 19 ]; do :; done ;;\n\t\t-XX:AOTCache")
				+ "nice >\"$destination/priority\"\n";
		Releases releases = releases(java(java), jar("one"), this.directory.resolve("store"));
		adopt(releases, 1);
		Path copy = Objects.requireNonNull(releases.start(worker(1, 1), false).plan().jar());
		assertThat(copy.resolveSibling("priority")).exists().content().isNotEqualTo("19\n");
		Files.writeString(recording(releases.start(worker(2, 1), true)), "profile");
		releases.ended(2, 0, true);
		awaitLine("is created");
	}

	@Test
	void whatIsKeptAlreadyIsNotExtractedAgain() throws Exception {
		Releases before = releases();
		ApplicationRelease release = adopt(before, 1);
		before.close();
		assertThat(Files.readAllLines(calls())).singleElement().asString().contains("-Djarmode=tools");
		assertThat(adopt(releases(), 1)).isEqualTo(release);
		assertThat(Files.readAllLines(calls())).hasSize(1);
	}

	@Test
	void nextArbiterTakesTheReleaseOfAFileThatHasNotChanged() throws Exception {
		Releases before = releases();
		ApplicationRelease release = adopt(before, 1);
		before.close();
		this.ahead.set(Duration.ofMinutes(1));
		Path jar = this.directory.resolve("app.jar");
		Path store = this.directory.resolve("store");
		assertThat(stamps()).isEmpty();
		Releases second = releases(java(JAVA), jar, store);
		assertThat(adopt(second, 1)).isEqualTo(release);
		second.close();
		assertThat(stamps()).hasSize(1);
		Path stamp = stamps().getFirst();
		// Moved to the name of another content, to see that the file is not read
		Path other = stamp.resolveSibling("../" + "0".repeat(64)).normalize();
		Files.move(stamp.getParent(), other);
		Releases third = releases(java(JAVA), jar, store);
		assertThat(adopt(third, 1).key()).isEqualTo("0".repeat(64));
		third.close();
		PrivateDirectory.delete(other);
		assertThat(adopt(releases(java(JAVA), jar, store), 1).key()).isEqualTo(release.key());
	}

	@Test
	void jarThatWasDeployedAMomentAgoIsRememberedByTheCheck() throws Exception {
		Releases releases = releases();
		adopt(releases, 1);
		assertThat(stamps()).isEmpty();
		this.ahead.set(Duration.ofMinutes(1));
		releases.checkJar();
		releases.checkJar();
		onDisk();
		assertThat(stamps()).hasSize(1);
	}

	private List<Path> stamps() throws IOException {
		try (Stream<Path> files = Files.walk(this.directory.resolve("store"))) {
			return files.filter((file) -> file.endsWith("jar.stamp")).toList();
		}
	}

	@Test
	void onlyAPackagedApplicationIsKept() throws IOException {
		Path text = Files.writeString(this.directory.resolve("text.jar"), "no jar");
		assertThat(releases(java(JAVA), text, this.directory.resolve("store")).keep()).isFalse();
		Path bare = this.directory.resolve("bare.jar");
		try (OutputStream file = Files.newOutputStream(bare); JarOutputStream out = new JarOutputStream(file)) {
			out.putNextEntry(new JarEntry("Main.class"));
		}
		assertThat(releases(java(JAVA), bare, this.directory.resolve("store")).keep()).isFalse();
		assertThat(this.lines).hasSize(2)
			.allMatch((line) -> line.startsWith("INFO tomcorn.preload.enabled has no effect"));
	}

	@Test
	void jarThatCannotBeExtractedIsStartedAsItIsAndToldOnce() throws Exception {
		Path jar = jar("one");
		Releases releases = releases(java("#!/bin/sh\necho Unsupported jarmode\nexit 1\n"), jar,
				this.directory.resolve("store"));
		assertThat(adopt(releases, 1).kept()).isFalse();
		assertThat(adopt(releases, 2).kept()).isFalse();
		assertThat(releases.start(worker(1, 2), true).plan().jar()).isEqualTo(jar);
		assertThat(this.lines).singleElement()
			.asString()
			.startsWith("WARN No release is kept, and workers start from the files on disk: ")
			.endsWith("exit code 1: Unsupported jarmode");
	}

	@Test
	void directoryThatCannotBeUsedIsToldOnceAndKeepsNoWorkerFromStarting() throws Exception {
		Path file = Files.writeString(this.directory.resolve("file"), "x");
		Releases releases = releases(java(JAVA), jar("one"), file.resolve("store"));
		assertThat(adopt(releases, 1).kept()).isFalse();
		assertThat(adopt(releases, 2).kept()).isFalse();
		assertThat(this.lines).singleElement().asString().contains("No release is kept");
	}

	@Test
	void releaseThatIsWantedIsRefusedWhereTheDirectoryCannotBeUsed() throws Exception {
		Path file = Files.writeString(this.directory.resolve("file"), "x");
		Releases releases = releases(java(JAVA), jar("one"), file.resolve("store"));
		assertThat(prepare(releases, 2, "cafe").refusal()).isNotEmpty();
		assertThat(this.lines).isEmpty();
	}

	@Test
	void releaseThatIsGoneIsReplacedByTheJar() throws Exception {
		Releases releases = releases();
		adopt(releases, 1);
		PrivateDirectory.delete(this.directory.resolve("store"));
		assertThat(releases.start(worker(1, 1), true)).returns(this.directory.resolve("app.jar"),
				(start) -> start.plan().jar());
		assertThat(this.lines).singleElement().asString().contains("is gone from");
	}

	@Test
	void keptReleaseIsFoundByTheBeginningOfItsKey() throws Exception {
		Releases releases = releases();
		ApplicationRelease first = adopt(releases, 1);
		jar("two");
		adopt(releases, 2);
		assertThat(prepare(releases, 3, first.shortKey()).release()).isEqualTo(first);
		assertThat(prepare(releases, 3, "0000000000").refusal())
			.startsWith("no release begins with \"0000000000\"; kept are ")
			.contains(first.shortKey());
		// A prefix of both keys
		assertThat(prepare(releases, 3, "").refusal()).isEmpty();
	}

	@Test
	void jarOnDiskIsToldOnceItHasSettled() throws Exception {
		Releases releases = releases();
		ApplicationRelease release = adopt(releases, 1);
		releases.checkJar();
		releases.checkJar();
		assertThat(onDisk().key()).isEqualTo(release.key());
		jar("two");
		releases.checkJar();
		releases.checkJar();
		assertThat(onDisk().key()).isNotEqualTo(release.key());
		adopt(releases, 2);
		assertThat(this.events).isEmpty();
		Files.delete(this.directory.resolve("app.jar"));
		releases.checkJar();
		releases.checkJar();
		prepare(releases, 3, "");
		assertThat(this.events).isEmpty();
	}

	private ApplicationRelease onDisk() throws InterruptedException {
		Event event = Objects.requireNonNull(this.events.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS));
		assertThat(event).isInstanceOf(Event.OnDisk.class);
		return ((Event.OnDisk) event).release();
	}

	@Test
	void workerThatRecordsMakesTheCacheOfThoseThatFollow() throws Exception {
		Releases releases = releases("-XX:+UseSerialGC", "-Xmx100m", "-Xlog:gc:file=gc-{worker}.log");
		adopt(releases, 1);
		assertThat(releases.start(worker(1, 1), false).options()).as("first worker").isEmpty();
		Releases.Start trainer = releases.start(worker(2, 1), false);
		assertThat(trainer.options()).contains("-XX:AOTMode=record");
		assertThat(trainer.recording()).isNotNull();
		assertThat(releases.start(worker(3, 1), false).options()).as("while another records").isEmpty();
		Files.writeString(recording(trainer), "profile");
		releases.ended(2, 143, true);
		awaitLine("is created");
		assertThat(releases.start(worker(4, 1), false).options()).first().asString().startsWith("-XX:AOTCache=");
		assertThat(recording(trainer)).doesNotExist();
		assertThat(Files.readAllLines(calls()).getLast()).startsWith("-XX:+UseSerialGC -XX:AOTMode=create");
		assertThat(Files.readAllLines(calls()).getLast()).doesNotContain("gc-", "-Xmx100m");
		// The next start has it
		releases.close();
		Releases other = releases("-XX:+UseSerialGC");
		adopt(other, 1);
		assertThat(other.start(worker(1, 1), true).options()).first().asString().startsWith("-XX:AOTCache=");
	}

	@Test
	void cachesForOtherOptionsAreBounded() throws Exception {
		for (int options = 1; options <= 5; options++) {
			Releases releases = releases("-XX:ReservedCodeCacheSize=%dm".formatted(options + 100));
			adopt(releases, 1);
			Files.writeString(recording(releases.start(worker(1, 1), true)), "profile");
			releases.ended(1, 0, true);
			int made = options;
			await().atMost(PATIENCE)
				.until(() -> this.lines.stream().filter((line) -> line.contains("is created")).count() == made);
			releases.close();
		}
		try (Stream<Path> files = Files.walk(this.directory.resolve("store"))) {
			assertThat(files.filter((file) -> file.toString().endsWith(".aot"))).hasSize(AotCaches.MAX_CACHES);
		}
	}

	@Test
	void onlyWorkerRecordsWhereThereIsNoOther() throws Exception {
		Releases releases = releases();
		adopt(releases, 1);
		assertThat(releases.start(worker(1, 1), true).options()).contains("-XX:AOTMode=record");
	}

	@Test
	void workerThatIsKilledHasRecordedNothing() throws Exception {
		Releases releases = releases();
		adopt(releases, 1);
		Releases.Start trainer = releases.start(worker(1, 1), true);
		Files.writeString(recording(trainer), "half");
		releases.ended(1, 137, true);
		await().atMost(PATIENCE).until(() -> !Files.exists(recording(trainer)));
		await().atMost(PATIENCE).until(() -> !releases.start(worker(2, 1), true).options().isEmpty());
		assertThat(Files.readAllLines(calls())).hasSize(1);
	}

	@Test
	void recordingThatIsLeftBecomesACacheAtTheNextStart() throws Exception {
		Releases before = releases();
		adopt(before, 1);
		Path recording = recording(before.start(worker(1, 1), true));
		before.close();
		Files.writeString(recording, "profile");
		adopt(releases(), 1);
		awaitLine("is created");
		assertThat(recording).doesNotExist();
	}

	@Test
	void cacheThatTheJvmDoesNotMapIsMadeAnew() throws Exception {
		Releases releases = releases();
		adopt(releases, 1);
		Releases.Start trainer = releases.start(worker(1, 1), true);
		Files.writeString(recording(trainer), "profile");
		releases.ended(1, 0, true);
		awaitLine("is created");
		releases.start(worker(2, 1), true);
		releases.booted(2, ProcessHandle.current().pid());
		awaitLine("The JVM has refused the AOT cache");
		await().atMost(PATIENCE)
			.until(() -> releases.start(worker(3, 1), true).options().contains("-XX:AOTMode=record"));
	}

	@Test
	void cacheWithWhichAWorkerDoesNotBootIsSetAside() throws Exception {
		Releases releases = releases();
		adopt(releases, 1);
		Files.writeString(recording(releases.start(worker(1, 1), true)), "profile");
		releases.ended(1, 0, true);
		awaitLine("is created");
		assertThat(releases.start(worker(2, 1), true).options()).isNotEmpty();
		releases.ended(2, 134, false);
		assertThat(releases.start(worker(3, 1), true).options()).isEmpty();
		awaitLine("has not booted: the next start without it");
	}

	@Test
	void cacheThatIsMadeIsNotKeptFromOtherFleets() throws Exception {
		Releases releases = releases();
		adopt(releases, 1);
		Path recording = recording(releases.start(worker(1, 1), true));
		assertThat(mayLock(recording)).as("while it is recorded").isFalse();
		Files.writeString(recording, "profile");
		releases.ended(1, 0, true);
		awaitLine("is created");
		await().atMost(PATIENCE).until(() -> mayLock(recording));
	}

	@Test
	void cacheOfAnotherGenerationIsNotKeptFromOtherFleets() throws Exception {
		Releases releases = releases();
		adopt(releases, 1);
		releases.start(worker(1, 1), false);
		Path cache = this.directory.resolve("store/tomcorn-releases");
		Path lock;
		try (Stream<Path> files = Files.walk(cache)) {
			lock = files.filter((file) -> file.getParent().endsWith("caches") && file.toString().endsWith(".lock"))
				.findFirst()
				.orElseThrow();
		}
		assertThat(mayLock(lock)).isFalse();
		jar("two");
		adopt(releases, 2);
		await().atMost(PATIENCE).until(() -> mayLock(lock));
	}

	/**
	 * Return whether another fleet could create the cache from a recording.
	 */
	private static boolean mayLock(Path file) throws IOException {
		String name = file.getFileName().toString().replaceFirst("\\.\\w+$", ".lock");
		try (FileChannel channel = FileChannel.open(file.resolveSibling(name), StandardOpenOption.WRITE);
				FileLock lock = channel.tryLock()) {
			return lock != null;
		}
		catch (OverlappingFileLockException ex) {
			return false;
		}
	}

	@Test
	void draftOfAnArbiterThatWasKilledIsRemoved() throws Exception {
		Releases releases = releases();
		adopt(releases, 1);
		Path recording = recording(releases.start(worker(1, 1), true));
		Path left = recording.resolveSibling(recording.getFileName().toString().replace(".conf", ".aot") + ".x.new");
		Files.writeString(left, "half");
		Files.writeString(recording, "profile");
		releases.ended(1, 0, true);
		awaitLine("is created");
		assertThat(left).doesNotExist();
		assertThat(Files.readAllLines(calls()).getLast()).contains("-Xmx256m")
			.containsPattern("-XX:AOTCache=\\S+\\.new ");
	}

	@Test
	void agentsAndOwnCachesKeepReleasesButNoCache() throws Exception {
		Releases releases = releases("-javaagent:/opt/agent.jar");
		assertThat(adopt(releases, 1).kept()).isTrue();
		assertThat(releases.start(worker(1, 1), true).options()).isEmpty();
		adopt(releases, 2);
		assertThat(this.lines).singleElement().asString().startsWith("INFO No AOT cache is created, because an agent");
	}

}
