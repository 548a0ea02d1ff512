package dev.tomcorn.core.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
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
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.tomcorn.core.arbiter.ApplicationRelease;
import dev.tomcorn.core.arbiter.ArbiterLog;
import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.arbiter.Placement;
import dev.tomcorn.core.process.CommandWord;
import dev.tomcorn.core.process.LaunchPlan;
import org.jspecify.annotations.Nullable;

/**
 * The kept releases that the workers of a fleet start from; {@link AotCaches} has their
 * caches. Reads, writes and waits in threads of its own. The arbiter's thread reads their
 * results.
 */
public final class Releases implements AutoCloseable {

	private static final Duration EXTRACTION_LIMIT = Duration.ofMinutes(1);

	/**
	 * Longest wait for its threads at the end of the arbiter.
	 */
	private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

	private final LaunchPlan plan;

	private final PreloadSettings settings;

	private final String application;

	private final boolean keep;

	private final Consumer<Event> events;

	private final OnceLog log;

	private final BackgroundJvms jvms;

	private final AotCaches caches;

	private final JarContent content;

	private final FileCheck fileCheck = new FileCheck();

	private final ExecutorService worker = Executors
		.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("tomcorn-preload").factory());

	private final Map<Integer, KeptRelease> adopted = new ConcurrentHashMap<>();

	private final Map<String, KeptRelease> prepared = new ConcurrentHashMap<>();

	private final Map<Long, Running> running = new ConcurrentHashMap<>();

	/**
	 * Generations with a spawned worker. Used by the arbiter's thread.
	 */
	private final Set<Integer> begun = new HashSet<>();

	private volatile @Nullable ReleaseStore store;

	/**
	 * A worker that was started from a release.
	 *
	 * @param release the release
	 * @param cache its cache
	 * @param uses whether it starts with the cache
	 */
	private record Running(KeptRelease release, AotCache cache, boolean uses) {
	}

	/**
	 * How a worker is started.
	 *
	 * @param plan the plan
	 * @param options additional JVM options
	 * @param recording where it writes what it records, or {@code null} if it does not
	 */
	public record Start(LaunchPlan plan, List<String> options, @Nullable Path recording) {
	}

	/**
	 * Create the releases of a fleet.
	 * @param settings the settings
	 * @param plan how workers are started from the files on disk
	 * @param application name of the application
	 * @param large whether the heap of a worker is too large for compressed pointers
	 * @param events receives an event when a release is prepared
	 * @param log the log
	 */
	public Releases(PreloadSettings settings, LaunchPlan plan, String application, boolean large,
			Consumer<Event> events, ArbiterLog log) {
		this(settings, plan, application, large, events, log, InstantSource.system());
	}

	Releases(PreloadSettings settings, LaunchPlan plan, String application, boolean large, Consumer<Event> events,
			ArbiterLog log, InstantSource clock) {
		this.content = new JarContent(clock);
		this.settings = settings;
		this.plan = plan;
		this.application = application;
		this.events = events;
		this.log = new OnceLog(log);
		this.jvms = new BackgroundJvms(plan);
		this.caches = new AotCaches(plan, large, this.jvms, this.log, this::withStore);
		this.keep = settings.enabled() && isEligible(plan.jar());
		if (settings.enabled() && !this.keep) {
			log.log(Level.INFO,
					"tomcorn.preload.enabled has no effect: the application is not started by java -jar from a "
							+ "jar that Spring Boot has packaged");
		}
	}

	/**
	 * Return whether the application needs a copy. One that an IDE starts, or an
	 * extracted jar, does not.
	 */
	private static boolean isEligible(@Nullable Path jar) {
		try {
			return jar != null && JarLayout.isPackaged(jar);
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Return whether generations start from kept releases.
	 * @return whether they need preparation
	 */
	public boolean keep() {
		return this.keep;
	}

	/**
	 * Return the settings, for example when a recording worker has served enough.
	 * @return the settings
	 */
	public PreloadSettings settings() {
		return this.settings;
	}

	/**
	 * Prepare the release of a generation. {@link Event.Prepared} follows.
	 * @param generation the generation
	 * @param since when the arbiter requested it
	 * @param wanted first digits of the key of a kept release, or empty for the files on
	 * disk now
	 */
	public void prepare(int generation, long since, String wanted) {
		submit(() -> {
			Event.Prepared event;
			try {
				event = new Event.Prepared(generation, since, find(wanted), "");
			}
			catch (UnknownReleaseException ex) {
				event = new Event.Prepared(generation, since, ApplicationRelease.AS_GIVEN, ex.getMessage());
			}
			catch (IOException | RuntimeException | Error ex) {
				if (wanted.isEmpty()) {
					this.log.once(Level.WARN,
							"No release is kept, and workers start from the files on disk: " + OnceLog.reason(ex));
				}
				event = new Event.Prepared(generation, since, ApplicationRelease.AS_GIVEN,
						wanted.isEmpty() ? "" : OnceLog.reason(ex));
			}
			this.events.accept(event);
			ReleaseStore open = this.store;
			if (open != null) {
				open.removeSurplus();
			}
		});
	}

	/**
	 * Return the keys of the releases that workers run or may start from.
	 */
	private Set<String> used() {
		return Stream
			.of(this.adopted.values().stream(), this.prepared.values().stream(),
					this.running.values().stream().map(Running::release))
			.flatMap(Function.identity())
			.map((release) -> release.release().key())
			.collect(Collectors.toSet());
	}

	private ApplicationRelease find(String wanted) throws IOException, UnknownReleaseException {
		Path jar = this.plan.jar();
		if (jar == null) {
			throw new IOException("the application is not started by java -jar");
		}
		ReleaseStore open = this.store;
		if (open == null) {
			open = ReleaseStore.open(this.settings.directory(), System.getenv(), this.settings.maxSize());
			this.store = open;
		}
		open.letGo(used());
		KeptRelease release = wanted.isEmpty() ? ofDisk(jar, open) : wanted(wanted, open);
		this.prepared.put(release.release().key(), release);
		this.caches.check(this.caches.of(release), open);
		return release.release();
	}

	private KeptRelease ofDisk(Path jar, ReleaseStore open) throws IOException {
		if (!JarLayout.isPackaged(jar)) {
			throw new IOException(
					"%s does not have the layout of a packaged application of Spring Boot".formatted(jar));
		}
		String key = this.content.key(jar, open::keyOf);
		KeptRelease kept = open.take(key);
		if (kept == null) {
			kept = open.add(jar, this.application, this::extract);
		}
		if (kept.release().key().equals(key)) {
			remember(key, open);
		}
		return kept;
	}

	/**
	 * Spare the next arbiter to read the jar.
	 */
	private void remember(String key, ReleaseStore open) {
		String stamp = this.content.stamp();
		if (stamp != null) {
			open.rememberStamp(key, stamp);
		}
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
		this.jvms.run(words, output, EXTRACTION_LIMIT, "Boot's tool to extract " + this.plan.jar());
	}

	/**
	 * Read the jar on disk. {@link Event.OnDisk} follows, unless the file is being
	 * changed. Does not wait.
	 */
	public void checkJar() {
		if (this.keep) {
			submit(this::checkJarNow);
		}
	}

	private void checkJarNow() {
		Path jar = this.plan.jar();
		try {
			String key = (jar != null) ? this.content.keyIfSettled(jar) : null;
			if (jar != null && key != null) {
				ReleaseStore open = this.store;
				if (open != null) {
					remember(key, open);
				}
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
		// Other prepared releases are not started
		this.prepared.clear();
		this.caches.giveBackOthers(release.key());
		letGo();
	}

	/**
	 * Return how to start a worker. Called by the arbiter's thread.
	 * @param placement its placement
	 * @param alone whether no other worker serves
	 * @return its plan and options
	 */
	public Start start(Placement placement, boolean alone) {
		KeptRelease release = this.adopted.get(placement.generation());
		if (release == null) {
			return new Start(this.plan, List.of(), null);
		}
		if (this.fileCheck.isGone(release.jar())) {
			this.log.once(Level.WARN, "Release %s is gone from %s: workers start from the files on disk"
				.formatted(release.release().shortKey(), release.directory().getParent()));
			return new Start(this.plan, List.of(), null);
		}
		// The first worker proves the generation and must not be delayed
		boolean first = this.begun.add(placement.generation());
		AotCache cache = this.caches.of(release);
		this.caches.recheck(cache);
		List<String> options = cache.options(placement.age(), alone || !first);
		boolean records = cache.isTrainer(placement.age());
		this.running.put(placement.age(), new Running(release, cache, !options.isEmpty() && !records));
		return new Start(this.plan.withJar(release.jar()), options, records ? cache.configuration() : null);
	}

	/**
	 * Take note that a worker has booted. Called by the arbiter's thread.
	 * @param age the worker
	 * @param pid its process id
	 */
	public void booted(long age, long pid) {
		Running started = this.running.get(age);
		if (started == null || !started.uses()) {
			return;
		}
		this.caches.booted(started.cache(), pid);
	}

	/**
	 * Take note that a worker has ended, or could not be started. Called by the arbiter's
	 * thread.
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
			this.caches.trained(cache, exitCode);
		}
		else if (ended.uses() && !booted) {
			this.caches.notBooted(cache);
		}
		letGo();
	}

	/**
	 * Release what this fleet no longer uses.
	 */
	private void letGo() {
		withStore((open) -> open.letGo(used()));
	}

	/**
	 * Run an action on the store, if there is one, in the thread that uses it.
	 */
	private void withStore(Consumer<ReleaseStore> action) {
		submit(() -> {
			ReleaseStore open = this.store;
			if (open != null) {
				action.accept(open);
			}
		});
	}

	private void submit(Runnable task) {
		try {
			this.worker.execute(task);
		}
		catch (RejectedExecutionException ex) {
			// The arbiter is ending
		}
	}

	@Override
	public void close() {
		this.jvms.close();
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
