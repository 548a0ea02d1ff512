package dev.tomcorn.core.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.tomcorn.core.arbiter.ArbiterLog;
import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.arbiter.Placement;
import dev.tomcorn.core.arbiter.PrintableText;
import dev.tomcorn.core.arbiter.ApplicationRelease;
import dev.tomcorn.core.process.CommandWord;
import dev.tomcorn.core.process.LaunchPlan;
import dev.tomcorn.core.release.AotCache.State;
import org.jspecify.annotations.Nullable;

/**
 * What the workers of a fleet start from. Reads, writes and waits in threads of its own;
 * the arbiter's thread takes what they have found, and looks only whether the jar of a
 * release is still there.
 */
public final class Releases implements AutoCloseable {

	private static final Duration EXTRACTION_LIMIT = Duration.ofMinutes(1);

	private static final Duration ASSEMBLY_LIMIT = Duration.ofMinutes(10);

	/**
	 * What the end of the arbiter waits for its threads.
	 */
	private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

	private static final int TERMINATED = 143;

	/**
	 * How the kernel ends the name of a file that another process has removed.
	 */
	private static final String DELETED = " (deleted)";

	/**
	 * Caches of a release, each for other JVM options.
	 */
	static final int MAX_CACHES = 3;

	private static final long MEGABYTE = 1024 * 1024;

	/**
	 * What the JVM takes that makes a cache, and something for what comes meanwhile.
	 */
	private static final long ROOM = 512 * MEGABYTE;

	private final LaunchPlan plan;

	private final PreloadSettings settings;

	private final String application;

	private final boolean keep;

	private final String cacheKey;

	private final @Nullable String noCache;

	private final Consumer<Event> events;

	private final ArbiterLog log;

	private final JarContent content = new JarContent();

	private final MemoryRoom memory = new MemoryRoom(Path.of("/"));

