package dev.tomcorn.core.incident;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * Records the diagnostics of failed workers before they are killed, and of workers that
 * an operator asks about. It works in a thread of its own, so that no slow or full disk
 * delays the arbiter, and answers within a bounded time.
 */
public final class IncidentRecorder implements Closeable {

	private static final int CAPACITY = 256;

	private static final Duration POLL_INTERVAL = Duration.ofMillis(20);

	private final IncidentFolders folders;

	private final Incident.Fleet fleet;

	private final RepeatedIncidents repeated = new RepeatedIncidents();

	private final Limits limits;

	private final ProcessView processView;

	private final CrashLogs crashLogs;

	private final Consumer<String> problems;

	private final AtomicBoolean problemReported = new AtomicBoolean();

	private final BlockingQueue<Recording> queue = new ArrayBlockingQueue<>(CAPACITY);

	/**
	 * Recordings whose callers wait for an answer. Closing the recorder answers them.
	 */
	private final Set<Recording> unanswered = ConcurrentHashMap.newKeySet();

	/**
	 * Recordings that wait for their worker. Changed by the recorder's thread only.
	 */
	private final List<Recording> open = new CopyOnWriteArrayList<>();

	private final @Nullable Thread thread;

	private volatile boolean closed;

	/**
	 * Create a recorder.
	 * @param fleet the fleet
	 * @param recording whether anything is written at all
	 */
	IncidentRecorder(IncidentFolders folders, Incident.Fleet fleet, Limits limits, CrashLogs crashLogs,
			boolean recording, Consumer<String> problems) {
		this.folders = folders;
		this.fleet = fleet;
		this.limits = limits;
		this.processView = new ProcessView(Path.of("/proc"));
		this.crashLogs = crashLogs;
		this.problems = problems;
		this.thread = recording ? Thread.ofPlatform().daemon().name("tomcorn-incidents").start(this::work) : null;
	}

	/**
	 * Open a recorder. Does not fail if its directory is unusable.
	 * @param settings settings of incidents
	 * @param fleet the fleet
	 * @param problems takes a line for the operator when writing fails, once until it
	 * works again; from any thread
	 * @return the recorder
	 */
	public static IncidentRecorder open(IncidentSettings settings, Incident.Fleet fleet, Consumer<String> problems) {
		Path temporary = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
		IncidentFolders folders = new IncidentFolders(settings, fleet.slug(), temporary,
				System.getProperty("user.name", ""));
		return new IncidentRecorder(folders, fleet, Limits.of(settings), CrashLogs.ofThisProcess(),
				settings.maxCount() > 0, problems);
	}

	/**
	 * How long to wait.
	 *
	 * @param begin until a worker has begun to answer
	 * @param answer until it has answered
	 * @param sampling how long a worker without an answer is observed from outside
	 * @param disk time for the disk beyond that
	 */
	record Limits(Duration begin, Duration answer, Duration sampling, Duration disk) {

		private static final Duration BEGIN = Duration.ofSeconds(3);

		private static final Duration LOOK = Duration.ofMillis(200);

		private static final Duration DISK = Duration.ofSeconds(4);

		private static final Duration WITH_RECORDING = Duration.ofSeconds(5);

		private static final Duration WITH_HEAP_DUMP = Duration.ofSeconds(60);

		static Limits of(IncidentSettings settings) {
			Duration answer = settings.flightRecording() ? WITH_RECORDING : BEGIN;
			return new Limits(BEGIN, settings.heapDump() ? WITH_HEAP_DUMP : answer, LOOK, DISK);
		}

		Duration total() {
			return this.answer.plus(this.disk);
		}

	}

	/**
	 * Record an incident. Returns at once.
	 * @param incident the incident
	 * @param askWorker asks the worker to write its part into a folder; returns whether
	 * the worker can be asked. Not called for a worker that has ended.
	 * @param done called exactly once, from any thread, with the folder of the recorded
	 * incident, or {@code null} if nothing could be written. It is called at the latest 4
	 * s after the worker's time to answer (3 s, 5 s with a flight recording, 60 s with a
	 * heap dump), even while the disk hangs.
	 */
	public void record(Incident incident, Predicate<Path> askWorker, Consumer<@Nullable Path> done) {
		Recording recording = new Recording(incident, askWorker);
		this.unanswered.add(recording);
		recording.result.orTimeout(this.limits.total().toNanos(), TimeUnit.NANOSECONDS).exceptionally((ex) -> {
			problem("Incidents take too long to write: the disk may hang");
			return Optional.empty();
		}).thenAccept((folder) -> {
			this.unanswered.remove(recording);
			done.accept(folder.orElse(null));
		});
		if (this.thread == null) {
			recording.done(null);
		}
		else if (!this.queue.offer(recording)) {
			problem("More than " + CAPACITY + " incidents at a time: some are not recorded");
			recording.done(null);
		}
		else if (this.closed) {
			recording.done(null);
		}
	}

