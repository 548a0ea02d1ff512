package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.FleetState.Dump;
import dev.tomcorn.core.arbiter.FleetState.Pending;
import dev.tomcorn.core.arbiter.FleetState.Phase;
import dev.tomcorn.core.arbiter.FleetState.Preparation;
import dev.tomcorn.core.arbiter.FleetState.Releases;
import dev.tomcorn.core.arbiter.FleetState.Reload;
import dev.tomcorn.core.arbiter.FleetState.Replacement;
import org.jspecify.annotations.Nullable;

/**
 * The fleet's next state in the making, and what is to be done about it: what the parts
 * of the policy work on during one event.
 */
final class FleetDraft {

	/**
	 * One more may be there where nobody serves or boots.
	 */
	private static final int MAX_PROCESSES = 2 * ArbiterSettings.MAX_WORKERS - 1;

	private static final int MAX_TEXT = 4000;

	final long now;

	Phase phase;

	ArbiterSettings settings;

	int target;

	boolean paused;

	int generation;

	int interruptions;

	@Nullable Reload reload;

	List<Requester> queue;

	double busy;

	Replacement replacement;

	long replaceBy;

	long stopAt;

	int emptyLooks;

	FleetReport report;

	/**
	 * Whether generations start from releases that are kept.
	 */
	final boolean keepsReleases;

	/**
	 * What the current generation starts from.
	 */
	ApplicationRelease release;

	/**
	 * What the generation of the reload under way starts from, once that is known.
	 */
	ApplicationRelease next;

	@Nullable Preparation preparation;

	private final Map<Long, Dump> dumps;

	private final List<Pending> pending;

	private final List<WorkerFailure> failures = new ArrayList<>();

	private final FleetState before;

	private final SortedMap<Long, WorkerHandle> workers;

	private final Map<Integer, CrashHistory> crashes;

	private long nextAge;

	private final List<Command> commands = new ArrayList<>();

	/**
	 * Announcements whose text is made when the event has been dealt with, by their place
	 * among the commands.
	 */
	private final Map<Integer, Supplier<Command.Announce>> untold = new TreeMap<>();

	private final List<Command.Reply> replies = new ArrayList<>();

	private final List<Command.Spawn> spawns = new ArrayList<>();

	FleetDraft(FleetState state, long now) {
		this.before = state;
		this.now = now;
		this.phase = state.phase();
		this.settings = state.settings();
		this.target = state.targetWorkers();
		this.paused = state.paused();
		this.generation = state.generation();
		this.nextAge = state.nextAge();
		this.workers = new TreeMap<>(state.workers());
		this.crashes = new TreeMap<>(state.crashes());
		this.interruptions = state.interruptions();
		this.reload = state.reload();
		this.queue = state.queue();
		this.dumps = new TreeMap<>(state.dumps());
		this.pending = new ArrayList<>(state.pending());
		this.busy = state.busy();
		this.replacement = state.replacement();
		this.replaceBy = state.replaceBy();
		this.stopAt = state.stopAt();
		this.emptyLooks = state.emptyLooks();
		this.report = state.report();
		this.keepsReleases = state.releases().keep();
		this.release = state.releases().current();
		this.next = state.releases().next();
		this.preparation = state.releases().preparation();
	}

	FleetStateMachine.Transition transition() {
		this.untold.forEach((place, announcement) -> this.commands.set(place, announcement.get()));
		List<Command> last = new ArrayList<>();
		if (!this.report.equals(this.before.report())) {
			last.add(new Command.Post(this.report));
		}
		// Who has an answer finds what it tells in the report, too
		last.addAll(this.replies);
		// Each takes its time, and there may be many
		last.addAll(this.spawns);
		// Before a halt, which is the last command
		boolean halts = !this.commands.isEmpty() && this.commands.getLast() instanceof Command.Halt;
		this.commands.addAll(this.commands.size() - (halts ? 1 : 0), last);
		return new FleetStateMachine.Transition(
				new FleetState(this.phase, this.settings, this.target, this.paused, this.generation, this.nextAge,
						this.workers, this.crashes, this.interruptions, this.reload, this.queue, this.dumps,
						this.pending, this.busy, this.replacement, this.replaceBy, this.stopAt, this.emptyLooks,
						this.report, new Releases(this.keepsReleases, this.release, this.next, this.preparation)),
				List.copyOf(this.commands));
	}

	boolean stopping() {
		return this.phase == Phase.CLOSING || this.phase == Phase.STOPPING || this.phase == Phase.STOPPING_FAST;
	}

	/**
	 * Return why all workers are to end, or {@code null} if they are not.
	 */
	@Nullable String end() {
		if (this.replacement == Replacement.TAKEN_OVER) {
			return "another arbiter has taken over";
		}
		return stopping() ? "the fleet is stopping" : null;
	}

	boolean stoppingFast() {
		return this.phase == Phase.STOPPING_FAST;
	}

	@Nullable WorkerHandle worker(long age) {
		return this.workers.get(age);
	}

