package dev.tomcorn.core.arbiter;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;

import org.jspecify.annotations.Nullable;

/**
 * The history of a fleet since its arbiter started. Times are like those of the
 * {@link FleetReport}.
 *
 * @param events the last events, latest last
 * @param deaths unplanned deaths by cause
 * @param recycles workers that were replaced for another reason than a reload
 * @param reloads reloads that have ended, by outcome
 * @param boots how long workers took from spawn to ready
 * @param drains how long workers took from the start of their drain to their exit
 * @param places the history of each index whose worker has ended
 * @param lostRequests requests that were in flight in workers that ended
 */
public record FleetHistory(List<Entry> events, Map<ExitCause, Long> deaths, long recycles,
		Map<FleetReport.ReloadOutcome, Long> reloads, Spans boots, Spans drains, List<Place> places,
		long lostRequests) {

	/**
	 * Longest history of events.
	 */
	public static final int MAX_EVENTS = 64;

	/**
	 * Longest text of an event or of an exit, in characters.
	 */
	static final int MAX_TEXT = 120;

	/**
	 * Index of events that are not about a worker.
	 */
	static final int NOWHERE = -1;

	static final FleetHistory EMPTY = new FleetHistory(List.of(), Map.of(), 0, Map.of(), Spans.NONE, Spans.NONE,
			List.of(), 0);

	public FleetHistory {
		events = List.copyOf(events);
		deaths = copy(deaths, ExitCause.class);
		reloads = copy(reloads, FleetReport.ReloadOutcome.class);
		places = List.copyOf(places);
	}

	/**
	 * The types of events.
	 */
	public enum Type {

		/** A worker's process was started. */
		SPAWNED,

		/** A worker has loaded the application. */
		READY,

		/** A worker accepts no more connections and finishes its requests. */
		DRAINING,

		/** A worker has ended as planned, or a signal has interrupted its boot. */
		ENDED,

		/** A worker has died, or is being killed. */
		DIED,

		/** A worker is being replaced for another reason than a reload. */
		RECYCLING,

		/** A reload has started. */
		RELOAD_STARTED,

		/** All workers are of the new generation. */
		RELOAD_SUCCEEDED,

		/** A reload has failed. */
		RELOAD_FAILED,

		/** The target number of workers has changed. */
		SCALED,

		/** The fleet is paused. */
		PAUSED,

		/** The fleet runs again. */
		RESUMED,

		/** A problem has begun. */
		PROBLEM,

		/** A problem has ended. */
		PROBLEM_OVER

	}

	/**
	 * An event.
	 *
	 * @param at when it happened
	 * @param type what happened
	 * @param index the worker's index, -1 if it is not about a worker
	 * @param pid the worker's process id, 0 if it is not known
	 * @param generation the generation, 0 if it is not about one
	 * @param text a description
	 */
	public record Entry(long at, Type type, int index, long pid, int generation, String text) {

		public Entry {
			text = limited(text);
		}

		Entry at(LongUnaryOperator clock) {
			return new Entry(clock.applyAsLong(this.at), this.type, this.index, this.pid, this.generation, this.text);
		}

	}

	/**
	 * Statistics of durations.
	 *
	 * @param count how many there were
	 * @param sumMillis their sum in milliseconds
	 * @param maxMillis the longest in milliseconds
	 */
	public record Spans(long count, long sumMillis, long maxMillis) {

		static final Spans NONE = new Spans(0, 0, 0);

		Spans plus(Duration duration) {
			long millis = Math.max(0, duration.toMillis());
			return new Spans(this.count + 1, this.sumMillis + millis, Math.max(this.maxMillis, millis));
		}

	}

	/**
	 * An index of the fleet.
	 *
	 * @param index the index
	 * @param restarts how many workers of this index were replaced, by cause
	 * @param lastExit the end of the last worker that has ended
	 */
	public record Place(int index, Map<ExitCause, Long> restarts, Exit lastExit) {

		public Place {
			restarts = copy(restarts, ExitCause.class);
		}

	}

	/**
	 * The end of a worker.
	 *
	 * @param at when it was noticed
	 * @param cause why it is gone
	 * @param description how it ended
	 */
	public record Exit(long at, ExitCause cause, String description) {

		public Exit {
			description = limited(description);
		}

	}

	private static String limited(String text) {
		return (text.length() <= MAX_TEXT) ? text : text.substring(0, MAX_TEXT);
	}

	private static <E extends Enum<E>> Map<E, Long> copy(Map<E, Long> map, Class<E> type) {
		Map<E, Long> copy = new EnumMap<>(type);
		copy.putAll(map);
		return Collections.unmodifiableMap(copy);
	}

	private static <E extends Enum<E>> Map<E, Long> increased(Map<E, Long> map, E key, Class<E> type) {
		Map<E, Long> copy = new EnumMap<>(type);
		copy.putAll(map);
		copy.merge(key, 1L, Long::sum);
		return copy;
	}

	/**
	 * Add an event that listeners also get.
	 */
	FleetHistory with(FleetEvent event, long now) {
		return switch (event) {
			case FleetEvent.WorkerSpawned(Placement placement, long pid) ->
				with(new Entry(now, Type.SPAWNED, placement.index(), pid, placement.generation(), "spawned"));
			case FleetEvent.WorkerReady(Placement placement, long pid, Duration boot) -> with(new Entry(now, Type.READY,
					placement.index(), pid, placement.generation(), "ready in " + FleetDraft.text(boot)))
				.booted(boot);
			case FleetEvent.WorkerRecycling(Placement placement, long pid, String reason) ->
				with(new Entry(now, Type.RECYCLING, placement.index(), pid, placement.generation(), reason)).recycled();
			case FleetEvent.Scaled(int from, int to) ->
				with(fleet(now, Type.SCALED, 0, "from %d to %d workers".formatted(from, to)));
			case FleetEvent.ReloadStarted(int generation) ->
				with(fleet(now, Type.RELOAD_STARTED, generation, "generation " + generation + " is on its way"));
			case FleetEvent.ReloadEnded(int generation, boolean success, String cause) ->
				with(fleet(now, success ? Type.RELOAD_SUCCEEDED : Type.RELOAD_FAILED, generation,
						success ? "every worker is of generation " + generation : cause))
					.reloaded(success ? FleetReport.ReloadOutcome.SUCCEEDED : FleetReport.ReloadOutcome.FAILED);
			case FleetEvent.ProblemBegan(Problem problem) -> problem(Type.PROBLEM, problem, now);
			case FleetEvent.ProblemEnded(Problem problem) -> problem(Type.PROBLEM_OVER, problem, now);
			case FleetEvent.Started _, FleetEvent.WorkerAborted _, FleetEvent.WorkerExited _, FleetEvent.Replacing _,
					FleetEvent.Stopping _, FleetEvent.Halted _ ->
				this;
		};
	}

	private static Entry fleet(long now, Type type, int generation, String text) {
		return new Entry(now, type, NOWHERE, 0, generation, text);
	}

	private FleetHistory problem(Type type, Problem problem, long now) {
		return problem.kind().coveredByEvents() ? this
				: with(new Entry(now, type, problem.worker(), problem.pid(), 0, problem.text()));
	}

	FleetHistory paused(boolean paused, long now) {
		return with(
				fleet(now, paused ? Type.PAUSED : Type.RESUMED, 0, paused ? "no worker runs" : "workers run again"));
	}

	FleetHistory draining(Placement placement, long pid, long now) {
		return with(new Entry(now, Type.DRAINING, placement.index(), pid, placement.generation(), "draining"));
	}

	/**
	 * Record an unplanned death. The exit may come later.
	 */
	FleetHistory died(FleetReport.DeathReport death) {
		FleetHistory noted = with(new Entry(death.at(), Type.DIED, death.index(), death.pid(), death.generation(),
				death.death().description()));
		return new FleetHistory(noted.events, increased(this.deaths, death.death().cause(), ExitCause.class),
				this.recycles, this.reloads, this.boots, this.drains, this.places, this.lostRequests);
	}

	/**
	 * Record requests that were in flight in a worker that has ended.
	 */
	FleetHistory lost(long requests) {
		return new FleetHistory(this.events, this.deaths, this.recycles, this.reloads, this.boots, this.drains,
				this.places, this.lostRequests + requests);
	}

	/**
	 * Record the planned end of a worker.
	 */
	FleetHistory ended(Placement placement, long pid, String text, @Nullable Duration drain, long now) {
		FleetHistory noted = with(new Entry(now, Type.ENDED, placement.index(), pid, placement.generation(), text));
		return new FleetHistory(noted.events, this.deaths, this.recycles, this.reloads, this.boots,
				(drain != null) ? this.drains.plus(drain) : this.drains, this.places, this.lostRequests);
	}

	/**
	 * Record how the last worker at an index ended.
	 * @param restart whether it counts as a restart, because another worker follows
	 */
	FleetHistory left(int index, Exit exit, boolean restart) {
		List<Place> newPlaces = new ArrayList<>();
		Map<ExitCause, Long> restarts = Map.of();
		for (Place place : this.places) {
			if (place.index() == index) {
				restarts = place.restarts();
			}
			else {
				newPlaces.add(place);
			}
		}
		newPlaces.add(new Place(index, restart ? increased(restarts, exit.cause(), ExitCause.class) : restarts, exit));
		newPlaces.sort((a, b) -> Integer.compare(a.index(), b.index()));
		return new FleetHistory(this.events, this.deaths, this.recycles, this.reloads, this.boots, this.drains,
				newPlaces, this.lostRequests);
	}

	private FleetHistory with(Entry entry) {
		List<Entry> newEvents = new ArrayList<>(this.events);
		newEvents.add(entry);
		return new FleetHistory(newEvents.subList(Math.max(0, newEvents.size() - MAX_EVENTS), newEvents.size()),
				this.deaths, this.recycles, this.reloads, this.boots, this.drains, this.places, this.lostRequests);
	}

	private FleetHistory booted(Duration boot) {
		return new FleetHistory(this.events, this.deaths, this.recycles, this.reloads, this.boots.plus(boot),
				this.drains, this.places, this.lostRequests);
	}

	private FleetHistory recycled() {
		return new FleetHistory(this.events, this.deaths, this.recycles + 1, this.reloads, this.boots, this.drains,
				this.places, this.lostRequests);
	}

	private FleetHistory reloaded(FleetReport.ReloadOutcome outcome) {
		return new FleetHistory(this.events, this.deaths, this.recycles,
				increased(this.reloads, outcome, FleetReport.ReloadOutcome.class), this.boots, this.drains, this.places,
				this.lostRequests);
	}

	FleetHistory at(LongUnaryOperator clock) {
		return new FleetHistory(this.events.stream().map((entry) -> entry.at(clock)).toList(), this.deaths,
				this.recycles, this.reloads, this.boots, this.drains,
				this.places.stream()
					.map((place) -> new Place(place.index(), place.restarts(),
							new Exit(clock.applyAsLong(place.lastExit().at()), place.lastExit().cause(),
									place.lastExit().description())))
					.toList(),
				this.lostRequests);
	}

	void write(DataOutputStream out) throws IOException {
		out.writeShort(this.events.size());
		for (Entry entry : this.events) {
			out.writeLong(entry.at());
			out.writeByte(entry.type().ordinal());
			out.writeInt(entry.index());
			out.writeLong(entry.pid());
			out.writeInt(entry.generation());
			out.writeUTF(entry.text());
		}
		write(out, this.deaths);
		out.writeLong(this.recycles);
		write(out, this.reloads);
		write(out, this.boots);
		write(out, this.drains);
		out.writeShort(this.places.size());
		for (Place place : this.places) {
			out.writeInt(place.index());
			write(out, place.restarts());
			out.writeLong(place.lastExit().at());
			out.writeByte(place.lastExit().cause().ordinal());
			out.writeUTF(place.lastExit().description());
		}
		out.writeLong(this.lostRequests);
	}

	private static void write(DataOutputStream out, Map<? extends Enum<?>, Long> counts) throws IOException {
		out.writeByte(counts.size());
		for (Map.Entry<? extends Enum<?>, Long> count : counts.entrySet()) {
			out.writeByte(count.getKey().ordinal());
			out.writeLong(count.getValue());
		}
	}

	private static void write(DataOutputStream out, Spans spans) throws IOException {
		out.writeLong(spans.count());
		out.writeLong(spans.sumMillis());
		out.writeLong(spans.maxMillis());
	}

	/**
	 * Read a history.
	 * @throws IndexOutOfBoundsException if the bytes are not a history
	 */
	static FleetHistory read(DataInputStream in) throws IOException {
		List<Entry> events = new ArrayList<>();
		for (int left = in.readUnsignedShort(); left > 0; left--) {
			events.add(new Entry(in.readLong(), Type.values()[in.readByte()], in.readInt(), in.readLong(), in.readInt(),
					in.readUTF()));
		}
		Map<ExitCause, Long> deaths = readCounts(in, ExitCause.class);
		long recycles = in.readLong();
		Map<FleetReport.ReloadOutcome, Long> reloads = readCounts(in, FleetReport.ReloadOutcome.class);
		Spans boots = readSpans(in);
		Spans drains = readSpans(in);
		List<Place> places = new ArrayList<>();
		for (int left = in.readUnsignedShort(); left > 0; left--) {
			places.add(new Place(in.readInt(), readCounts(in, ExitCause.class),
					new Exit(in.readLong(), ExitCause.values()[in.readByte()], in.readUTF())));
		}
		// Arbiters of older versions do not write this number
		long lostRequests = (in.available() > 0) ? in.readLong() : 0;
		return new FleetHistory(events, deaths, recycles, reloads, boots, drains, places, lostRequests);
	}

	private static <E extends Enum<E>> Map<E, Long> readCounts(DataInputStream in, Class<E> type) throws IOException {
		Map<E, Long> counts = new EnumMap<>(type);
		for (int left = in.readUnsignedByte(); left > 0; left--) {
			counts.put(type.getEnumConstants()[in.readByte()], in.readLong());
		}
		return counts;
	}

	private static Spans readSpans(DataInputStream in) throws IOException {
		return new Spans(in.readLong(), in.readLong(), in.readLong());
	}

}