	/**
	 * Take note that a worker has written its part. Never blocks.
	 * @param age the worker
	 * @param folder the folder
	 */
	public void answered(long age, Path folder) {
		for (Recording recording : this.open) {
			if (recording.incident.age() == age && folder.equals(recording.folder)) {
				recording.answered = true;
			}
		}
	}

	private void work() {
		try {
			this.folders.directory();
		}
		catch (IOException | RuntimeException ex) {
			problem(ex);
		}
		try {
			while (!this.closed) {
				Recording next = this.open.isEmpty() ? this.queue.take()
						: this.queue.poll(POLL_INTERVAL.toNanos(), TimeUnit.NANOSECONDS);
				// Too late for a recording that was given up while the disk hung
				if (next != null && !next.result.isDone()) {
					begin(next);
				}
				for (Recording recording : this.open) {
					if (isOver(recording) && isSeen(recording)) {
						this.open.remove(recording);
						finish(recording);
					}
				}
			}
		}
		catch (InterruptedException ex) {
			// Closed
		}
	}

	private void begin(Recording recording) {
		try {
			Incident incident = recording.incident;
			Instant now = Instant.now();
			Path first = this.repeated.fold(incident, now);
			if (first != null) {
				recording.done(first);
				return;
			}
			Path folder = this.folders.create(incident, now);
			this.repeated.begin(incident, folder, now);
			recording.folder = folder;
			recording.write(IncidentFolders.SUMMARY, describe(incident, this.fleet, now));
			if (!incident.alive()) {
				finish(recording);
				return;
			}
			recording.askedAt = System.nanoTime();
			// Must come before the request, because the worker may answer at once
			this.open.add(recording);
			recording.ask(folder);
		}
		catch (IOException | RuntimeException ex) {
			this.open.remove(recording);
			giveUp(recording, ex);
		}
	}

	private boolean isOver(Recording recording) {
		if (recording.answered || !recording.connected || !this.processView.isThere(recording.incident.pid())) {
			return true;
		}
		Duration waited = Duration.ofNanos(System.nanoTime() - recording.askedAt);
		if (waited.compareTo(this.limits.begin()) < 0) {
			return false;
		}
		// A worker that has not begun to answer by then is frozen
		return waited.compareTo(this.limits.answer()) >= 0 || !recording.hasBegun();
	}

	/**
	 * Return whether the kernel's view of a worker is complete, if it is needed. All
	 * workers that froze at once are observed together.
	 */
	private boolean isSeen(Recording recording) {
		if (recording.answered && !recording.incident.requested()) {
			return true;
		}
		ProcessView.Sample sample = recording.sample;
		if (sample != null) {
			return sample.age().compareTo(this.limits.sampling()) >= 0;
		}
		try {
			recording.sample = this.processView.sample(recording.incident.pid());
			return false;
		}
		catch (IOException | RuntimeException ex) {
			// It has ended
			return true;
		}
	}

	private void finish(Recording recording) {
		Path folder = recording.folder;
		if (folder == null) {
			recording.done(null);
			return;
		}
		try {
			complete(recording, folder);
			List<String> deleted = this.folders.fit(folder);
			if (!deleted.isEmpty()) {
				recording.write(IncidentFolders.SUMMARY, "Deleted, being too large: " + String.join(", ", deleted));
			}
			this.folders.prune(inUse(folder));
			this.problemReported.set(false);
		}
		catch (IOException | RuntimeException ex) {
			problem(ex);
		}
		finally {
			recording.done(folder);
		}
	}

	private Set<Path> inUse(Path folder) {
		Set<Path> folders = new HashSet<>(Set.of(folder));
		for (Recording recording : this.open) {
			if (recording.folder != null) {
				folders.add(recording.folder);
			}
		}
		return folders;
	}