	/**
	 * Return the workers by age, for a loop that may change them.
	 */
	List<WorkerHandle> all() {
		return List.copyOf(this.workers.values());
	}

	Stream<WorkerHandle> active() {
		return all().stream().filter(WorkerHandle::active);
	}

	Collection<WorkerHandle> active(Predicate<WorkerHandle> condition) {
		return active().filter(condition).toList();
	}

	int count(WorkerHandle.Lifecycle state) {
		return (int) this.workers.values().stream().filter((worker) -> worker.is(state)).count();
	}

	boolean empty() {
		return this.workers.isEmpty();
	}

	void put(WorkerHandle worker) {
		this.workers.put(worker.age(), worker);
	}

	void remove(long age) {
		this.workers.remove(age);
		this.commands.add(new Command.Release(age));
	}

	/**
	 * Return how many workers are to serve.
	 */
	int serving() {
		return this.paused ? 0 : this.target;
	}

	/**
	 * Return how many places of the fleet are to be filled, those of standbys included.
	 */
	int places() {
		return this.paused ? 0 : this.target + this.settings.standby();
	}

	/**
	 * Return the places that are filled.
	 */
	Set<Integer> filled() {
		Set<Integer> indices = new TreeSet<>();
		active().forEach((worker) -> indices.add(worker.index()));
		return indices;
	}

	/**
	 * Return the other worker that fills the place of one: whom it succeeds or who
	 * succeeds it.
	 */
	@Nullable WorkerHandle counterpart(WorkerHandle worker) {
		return active().filter((other) -> other.index() == worker.index() && other.age() != worker.age())
			.findFirst()
			.orElse(null);
	}

	/**
	 * Return whether there may be one process more. Workers whose place was given up do
	 * not count while there are at most twice as many processes as usual: what a smaller
	 * fleet or a pause has left behind holds up nothing. Where nobody serves or boots,
	 * there is always room.
	 */
	boolean room(int surge) {
		int most = places() + surge;
		long counted = this.workers.values().stream().filter((worker) -> !worker.dismissed()).count();
		boolean deserted = this.workers.values().stream().noneMatch(WorkerHandle::active);
		return deserted || (counted < most && this.workers.size() < Math.min(2 * most, MAX_PROCESSES));
	}

	/**
	 * Return whether this event has a worker spawned for a place.
	 */
	boolean spawns(int index) {
		return this.spawns.stream().anyMatch((spawn) -> spawn.placement().index() == index);
	}

	CrashHistory crashes(int index) {
		return this.crashes.getOrDefault(index, CrashHistory.NONE);
	}

	/**
	 * Return the places that have a history, for a loop that may forget them.
	 */
	Set<Integer> crashedPlaces() {
		return Set.copyOf(this.crashes.keySet());
	}

	boolean maySpawn(int index) {
		return this.now >= crashes(index).respawnAt();
	}

	void crashed(int index, boolean quick) {
		this.crashes.put(index, crashes(index).add(this.now, quick));
		postCrashLoops();
	}

	void forgetCrashes(Predicate<Integer> indices) {
		if (this.crashes.keySet().removeIf(indices)) {
			postCrashLoops();
		}
	}

	private void postCrashLoops() {
		this.report = this.report.crashLoops(this.crashes.entrySet()
			.stream()
			.filter((entry) -> entry.getValue().loop())
			.map((entry) -> new FleetReport.CrashLoop(entry.getKey(), entry.getValue().streak(),
					entry.getValue().respawnAt()))
			.toList());
	}

	void spawn(int index, int newGeneration) {
		Placement placement = new Placement(freeSlot(), index, this.nextAge++, newGeneration);
		put(WorkerHandle.starting(placement, this.now, this.settings.bootTimeout()));
		this.spawns.add(new Command.Spawn(placement));
	}

	/**
	 * Return the lowest slot no living worker has.
	 */
	private int freeSlot() {
		int slot = 0;
		while (taken(slot)) {
			slot++;
		}
		return slot;
	}

	private boolean taken(int slot) {
		return this.workers.values().stream().anyMatch((worker) -> worker.placement().slot() == slot);
	}

	/**
	 * Have a worker drain and end whose place is given up.
	 */
	void dismiss(WorkerHandle worker) {
		leave(worker);
		WorkerHandle draining = worker(worker.age());
		if (draining != null) {
			put(draining.dismiss());
		}
	}

	/**
	 * Return how long a worker may take from the begin of its drain to its end.
	 */
	Duration drainLimit() {
		return this.settings.gracefulTimeout().plus(this.settings.closeTimeout());
	}

	/**
	 * Have a worker drain and end that nobody needs. A pause has been told for all.
	 */
	void leave(WorkerHandle worker) {
		if (this.paused) {
			retire(worker);
		}
		else {
			retire(worker, "it is not needed any more");
		}
	}