	private final ExecutorService worker = Executors
		.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("tomcorn-preload").factory());

	private final Map<Integer, KeptRelease> adopted = new ConcurrentHashMap<>();

	private final Map<String, KeptRelease> prepared = new ConcurrentHashMap<>();

	private final Map<Long, Running> running = new ConcurrentHashMap<>();

	private final Map<String, AotCache> caches = new ConcurrentHashMap<>();

	private final Set<String> told = ConcurrentHashMap.newKeySet();

	/**
	 * Generations of which a worker has been spawned. Used by the arbiter's thread.
	 */
	private final Set<Integer> begun = new HashSet<>();

	private volatile @Nullable ReleaseStore store;

	private final Set<Process> children = ConcurrentHashMap.newKeySet();

	private volatile boolean closed;

	/**
	 * A worker that was started from a release.
	 *
	 * @param release the release
	 * @param cache its cache
	 * @param uses whether it was given the cache
	 */
	private record Running(KeptRelease release, AotCache cache, boolean uses) {
	}

	/**
	 * How a worker is started.
	 *
	 * @param plan the plan
	 * @param options JVM options besides
	 * @param recording where it writes what it records, or {@code null} if it does not
	 */
	public record Start(LaunchPlan plan, List<String> options, @Nullable Path recording) {
	}

	/**
	 * Create what a fleet starts from.
	 * @param settings what is kept
	 * @param plan how workers are started from what is on disk
	 * @param application name of the application
	 * @param large whether the heap of a worker is too large for compressed pointers
	 * @param events told when a release is prepared
	 * @param log takes what is to be told
	 */
	public Releases(PreloadSettings settings, LaunchPlan plan, String application, boolean large,
			Consumer<Event> events, ArbiterLog log) {
		this.settings = settings;
		this.plan = plan;
		this.application = application;
		this.events = events;
		this.log = log;
		this.keep = settings.enabled() && isEligible(plan.jar());
		if (settings.enabled() && !this.keep) {
			log.log(Level.INFO,
					"tomcorn.preload.enabled has no effect: the application is not started by java -jar from a "
							+ "jar that Spring Boot has packaged");
		}
		List<String> options = words(plan).stream().map(CommandWord::text).toList();
		this.noCache = CacheKey.obstacle(options, large);
		this.cacheKey = this.keep ? CacheKey.of(options) : "";
	}

	/**
	 * What an IDE starts, or a jar that is extracted already, is started as it is.
	 */
	private static boolean isEligible(@Nullable Path jar) {
		try {
			return jar != null && JarLayout.isPackaged(jar);
		}
		catch (IOException ex) {
			return false;
		}
	}

	private static List<CommandWord> words(LaunchPlan plan) {
		return Stream.concat(plan.options().kept().stream(), plan.workerOptions().stream().map(CommandWord::visible))
			.toList();
	}

	/**
	 * Return whether generations start from releases that are kept.
	 * @return whether they are to be prepared
	 */
	public boolean keep() {
		return this.keep;
	}

	/**
	 * Return from when on a worker that records has served enough.
	 * @return the settings
	 */
	public PreloadSettings settings() {
		return this.settings;
	}

	/**
	 * Prepare the release of a generation. {@link Event.Prepared} follows.
	 * @param generation the generation
	 * @param since when that was asked for
	 * @param wanted the beginning of the key of one that is kept, or empty for what is on
	 * disk now
	 */
	public void prepare(int generation, long since, String wanted) {
		Set<String> used = used();
		submit(() -> {
			Event.Prepared event;
			try {
				event = new Event.Prepared(generation, since, find(wanted, used), "");
			}
			catch (UnknownReleaseException ex) {
				event = new Event.Prepared(generation, since, ApplicationRelease.AS_GIVEN, ex.getMessage());
			}
			catch (IOException | RuntimeException | Error ex) {
				if (wanted.isEmpty()) {
					tell("No release is kept, and workers start from what is on disk: " + reason(ex));
				}
				event = new Event.Prepared(generation, since, ApplicationRelease.AS_GIVEN,
						wanted.isEmpty() ? "" : reason(ex));
			}
			this.events.accept(event);
			ReleaseStore open = this.store;
			if (open != null) {
				open.removeSurplus();
			}
		});
	}

	private static String reason(Throwable ex) {
		return (ex.getClass() == IOException.class) ? String.valueOf(ex.getMessage()) : ex.toString();
	}

	/**
	 * A line that may come again says nothing new.
	 */
	private void tell(String line) {
		if (this.told.add(line)) {
			this.log.log(Level.WARN, line);
		}
	}

	private Set<String> used() {
		return Stream.concat(this.adopted.values().stream(), this.running.values().stream().map(Running::release))
			.map((release) -> release.release().key())
			.collect(Collectors.toSet());
	}

	private ApplicationRelease find(String wanted, Set<String> used) throws IOException, UnknownReleaseException {
		Path jar = this.plan.jar();
		if (jar == null) {
			throw new IOException("the application is not started by java -jar");
		}
		ReleaseStore open = this.store;
		if (open == null) {
			open = ReleaseStore.open(this.settings.directory(), System.getenv(), this.settings.maxSize());
			this.store = open;
		}
		open.letGo(used);
		KeptRelease release = wanted.isEmpty() ? ofDisk(jar, open) : wanted(wanted, open);
		this.prepared.put(release.release().key(), release);
		look(cache(release), open);
		return release.release();
	}

	private KeptRelease ofDisk(Path jar, ReleaseStore open) throws IOException {
		if (!JarLayout.isPackaged(jar)) {
			throw new IOException(
					"%s does not have the layout of a packaged application of Spring Boot".formatted(jar));
		}
		KeptRelease kept = open.take(this.content.key(jar));
		return (kept != null) ? kept : open.add(jar, this.application, this::extract);
	}

	private KeptRelease wanted(String wanted, ReleaseStore open) throws UnknownReleaseException {
		List<KeptRelease> kept = open.kept(this.application);
		List<KeptRelease> found = kept.stream()
			.filter((release) -> release.release().key().startsWith(wanted))
			.toList();
		KeptRelease taken = (found.size() == 1) ? open.take(found.getFirst().release().key()) : null;
		if (taken == null) {
			throw new UnknownReleaseException("%s release begins with \"%s\"; kept are %s".formatted(
					(found.size() > 1) ? "more than one" : "no", wanted,
					kept.isEmpty() ? "none"
							: kept.stream()
								.map((release) -> release.release().shortKey())
								.collect(Collectors.joining(", "))));
		}
		return taken;
	}

	private void extract(Path jar, Path output, Path destination) throws IOException {
		List<CommandWord> words = Stream
			.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m", "-Djarmode=tools", "-jar", jar.toString(),
					"extract", "--destination", destination.toString())
			.map(CommandWord::visible)
			.toList();
		run(words, output, EXTRACTION_LIMIT, "Boot's tool to extract " + this.plan.jar());
	}

	/**
	 * Run a JVM to its end.
	 */
	private void run(List<CommandWord> words, Path output, Duration limit, String what) throws IOException {
		Process process = this.plan.launchInBackground(words, output);
		this.children.add(process);
		try {
			if (this.closed || !process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
				throw new IOException(what + " has not ended within " + limit.toSeconds() + " s");
			}
			if (process.exitValue() != 0) {
				throw new IOException(
						"%s has ended with exit code %d: %s".formatted(what, process.exitValue(), firstLine(output)));
			}
		}
		catch (InterruptedException ex) {
			throw new IOException(what + " was interrupted", ex);
		}
		finally {
			process.destroyForcibly();
			this.children.remove(process);
		}
	}

	private static String firstLine(Path output) {
		try (Stream<String> lines = Files.lines(output)) {
			return lines.filter((line) -> !line.isBlank())
				.findFirst()
				.map(PrintableText::line)
				.orElse("no output")
				.strip();
		}
		catch (IOException | RuntimeException ex) {
			return "no output";
		}
	}

	private AotCache cache(KeptRelease release) {
		return this.caches.computeIfAbsent(release.release().key(), (key) -> new AotCache(release, this.cacheKey));
	}

	/**
	 * See what there is of a cache, and have what is missing made.
	 */
	private void look(AotCache cache, ReleaseStore open) {
		State state = cache.state();
		if (this.noCache != null) {
			if (this.told.add("cache")) {
				this.log.log(Level.INFO, "No AOT cache is made, because " + this.noCache);
			}
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
			if (!open.lock(cache.lock(), false)) {
				// Another fleet makes it
				cache.state(State.UNKNOWN);
				return;
			}
		}
		catch (IOException ex) {
			tell("No AOT cache is made: " + reason(ex));
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
	 * Look what a reload would bring, which {@link Event.OnDisk} tells unless the file is
	 * being changed. Does not wait.
	 */
	public void look() {
		if (this.keep) {
			submit(this::lookAtDisk);
		}
	}

	private void lookAtDisk() {
		Path jar = this.plan.jar();
		try {
			String key = (jar != null) ? this.content.keyIfSettled(jar) : null;
			if (jar != null && key != null) {
				this.events.accept(new Event.OnDisk(new ApplicationRelease(key, String.valueOf(jar.getFileName()),
						Files.getLastModifiedTime(jar).toMillis())));
			}
		}
		catch (IOException ex) {
			// It is gone, or about to be replaced
		}
	}

	/**
	 * Start the workers of a generation from a release from now on. Called by the
	 * arbiter's thread.
	 * @param generation the generation
	 * @param release the release
	 */
	public void adopt(int generation, ApplicationRelease release) {
		this.adopted.keySet().removeIf((other) -> other < generation - 1);
		this.begun.remove(generation);
		KeptRelease kept = this.prepared.get(release.key());
		if (kept != null) {
			this.adopted.put(generation, kept);
		}
		else {
			this.adopted.remove(generation);
		}
	}

	/**
	 * Return how a worker is to be started. Called by the arbiter's thread.
	 * @param placement where it stands
	 * @param alone whether no other worker is to serve
	 * @return what starts it
	 */
	public Start start(Placement placement, boolean alone) {
		KeptRelease release = this.adopted.get(placement.generation());
		if (release == null) {
			return new Start(this.plan, List.of(), null);
		}
		if (!Files.isRegularFile(release.jar())) {
			tell("Release %s is gone from %s: workers start from what is on disk"
				.formatted(release.release().shortKey(), release.directory().getParent()));
			return new Start(this.plan, List.of(), null);
		}
		// The first shows that the generation boots, and all wait for it
		boolean first = this.begun.add(placement.generation());
		AotCache cache = cache(release);
		if (cache.state() == State.UNKNOWN && this.noCache == null) {
			submit(() -> {
				ReleaseStore open = this.store;
				if (open != null) {
					look(cache, open);
				}
			});
		}
		List<String> options = cache.options(placement.age(), alone || !first);
		boolean records = cache.isTrainer(placement.age());
		this.running.put(placement.age(), new Running(release, cache, !options.isEmpty() && !records));
		return new Start(this.plan.withJar(release.jar()), options, records ? cache.configuration() : null);
	}

	/**
	 * A worker has booted. Called by the arbiter's thread.
	 * @param age the worker
	 * @param pid its process id
	 */
	public void booted(long age, long pid) {
		Running started = this.running.get(age);
		if (started == null || !started.uses()) {
			return;
		}
		submit(() -> {
			if (isMapped(started.cache().file(), pid)) {
				started.cache().trust();
			}
			else {
				refused(started.cache());
			}
		});
	}

	/**
	 * A JVM that does not use a cache has no mapping of it.
	 */
	private static boolean isMapped(Path file, long pid) {
		try (Stream<String> maps = Files.lines(Path.of("/proc/" + pid + "/maps"))) {
			return maps.anyMatch((line) -> line.endsWith(file.toString()) || line.endsWith(file + DELETED));
		}
		catch (IOException | RuntimeException ex) {
			// It has ended, or this system does not tell
			return true;
		}
	}

	private void refused(AotCache cache) {
		ReleaseStore open = this.store;
		if (cache.state() != State.THERE || open == null) {
			return;
		}
		this.log.log(Level.WARN, "The JVM has refused the AOT cache of release %s: %s".formatted(
				cache.release().release().shortKey(), cache.mayTryAgain() ? "another is made" : "it is removed"));
		PrivateDirectory.delete(cache.file());
		cache.state(State.UNKNOWN);
		look(cache, open);
	}

	/**
	 * A worker has ended, or could not be started. Called by the arbiter's thread.
	 * @param age the worker
	 * @param exitCode its exit code, 128 + n after a signal n
	 * @param booted whether it had booted
	 */
	public void ended(long age, int exitCode, boolean booted) {
		Running ended = this.running.remove(age);
		if (ended == null) {
			return;
		}
		AotCache cache = ended.cache();
		if (cache.isTrainer(age)) {
			submit(() -> trained(cache, exitCode));
		}
		else if (ended.uses() && !booted && cache.doubt()) {
			this.log.log(Level.WARN,
					"A worker with the AOT cache of release %s has not booted: the next start without it"
						.formatted(ended.release().release().shortKey()));
		}
	}

	private void trained(AotCache cache, int exitCode) {
		// One that was killed has not written all of it
		boolean orderly = exitCode == 0 || exitCode == TERMINATED;
		if (orderly && cache.isRecorded()) {
			cache.trained(State.RECORDED);
			assemble(cache);
		}
		else {
			cache.removeRecording();
			cache.trained(State.MISSING);
		}
	}

	private void assemble(AotCache cache) {
		if (!this.closed) {
			Thread.ofPlatform().daemon().name("tomcorn-aot").start(() -> {
				boolean made = false;
				try {
					made = make(cache);
				}
				catch (IOException | RuntimeException | Error ex) {
					if (!this.closed) {
						tell("The AOT cache of release %s cannot be made: %s"
							.formatted(cache.release().release().shortKey(), reason(ex)));
						cache.removeRecording();
					}
				}
				State next = made ? State.THERE : State.ASIDE;
				cache.state(next);
			});
		}
	}

	private boolean make(AotCache cache) throws IOException {
		long room = this.memory.bytes();
		if (room < ROOM) {
			tell("The AOT cache of release %s is made at another start: that takes %d MB of memory, and %d are left"
				.formatted(cache.release().release().shortKey(), ROOM / MEGABYTE, room / MEGABYTE));
			return false;
		}
		Path draft = cache.file().resolveSibling(cache.file().getFileName() + ".new");
		Path output = cache.file().resolveSibling(cache.file().getFileName() + ".log");
		PrivateDirectory.delete(draft);
		List<CommandWord> words = new ArrayList<>(
				words(this.plan).stream().filter((word) -> CacheKey.isRelevant(word.text())).toList());
		Stream
			.of("-XX:AOTMode=create", "-XX:AOTConfiguration=" + cache.configuration(), "-XX:AOTCache=" + draft,
					"-Xlog:aot*=error:stdout", "-Xmx256m", "-jar", cache.release().jar().toString())
			.forEach((word) -> words.add(CommandWord.visible(word)));
		long start = System.nanoTime();
		run(words, output, ASSEMBLY_LIMIT, "The JVM that makes it");
		if (Files.size(draft) == 0) {
			throw new IOException(firstLine(output));
		}
		ReleaseStore.force(draft);
		Files.move(draft, cache.file(), StandardCopyOption.ATOMIC_MOVE);
		cache.removeRecording();
		removeOldCaches(cache);
		this.log.log(Level.INFO,
				"The AOT cache of release %s is made (%d MB, %.1f s): workers start with it from now on".formatted(
						cache.release().release().shortKey(), Files.size(cache.file()) / MEGABYTE,
						(System.nanoTime() - start) / 1e9));
		return true;
	}

	/**
	 * Other options make other caches. A process that has one mapped keeps it.
	 */
	private static void removeOldCaches(AotCache cache) {
		PrivateDirectory.files(cache.release().caches())
			.stream()
			.filter((file) -> file.toString().endsWith(AotCache.SUFFIX) && !file.equals(cache.file()))
			.sorted(Comparator.comparing(Releases::modified).reversed())
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

	private void submit(Runnable task) {
		try {
			this.worker.execute(task);
		}
		catch (RejectedExecutionException ex) {
			// The arbiter ends
		}
	}

	@Override
	public void close() {
		this.closed = true;
		this.children.forEach(Process::destroyForcibly);
		this.worker.shutdown();
		try {
			boolean ended = this.worker.awaitTermination(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
			ReleaseStore open = this.store;
			if (ended && open != null) {
				open.close();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Thrown when an operator wants a release that is not kept.
	 */
	private static final class UnknownReleaseException extends Exception {

		private static final long serialVersionUID = 1L;

		UnknownReleaseException(String message) {
			super(message);
		}

		@Override
		public String getMessage() {
			return String.valueOf(super.getMessage());
		}

	}

}