	/**
	 * Write the part that does not come from the worker.
	 */
	private void complete(Recording recording, Path folder) throws IOException {
		long pid = recording.incident.pid();
		if (!recording.incident.alive()) {
			Path crashLog = this.crashLogs.of(pid);
			if (crashLog != null) {
				recording.write(IncidentFolders.SUMMARY, "Its JVM left " + crashLog);
				CrashLogs.copy(crashLog, folder);
			}
			return;
		}
		long waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - recording.askedAt);
		if (recording.answered) {
			recording.write(IncidentFolders.SUMMARY, "It answered after " + waited + " ms.");
			if (recording.incident.requested()) {
				writeOutsideView(recording);
			}
		}
		else if (!this.processView.isThere(pid)) {
			recording.write(IncidentFolders.SUMMARY, "Its process ended meanwhile.");
		}
		else {
			recording.write(IncidentFolders.SUMMARY,
					recording.connected
							? "It did not answer within " + waited
									+ " ms; outside.txt has what the kernel knows about it."
							: "It could not be asked; outside.txt has what the kernel knows about it.");
			writeOutsideView(recording);
		}
	}

	private static void writeOutsideView(Recording recording) throws IOException {
		ProcessView.Sample sample = recording.sample;
		String description;
		try {
			description = (sample != null) ? sample.describe() : "Its process ended before it could be observed.";
		}
		catch (IOException ex) {
			description = "Its process ended while it was observed.";
		}
		recording.write("outside.txt", description);
	}

	private static String describe(Incident incident, Incident.Fleet fleet, Instant now) {
		return """
				cause:       %s
				application: %s
				worker:      %d
				pid:         %d
				age:         %d
				generation:  %d
				time:        %s
				started:     %s
				process:     %s

				Last readings
				%s
				""".formatted(incident.cause(), fleet.describe(), incident.index(), incident.pid(), incident.age(),
				incident.generation(), now, incident.started(), incident.alive() ? "alive" : "ended",
				incident.readings());
	}

	private void giveUp(Recording recording, Exception ex) {
		problem(ex);
		Path folder = recording.folder;
		if (folder != null) {
			try {
				IncidentFolders.delete(folder);
			}
			catch (IOException | RuntimeException again) {
				ex.addSuppressed(again);
			}
		}
		recording.done(null);
	}

	private void problem(Exception ex) {
		if (!this.closed) {
			problem("Incidents cannot be written: " + ex);
		}
	}

	private void problem(String line) {
		if (this.problemReported.compareAndSet(false, true)) {
			this.problems.accept(line);
		}
	}

	/**
	 * End the recorder. Unfinished recordings end without a folder, and their callers get
	 * an answer. Does not wait for the disk.
	 */
	@Override
	public void close() {
		this.closed = true;
		if (this.thread != null) {
			this.thread.interrupt();
		}
		this.unanswered.forEach((recording) -> recording.done(null));
	}

	/**
	 * An incident that is being recorded.
	 */
	private static final class Recording {

		private final Incident incident;

		private final Predicate<Path> askWorker;

		private final CompletableFuture<Optional<Path>> result = new CompletableFuture<>();

		private volatile @Nullable Path folder;

		private volatile boolean answered;

		private boolean connected = true;

		private ProcessView.@Nullable Sample sample;

		private long askedAt;

		Recording(Incident incident, Predicate<Path> askWorker) {
			this.incident = incident;
			this.askWorker = askWorker;
		}

		void ask(Path path) {
			try {
				this.connected = this.askWorker.test(path);
			}
			catch (RuntimeException ex) {
				this.connected = false;
			}
		}

		void write(String name, String text) throws IOException {
			Path path = this.folder;
			if (path != null) {
				Files.writeString(path.resolve(name), text.stripTrailing() + "\n", StandardOpenOption.CREATE,
						StandardOpenOption.APPEND);
			}
		}

		/**
		 * Return whether the worker has written something.
		 */
		boolean hasBegun() {
			Path path = this.folder;
			if (path == null) {
				return false;
			}
			try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
				for (Path file : files) {
					if (!file.endsWith(IncidentFolders.SUMMARY)) {
						return true;
					}
				}
			}
			catch (IOException | RuntimeException ex) {
				// Treat it as empty
			}
			return false;
		}

		void done(@Nullable Path recorded) {
			this.result.complete(Optional.ofNullable(recorded));
		}

	}

}