	/**
	 * Have a worker drain and end, and tell why.
	 */
	void retire(WorkerHandle worker, String reason) {
		announce(Level.INFO, "%s %s: %s", worker.label(),
				worker.is(WorkerHandle.Lifecycle.STARTING) ? "ends before it has booted" : "drains", reason);
		retire(worker);
	}

	/**
	 * Have a worker drain and end for a reason that was told.
	 */
	void retire(WorkerHandle worker) {
		stop(worker, this.settings.gracefulTimeout(), drainLimit());
	}

	void stop(WorkerHandle worker, Duration gracefulTimeout, Duration limit) {
		this.commands.add(new Command.Stop(worker.age(), gracefulTimeout));
		drains(worker, limit, true);
	}

	/**
	 * Note that a worker drains.
	 */
	void drains(WorkerHandle worker, Duration limit, boolean planned) {
		if (!worker.is(WorkerHandle.Lifecycle.DRAINING)) {
			history(this.report.history().draining(worker.placement(), worker.pid(), this.now));
		}
		put(worker.draining(this.now, this.now + limit.toNanos(), planned));
	}

	/**
	 * Have a worker end that is to go for a reason of its own.
	 */
	void terminate(WorkerHandle worker) {
		this.commands.add(new Command.Stop(worker.age(), this.settings.gracefulTimeout()));
		put(worker.draining(this.now, this.now + drainLimit().toNanos(), worker.planned()));
	}

	void paused(boolean newPaused) {
		this.paused = newPaused;
		this.report = this.report.paused(newPaused, this.now);
	}

	void history(FleetHistory history) {
		this.report = this.report.history(history);
	}

	void kill(WorkerHandle worker) {
		this.commands.add(new Command.Kill(worker.age()));
		put(worker.killed(this.now));
	}

	/**
	 * Return what is being written down for operators, for a loop that may end it.
	 */
	Map<Long, Dump> dumps() {
		return Map.copyOf(this.dumps);
	}

	/**
	 * Have written down what is known about a worker. A dump that is under way goes on,
	 * and keeps its requester.
	 */
	void dump(WorkerHandle worker, String reason, Requester requester, long answerBy) {
		Dump dump = new Dump(requester, worker.index(), worker.pid(), answerBy);
		if (this.dumps.putIfAbsent(worker.age(), dump) == null) {
			this.commands.add(new Command.Dump(worker.age(), reason));
		}
	}

	/**
	 * A dump has come to its end: its requester gets the answer.
	 */
	void dumped(long age, Answer answer) {
		Dump dump = this.dumps.remove(age);
		if (dump != null) {
			answer(dump.requester(), answer);
		}
	}

	/**
	 * Return what operators wait for, for a loop that may end it.
	 */
	List<Pending> pending() {
		return List.copyOf(this.pending);
	}

	void await(Pending operation) {
		this.pending.add(operation);
	}

	/**
	 * What an operator waits for has come to its end.
	 */
	void settle(Pending operation, Answer answer) {
		if (this.pending.remove(operation)) {
			answer(operation.requester(), answer);
		}
	}

	void failed(WorkerFailure failure) {
		this.failures.add(failure);
	}

	/**
	 * Return which workers this event reported as failed.
	 */
	List<WorkerFailure> failures() {
		return List.copyOf(this.failures);
	}

	void answer(Requester requester, Answer answer) {
		if (requester.waits()) {
			this.replies.add(new Command.Reply(requester, new Answer(answer.outcome(), limited(answer.message()))));
		}
	}

	/**
	 * Return a text that fits into a message.
	 */
	static String limited(String text) {
		return (text.length() <= MAX_TEXT) ? text : text.substring(0, MAX_TEXT);
	}

	void publish() {
		this.commands.add(new Command.Publish(this.generation, this.settings, serving()));
	}

	void haltIfEmpty() {
		if (empty()) {
			halt(0);
		}
	}

	void halt(int exitCode) {
		this.phase = Phase.HALTED;
		dumps().keySet().forEach((age) -> dumped(age, Answer.failed("The arbiter has ended before the dump")));
		pending().forEach((operation) -> settle(operation, Answer.failed("The arbiter has ended before")));
		notify(new FleetEvent.Halted(exitCode));
		this.commands.add(new Command.Halt(exitCode));
	}

	void command(Command command) {
		this.commands.add(command);
	}

	void announce(Level level, String format, Object... arguments) {
		this.commands.add(new Command.Announce(level, String.format(Locale.ROOT, format, arguments)));
	}

	/**
	 * Announce what becomes of a failed worker, in this place of the log but once it is
	 * decided.
	 */
	void announceOutcome(Level level, String text, Supplier<String> outcome) {
		this.untold.put(this.commands.size(), () -> new Command.Announce(level, text + "; " + outcome.get()));
		announce(level, "%s", text);
	}

	void notify(FleetEvent event) {
		history(this.report.history().with(event, this.now));
		this.commands.add(new Command.Notify(event));
	}

	static String text(Duration duration) {
		return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0).replace(".0 s", " s");
	}

}
