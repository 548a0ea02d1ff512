package dev.tomcorn.core.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.process.CommandWord;
import dev.tomcorn.core.process.LaunchPlan;
import dev.tomcorn.core.release.AotCache.State;
import org.jspecify.annotations.Nullable;

/**
 * Finds the AOT caches of releases and creates missing ones. Reads files in the thread of
 * {@link Releases}, which alone uses the store, and creates caches in a thread of its
 * own.
 */
final class AotCaches {

	/**
	 * Most caches of a release. Each is for other JVM options.
	 */
	static final int MAX_CACHES = 3;

	private static final Duration ASSEMBLY_LIMIT = Duration.ofMinutes(10);

	/**
	 * Suffix that the kernel gives the name of a removed file.
	 */
	private static final String DELETED = " (deleted)";

	private static final String DRAFT = ".new";

	private static final int TERMINATED = 143;

	/**
	 * Version of Java that has the next option. A JVM does not start with a diagnostic
	 * option that it does not have.
	 */
	private static final int JAVA = 25;

	private static final String ADDRESS = "-XX:ArchiveRelocationMode=";

	private static final long MEGABYTE = 1024 * 1024;

	/**
	 * Memory of a JVM that creates a cache, beside its heap, and a reserve.
	 */
	private static final long ROOM = 256 * MEGABYTE;

	private static final long MIN_HEAP = 256 * MEGABYTE;

	private static final long MAX_HEAP = 1024 * MEGABYTE;

	private final List<CommandWord> options;

	private final List<String> texts;

	private final @Nullable String obstacle;

	private final BackgroundJvms jvms;

	private final OnceLog log;

	private final Consumer<Consumer<ReleaseStore>> withStore;

	private final MemoryRoom memory = new MemoryRoom(Path.of("/"));

	private final Map<String, AotCache> caches = new ConcurrentHashMap<>();

	/**
	 * Create the caches of a fleet.
	 * @param plan how workers are started
	 * @param large whether the heap of a worker is too large for compressed pointers
	 * @param jvms runs the JVMs that create caches
	 * @param log the log
	 * @param withStore runs an action on the store in the thread that uses it
	 */
	AotCaches(LaunchPlan plan, boolean large, BackgroundJvms jvms, OnceLog log,
			Consumer<Consumer<ReleaseStore>> withStore) {
		this.options = Stream
			.concat(plan.options().kept().stream(), plan.workerOptions().stream().map(CommandWord::visible))
			.toList();
		this.texts = this.options.stream().map(CommandWord::text).toList();
		this.obstacle = CacheKey.obstacle(this.texts, large);
		this.jvms = jvms;
		this.log = log;
		this.withStore = withStore;
	}

	/**
	 * Return the cache of a release, which may not exist.
	 */
	AotCache of(KeptRelease release) {
		return this.caches.computeIfAbsent(release.release().key(),
				(_) -> new AotCache(release, CacheKey.of(this.texts), mapping(this.texts)));
	}

	/**
	 * Return the options with which all workers map a cache at the address that it was
	 * created for. By default each JVM chooses a random one, and copies the pages in
	 * which it changes addresses for that.
	 * @param options the options of the workers, which win
	 */
	static List<String> mapping(List<String> options) {
		boolean known = Runtime.version().feature() == JAVA;
		return (known && options.stream().noneMatch((option) -> option.startsWith(ADDRESS)))
				? List.of("-XX:+UnlockDiagnosticVMOptions", ADDRESS + "0") : List.of();
	}

	/**
	 * Check the cache again before a worker starts, if its state is unknown.
	 */
	void recheck(AotCache cache) {
		if (cache.state() == State.UNKNOWN && this.obstacle == null) {
			this.withStore.accept((store) -> check(cache, store));
		}
	}

