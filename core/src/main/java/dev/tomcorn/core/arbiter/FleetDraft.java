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
 * The next state of the fleet and the commands for it, which the parts of the policy
 * build during one event.
 */
final class FleetDraft {

	/**
	 * Most processes of a fleet. If no worker serves or boots, one more may start.
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
	 * Whether the arbiter keeps releases.
	 */
	final boolean keepsReleases;

	/**
	 * The release of the current generation.
	 */
	ApplicationRelease release;

	/**
	 * The release of the reload under way, once it is known.
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
	 * Announcements whose text is decided at the end of the event, by their position
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
		// Answers follow the report, so that the report agrees with them when a client
		// reads it
		last.addAll(this.replies);
		// Spawns are slow, and there may be many
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
	 * Return why all workers end, or {@code null} if they do not.
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
	 * Return the target number of serving workers.
	 */
	int serving() {
		return this.paused ? 0 : this.target;
	}

	/**
	 * Return the target number of workers, standbys included.
	 */
	int places() {
		return this.paused ? 0 : this.target + this.settings.standby();
	}

	/**
	 * Return the indexes that have an active worker.
	 */
	Set<Integer> filled() {
		Set<Integer> indices = new TreeSet<>();
		active().forEach((worker) -> indices.add(worker.index()));
		return indices;
	}

	/**
	 * Return the other active worker with the same index: the predecessor or the
	 * successor.
	 */
	@Nullable WorkerHandle counterpart(WorkerHandle worker) {
		return active().filter((other) -> other.index() == worker.index() && other.age() != worker.age())
			.findFirst()
			.orElse(null);
	}

	/**
	 * Return whether one more process may start. Dismissed workers do not count while
	 * there are at most twice as many processes as usual, so that workers which still
	 * drain after a scale-down or a pause delay nothing. There is always room if no
	 * worker serves or boots.
	 */
	boolean room(int surge) {
		int most = places() + surge;
		long counted = this.workers.values().stream().filter((worker) -> !worker.dismissed()).count();
		boolean deserted = this.workers.values().stream().noneMatch(WorkerHandle::active);
		return deserted || (counted < most && this.workers.size() < Math.min(2 * most, MAX_PROCESSES));
	}

	/**
	 * Return whether this event spawns a worker at an index.
	 */
	boolean spawns(int index) {
		return this.spawns.stream().anyMatch((spawn) -> spawn.placement().index() == index);
	}

	CrashHistory crashes(int index) {
		return this.crashes.getOrDefault(index, CrashHistory.NONE);
	}

	/**
	 * Return the indexes with a crash history, for a loop that may forget them.
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
	 * Drain and end a worker whose index is no longer needed.
	 */
	void dismiss(WorkerHandle worker) {
		leave(worker);
		WorkerHandle draining = worker(worker.age());
		if (draining != null) {
			put(draining.dismiss());
		}
	}

	/**
	 * Return how long a worker may take from the start of its drain to its exit.
	 */
	Duration drainLimit() {
		return this.settings.gracefulTimeout().plus(this.settings.closeTimeout());
	}

	/**
	 * Drain and end a worker that is no longer needed. A pause is logged once for all.
	 */
	void leave(WorkerHandle worker) {
		if (this.paused) {
			retire(worker);
		}
		else {
			retire(worker, "it is no longer needed");
		}
	}

	/**
	 * Drain and end a worker, and log why.
	 */
	void retire(WorkerHandle worker, String reason) {
		announce(Level.INFO, "%s %s: %s", worker.label(),
				worker.is(WorkerHandle.Lifecycle.STARTING) ? "ends before it has booted" : "drains", reason);
		retire(worker);
	}

	/**
	 * Drain and end a worker for a reason that is already logged.
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
	 * Ask a booting worker that is too slow to end. It keeps its verdict.
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
	 * Return the dumps under way, for a loop that may end them.
	 */
	Map<Long, Dump> dumps() {
		return Map.copyOf(this.dumps);
	}

	/**
	 * Record the diagnostics of a worker. A dump under way goes on and keeps its
	 * requester.
	 */
	void dump(WorkerHandle worker, String reason, Requester requester, long answerBy) {
		Dump dump = new Dump(requester, worker.index(), worker.pid(), answerBy);
		if (this.dumps.putIfAbsent(worker.age(), dump) == null) {
			this.commands.add(new Command.Dump(worker.age(), reason));
		}
	}

	/**
	 * End a dump and answer its requester.
	 */
	void dumped(long age, Answer answer) {
		Dump dump = this.dumps.remove(age);
		if (dump != null) {
			answer(dump.requester(), answer);
		}
	}

	/**
	 * Return the pending operations, for a loop that may end them.
	 */
	List<Pending> pending() {
		return List.copyOf(this.pending);
	}

	void await(Pending operation) {
		this.pending.add(operation);
	}

	/**
	 * End a pending operation and answer its requester.
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
	 * Return the workers that failed in this event.
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
		dumps().keySet().forEach((age) -> dumped(age, Answer.failed("The arbiter ended before the dump")));
		pending().forEach((operation) -> settle(operation, Answer.failed("The arbiter ended first")));
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
	 * Announce the outcome of a failure at this position of the log, with a text that is
	 * decided later.
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
