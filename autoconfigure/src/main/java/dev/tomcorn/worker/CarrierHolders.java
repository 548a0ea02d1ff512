package dev.tomcorn.worker;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

import dev.tomcorn.core.incident.ApplicationFrames;
import dev.tomcorn.core.problem.WorkerFacts.Carriers;
import dev.tomcorn.core.scoreboard.Trouble;
import dev.tomcorn.core.scoreboard.WorkerFigures.VirtualThreads;
import dev.tomcorn.core.scoreboard.WorkerRecord;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Finds the code that holds the carriers of virtual threads: while no virtual thread
 * runs, and while virtual threads run on extra carriers. With extra carriers, a virtual
 * thread counts as a holder if it is mounted in the same method at two checks, since
 * others may just be running. Used by one thread.
 */
final class CarrierHolders {

	private static final Log logger = LogFactory.getLog(CarrierHolders.class);

	/**
	 * Time between two dumps of all threads, which are slow.
	 */
	private static final long INTERVAL = Duration.ofSeconds(5).toNanos();

	private static final long FIRST_INTERVAL = Duration.ofSeconds(1).toNanos();

	/**
	 * Longest time between two checks. They become less frequent while nothing holds the
	 * carriers.
	 */
	private static final long LONGEST_INTERVAL = Duration.ofMinutes(1).toNanos();

	private final WorkerSlot slot;

	private final IntSupplier lentFrom;

	private final @Nullable WorkerRecord record;

	private final ApplicationFrames finder;

	private final Callable<List<ThreadStacks.Stack>> stacks;

	private final LongSupplier ticker;

	private Map<Holder, Long> seenSince = Map.of();

	private @Nullable Carriers found;

	private State state = State.FREE;

	private long interval;

	private long lookedAt;

	private String told = "";

	/**
	 * Create the finder of a worker.
	 * @param slot the worker
	 * @param lentFrom number of carriers before extra ones were added, 0 while there are
	 * none
	 * @param record where to record the holders while no virtual thread runs, or
	 * {@code null}
	 * @param finder finds the application's frames in a stack
	 * @param stacks takes the stacks of all mounted virtual threads
	 * @param ticker the clock that all processes share, in nanoseconds
	 */
	CarrierHolders(WorkerSlot slot, IntSupplier lentFrom, @Nullable WorkerRecord record, ApplicationFrames finder,
			Callable<List<ThreadStacks.Stack>> stacks, LongSupplier ticker) {
		this.slot = slot;
		this.lentFrom = lentFrom;
		this.record = record;
		this.finder = finder;
		this.stacks = stacks;
		this.ticker = ticker;
	}

	private enum State {

		FREE, LENT, STUCK

	}

	/**
	 * A mounted virtual thread. It is identified by its method, since code that computes
	 * is on another line at each check.
	 */
	private record Holder(long thread, String method) {
	}

	/**
	 * Check the carriers. Takes a dump of all threads at most every few seconds.
	 * @return the holders of the carriers, or {@code null} if there are none
	 */
	@Nullable Carriers sample() {
		int own = this.lentFrom.getAsInt();
		State before = this.state;
		this.state = (this.slot.trouble() == Trouble.SCHEDULER_STUCK) ? State.STUCK
				: (own > 0) ? State.LENT : State.FREE;
		long now = this.ticker.getAsLong();
		if (this.state != before) {
			this.found = null;
			this.seenSince = Map.of();
			this.interval = FIRST_INTERVAL;
			this.lookedAt = now;
			tell("");
		}
		switch (this.state) {
			case FREE -> {
			}
			case STUCK -> {
				if (this.state != before || now - this.lookedAt >= INTERVAL) {
					this.lookedAt = now;
					this.found = whileStuck();
				}
			}
			case LENT -> {
				if (now - this.lookedAt >= this.interval) {
					this.lookedAt = now;
					this.found = whileLent(mounted(), own, now);
					this.interval = (this.found != null) ? INTERVAL : Math.min(2 * this.interval, LONGEST_INTERVAL);
				}
			}
		}
		return this.found;
	}

	private List<ThreadStacks.Stack> mounted() {
		try {
			return this.stacks.call();
		}
		catch (Exception | LinkageError ex) {
			logger.debug("Cannot find the holders of the carriers", ex);
			return List.of();
		}
	}

	private @Nullable Carriers whileStuck() {
		VirtualThreads threads = this.slot.figures().virtualThreads();
		if (threads == null || threads.parallelism() == 0) {
			return null;
		}
		List<ThreadStacks.Stack> mounted = mounted();
		tell(describe(mounted, this.finder));
		// All carriers are held, even if the dump shows no stack
		int held = mounted.isEmpty() ? threads.parallelism() : Math.min(mounted.size(), threads.parallelism());
		return new Carriers(held, threads.parallelism(), mostFrequent(frames(mounted, this.finder)), 0, 0);
	}

	private @Nullable Carriers whileLent(List<ThreadStacks.Stack> mounted, int own, long now) {
		Map<Holder, Long> since = new HashMap<>();
		Map<Holder, String> frames = new HashMap<>();
		for (ThreadStacks.Stack stack : mounted) {
			String frame = this.finder.first(stack.frames(), 1).stream().findFirst().orElse("");
			Holder holder = new Holder(stack.thread(), frame.substring(0, Math.max(0, frame.indexOf('('))));
			Long before = this.seenSince.get(holder);
			since.put(holder, (before != null) ? before : now);
			if (before != null) {
				frames.put(holder, frame);
			}
		}
		this.seenSince = since;
		VirtualThreads threads = this.slot.figures().virtualThreads();
		int lent = (threads != null) ? threads.parallelism() - own : 0;
		if (frames.size() < own || lent <= 0) {
			return null;
		}
		// All carriers have been held since the holder that was seen last was first seen
		long began = now + frames.keySet()
			.stream()
			.mapToLong((holder) -> since.getOrDefault(holder, now) - now)
			.sorted()
			.toArray()[own - 1];
		return new Carriers(own, own, mostFrequent(frames.values()), lent, began);
	}

	private static List<String> frames(List<ThreadStacks.Stack> stacks, ApplicationFrames finder) {
		return stacks.stream().flatMap((stack) -> finder.first(stack.frames(), 1).stream()).toList();
	}

	private static String mostFrequent(Collection<String> frames) {
		return frames.stream()
			.filter((frame) -> !frame.isEmpty())
			.collect(Collectors.groupingBy(ApplicationFrames::place, Collectors.counting()))
			.entrySet()
			.stream()
			.max(Map.Entry.comparingByValue())
			.map(Map.Entry::getKey)
			.orElse("");
	}

	/**
	 * Describe the holders of the carriers.
	 * @return a clause, empty if nothing is known
	 */
	static String describe(List<ThreadStacks.Stack> mounted, ApplicationFrames finder) {
		List<String> places = frames(mounted, finder).stream().map(ApplicationFrames::place).distinct().toList();
		return places.isEmpty() ? "" : "%d carrier thread%s held at %s".formatted(mounted.size(),
				(mounted.size() == 1) ? " is" : "s are", String.join(", ", places));
	}

	private void tell(String text) {
		if (this.record != null && !text.equals(this.told)) {
			this.told = text;
			this.record.setNote(WorkerRecord.Note.CARRIERS, text);
		}
	}

}