	/**
	 * Check the state of a cache, and create what is missing.
	 */
	void check(AotCache cache, ReleaseStore store) {
		State state = cache.state();
		if (this.obstacle != null) {
			this.log.once(Level.INFO, "No AOT cache is created, because " + this.obstacle);
			return;
		}
		if (state == State.RECORDING || state == State.RECORDED || state == State.ASIDE) {
			return;
		}
		if (cache.isOnDisk()) {
			cache.found();
			return;
		}
		if (state == State.MISSING) {
			return;
		}
		try {
			if (!store.lock(cache.lock(), false)) {
				// Another fleet creates it
				cache.state(State.UNKNOWN);
				return;
			}
		}
		catch (IOException ex) {
			this.log.once(Level.WARN, "No AOT cache is created: " + OnceLog.reason(ex));
			return;
		}
		if (cache.isRecorded()) {
			cache.state(State.RECORDED);
			assemble(cache);
		}
		else {
			cache.removeRecording();
			cache.state(State.MISSING);
		}
	}

	/**
	 * Let other fleets create the caches of all releases but one.
	 * @param current key of the release that workers start from
	 */
	void giveBackOthers(String current) {
		this.withStore.accept((store) -> this.caches.forEach((release, cache) -> {
			if (!release.equals(current)) {
				giveBack(cache, store);
			}
		}));
	}

	private static void giveBack(AotCache cache, ReleaseStore store) {
		if (cache.giveUp()) {
			store.unlock(cache.lock());
		}
	}

	/**
	 * Take note that a worker with a cache has booted.
	 * @param pid its process id
	 */
	void booted(AotCache cache, long pid) {
		this.withStore.accept((store) -> {
			if (isMapped(cache.file(), pid)) {
				cache.trust();
			}
			else if (cache.state() == State.THERE) {
				refused(cache, store);
			}
		});
	}

	/**
	 * Return whether a process has mapped a file. A JVM that does not use a cache has no
	 * mapping of it.
	 */
	private static boolean isMapped(Path file, long pid) {
		try (Stream<String> maps = Files.lines(Path.of("/proc/" + pid + "/maps"))) {
			return maps.anyMatch((line) -> line.endsWith(file.toString()) || line.endsWith(file + DELETED));
		}
		catch (IOException | RuntimeException ex) {
			// It has ended, or the system does not provide it
			return true;
		}
	}

	private void refused(AotCache cache, ReleaseStore store) {
		this.log.always(Level.WARN, "The JVM has refused the AOT cache of release %s: %s".formatted(
				cache.release().release().shortKey(), cache.mayTryAgain() ? "another is created" : "it is removed"));
		PrivateDirectory.delete(cache.file());
		cache.state(State.UNKNOWN);
		check(cache, store);
	}

	/**
	 * Take note that a worker with a cache has ended before it booted.
	 */
	void notBooted(AotCache cache) {
		if (cache.doubt()) {
			this.log.always(Level.WARN,
					"A worker with the AOT cache of release %s has not booted: the next start without it"
						.formatted(cache.release().release().shortKey()));
		}
	}

	/**
	 * Take note that the worker that recorded for a cache has ended.
	 * @param exitCode its exit code, 128 + n after a signal n
	 */
	void trained(AotCache cache, int exitCode) {
		this.withStore.accept((store) -> {
			// A killed worker has not written all of it
			boolean orderly = exitCode == 0 || exitCode == TERMINATED;
			if (orderly && cache.isRecorded()) {
				cache.trained(State.RECORDED);
				assemble(cache);
			}
			else {
				cache.removeRecording();
				cache.trained(cache.mayTryAgain() ? State.MISSING : State.ASIDE);
				if (!cache.mayTryAgain()) {
					giveBack(cache, store);
				}
			}
		});
	}

