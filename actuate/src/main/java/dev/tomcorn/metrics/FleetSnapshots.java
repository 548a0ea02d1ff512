package dev.tomcorn.metrics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.peer.Peer;
import dev.tomcorn.peer.PeerAnswer;
import dev.tomcorn.peer.PeerCommand;
import dev.tomcorn.peer.Peers;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots of the meters of all workers. A worker writes its snapshot into the run
 * directory before it answers, so that the file holds at least what was ever reported.
 * From then on every answer includes these counts, even when the worker is gone. What a
 * killed worker has not written is lost. It is also the command by which another worker
 * has this one write.
 *
 * @param <T> the snapshot
 */
final class FleetSnapshots<T> implements PeerCommand {

	/**
	 * Longest wait for other workers: half of what a scrape may take when a worker is
	 * frozen. The rest is for reading and writing.
	 */
	static final Duration LIMIT = Duration.ofMillis(500);

	/**
	 * Longest wait for this worker's own meters, which an answer cannot leave out.
	 */
	private static final Duration PATIENCE = Duration.ofSeconds(5);

	private static final Log logger = LogFactory.getLog(FleetSnapshots.class);

	private static final List<WorkerState> PREFERENCE = List.of(WorkerState.READY, WorkerState.STANDBY,
			WorkerState.DRAINING, WorkerState.STARTING, WorkerState.VACANT);

	private final SnapshotFormat<T> format;

	private final SnapshotFiles<T> files;

	private final Peers peers;

	private final IntSupplier target;

	private final Supplier<T> meters;

	private final ReentrantLock publishing = new ReentrantLock();

	/**
	 * What this worker had counted when it began to end, {@code null} until then. Beans
	 * that close remove their meters, which must still count.
	 */
	private volatile @Nullable T atEnd;

	/**
	 * Whether writing has failed, guarded by {@link #publishing}.
	 */
	private boolean failing;

	/**
	 * Create the snapshots.
	 * @param format how they are stored
	 * @param runDirectory directory of the fleet
	 * @param peers the workers
	 * @param target target number of workers
	 * @param meters takes a snapshot of this worker's meters
	 */
	FleetSnapshots(SnapshotFormat<T> format, Path runDirectory, Peers peers, IntSupplier target, Supplier<T> meters) {
		this.format = format;
		this.files = new SnapshotFiles<>(runDirectory, format);
		this.peers = peers;
		this.target = target;
		this.meters = meters;
	}

	/**
	 * @param failure why the snapshot could not be written, if it was not
	 */
	private record Published<T>(SnapshotFiles.Stored<T> stored, @Nullable IOException failure) {

		T snapshot() {
			return this.stored.snapshot();
		}

	}

	/**
	 * The contribution of one worker, or of all ended workers of an index.
	 *
	 * @param index the worker's index
	 * @param live whether the worker represents its index now
	 * @param snapshot its meters
	 */
	record Part<T>(int index, boolean live, T snapshot) {

	}

	/**
	 * The meters of the fleet.
	 *
	 * @param own meters of the worker that answers
	 * @param parts meters of every worker, this one first
	 * @param up whether the worker of an index has answered
	 */
	record Collected<T>(T own, List<Part<T>> parts, SortedMap<Integer, Boolean> up) {

	}

	@Override
	public String name() {
		return this.format.name();
	}

	@Override
	public byte[] answer(Map<String, String> parameters) {
		// The caller waits no longer, and this thread must serve other commands
		requireKept(publish(LIMIT));
		return new byte[0];
	}

	/**
	 * Write this worker's snapshot. From now on, every later snapshot includes its
	 * counts.
	 * @throws UncheckedIOException if it cannot be written
	 */
	void publishLast() {
		Published<T> published = publish(PATIENCE);
		this.atEnd = published.snapshot();
		requireKept(published);
	}

	private static void requireKept(Published<?> published) {
		if (published.failure() != null) {
			throw new UncheckedIOException("This worker's meters cannot be written: " + published.failure(),
					published.failure());
		}
	}

	/**
	 * Write this worker's snapshot. One at a time: an older one must not replace a newer
	 * one.
	 * @param patience how long to wait for another thread that writes, which a slow meter
	 * may delay
	 * @return the snapshot
	 */
	private Published<T> publish(Duration patience) {
		if (!lock(patience)) {
			throw new IllegalStateException("Another thread has been reading this worker's meters for more than "
					+ patience.toMillis() + " ms");
		}
		try {
			Peer self = this.peers.self();
			T before = this.atEnd;
			T snapshot = (before != null) ? this.format.keep(before, this.meters.get()) : this.meters.get();
			SnapshotFiles.Stored<T> stored = new SnapshotFiles.Stored<>(self.index(), self.age(), snapshot);
			return new Published<>(stored, write(stored));
		}
		finally {
			this.publishing.unlock();
		}
	}

	/**
	 * Write a snapshot. If that fails, for example on a full disk, answers still have
	 * what was written before: counters must not go back when another worker answers
	 * next.
	 * @return why it could not be written, {@code null} if it was
	 */
	private @Nullable IOException write(SnapshotFiles.Stored<T> stored) {
		IOException failure = attempt(() -> this.files.write(stored));
		// Here too: workers may come and go without any scrape
		IOException other = attempt(() -> this.files.fold(this::living));
		tell((failure != null) ? failure : other);
		return failure;
	}

	private static @Nullable IOException attempt(Attempt attempt) {
		try {
			attempt.run();
			return null;
		}
		catch (IOException ex) {
			return ex;
		}
	}

	@FunctionalInterface
	private interface Attempt {

		void run() throws IOException;

	}

	private void tell(@Nullable IOException failure) {
		if (failure != null && !this.failing) {
			logger.warn("The meters of workers cannot be written, answers have the last values that were: " + failure);
		}
		this.failing = failure != null;
	}

	private boolean lock(Duration patience) {
		try {
			return this.publishing.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	private Set<Long> living() {
		return this.peers.all().stream().map(Peer::age).collect(Collectors.toSet());
	}

	/**
	 * Collect the meters of all workers. Counts of a worker that does not answer come
	 * from its last snapshot.
	 */
	Collected<T> collect() {
		Peer self = this.peers.self();
		Published<T> own = publish(PATIENCE);
		List<PeerAnswer> answers = this.peers.ask(this.peers.others(), name(), Map.of(), LIMIT);
		SnapshotFiles.Contents<T> contents;
		try {
			contents = this.files.read((own.failure() == null) ? own.stored() : null);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("The workers' meters cannot be read", ex);
		}
		SortedMap<Integer, Boolean> up = new TreeMap<>();
		for (int index = 0; index < this.target.getAsInt(); index++) {
			up.put(index, false);
		}
		List<Peer> answered = new ArrayList<>();
		if (own.failure() == null) {
			answered.add(self);
		}
		for (PeerAnswer answer : answers) {
			switch (answer) {
				case PeerAnswer.Answered(Peer peer, byte[] _) -> answered.add(peer);
				case PeerAnswer.Missing(Peer peer, String reason) -> missing(peer, reason, up);
				case PeerAnswer.Refused(Peer peer, String message) -> missing(peer, message, up);
			}
		}
		answered.forEach((peer) -> up.put(peer.index(), true));
		return collected(own.snapshot(), self, contents, speakers(answered), up);
	}

	private void missing(Peer peer, String reason, Map<Integer, Boolean> up) {
		if (peer.state() != WorkerState.DRAINING) {
			// A draining worker stops answering before it is gone
			up.putIfAbsent(peer.index(), false);
			logger.debug(
					"Worker %d (pid %d) has not reported its meters: %s".formatted(peer.index(), peer.pid(), reason));
		}
	}

	/**
	 * Return the ages of the workers that represent their index, which has two workers
	 * during a replacement.
	 */
	private static Set<Long> speakers(List<Peer> answered) {
		Map<Integer, Peer> speakers = new HashMap<>();
		Comparator<Peer> preference = Comparator.comparingInt((Peer peer) -> -PREFERENCE.indexOf(peer.state()))
			.thenComparingLong(Peer::age);
		answered.forEach((peer) -> speakers.merge(peer.index(), peer,
				(one, other) -> (preference.compare(one, other) >= 0) ? one : other));
		return speakers.values().stream().map(Peer::age).collect(Collectors.toSet());
	}

	private Collected<T> collected(T own, Peer self, SnapshotFiles.Contents<T> contents, Set<Long> speakers,
			SortedMap<Integer, Boolean> up) {
		List<Part<T>> parts = new ArrayList<>();
		// The worker with the newest application defines what a meter is
		Comparator<SnapshotFiles.Stored<T>> byAge = Comparator
			.comparing((SnapshotFiles.Stored<T> stored) -> stored.age() != self.age())
			.thenComparing(Comparator.comparingLong((SnapshotFiles.Stored<T> stored) -> stored.age()).reversed());
		List<SnapshotFiles.Stored<T>> workers = contents.workers().stream().sorted(byAge).toList();
		workers.forEach(
				(stored) -> parts.add(new Part<>(stored.index(), speakers.contains(stored.age()), stored.snapshot())));
		contents.retained().forEach((index, snapshot) -> parts.add(new Part<>(index, false, snapshot)));
		return new Collected<>(own, parts, up);
	}

}