	private void assemble(AotCache cache) {
		if (!this.jvms.isClosed()) {
			Thread.ofPlatform().daemon().name("tomcorn-aot").start(() -> {
				boolean made = false;
				try {
					made = make(cache);
				}
				catch (IOException | RuntimeException | Error ex) {
					if (!this.jvms.isClosed()) {
						this.log.once(Level.WARN, "The AOT cache of release %s cannot be created: %s"
							.formatted(cache.release().release().shortKey(), OnceLog.reason(ex)));
						cache.removeRecording();
					}
				}
				State next = made ? State.THERE : State.ASIDE;
				cache.state(next);
				this.withStore.accept((store) -> giveBack(cache, store));
			});
		}
	}

	private boolean make(AotCache cache) throws IOException {
		long heap = heap(cache);
		long room = this.memory.bytes();
		if (room < heap + ROOM) {
			this.log.once(Level.WARN,
					"The AOT cache of release %s is created at another start: that takes %d MB of memory, and %d MB are free"
						.formatted(cache.release().release().shortKey(), (heap + ROOM) / MEGABYTE, room / MEGABYTE));
			return false;
		}
		removeDrafts(cache);
		Path draft = cache.file().resolveSibling(cache.file().getFileName() + "." + UUID.randomUUID() + DRAFT);
		Path output = cache.file().resolveSibling(cache.file().getFileName() + ".log");
		List<CommandWord> words = new ArrayList<>(
				this.options.stream().filter((word) -> CacheKey.isRelevant(word.text())).toList());
		Stream
			.of("-XX:AOTMode=create", "-XX:AOTConfiguration=" + cache.configuration(), "-XX:AOTCache=" + draft,
					"-Xlog:aot*=error:stdout", "-Xmx" + heap / MEGABYTE + "m", "-jar", cache.release().jar().toString())
			.forEach((word) -> words.add(CommandWord.visible(word)));
		long start = System.nanoTime();
		try {
			this.jvms.runWithLowestPriority(words, output, ASSEMBLY_LIMIT, "The JVM that creates it");
			if (Files.size(draft) == 0) {
				throw new IOException(BackgroundJvms.firstLine(output));
			}
			ReleaseStore.force(draft);
			Files.move(draft, cache.file(), StandardCopyOption.ATOMIC_MOVE);
		}
		finally {
			PrivateDirectory.delete(draft);
		}
		cache.removeRecording();
		removeOldCaches(cache);
		this.log.always(Level.INFO,
				"The AOT cache of release %s is created (%d MB, %.1f s): workers start with it from now on".formatted(
						cache.release().release().shortKey(), Files.size(cache.file()) / MEGABYTE,
						(System.nanoTime() - start) / 1e9));
		return true;
	}

	/**
	 * Return the heap size for the assembly. A larger application has recorded more.
	 */
	private static long heap(AotCache cache) throws IOException {
		return Math.clamp(2 * Files.size(cache.configuration()), MIN_HEAP, MAX_HEAP);
	}

	/**
	 * Remove drafts. A JVM of a killed arbiter may still write to one, which no process
	 * reads. The lock keeps other fleets from creating this cache.
	 */
	private static void removeDrafts(AotCache cache) {
		String begin = cache.file().getFileName() + ".";
		PrivateDirectory.files(cache.release().caches())
			.stream()
			.filter((file) -> file.getFileName().toString().startsWith(begin) && file.toString().endsWith(DRAFT))
			.forEach(PrivateDirectory::delete);
	}

	/**
	 * Remove old caches, which are for other options. A process that has mapped one keeps
	 * it.
	 */
	private static void removeOldCaches(AotCache cache) {
		PrivateDirectory.files(cache.release().caches())
			.stream()
			.filter((file) -> file.toString().endsWith(AotCache.SUFFIX) && !file.equals(cache.file()))
			.sorted(Comparator.comparing(AotCaches::modified).reversed())
			.skip(MAX_CACHES - 1)
			.forEach(PrivateDirectory::delete);
	}

	private static FileTime modified(Path file) {
		try {
			return Files.getLastModifiedTime(file);
		}
		catch (IOException ex) {
			return FileTime.fromMillis(0);
		}
	}

}
