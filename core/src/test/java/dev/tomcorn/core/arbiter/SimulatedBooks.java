package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import dev.tomcorn.core.arbiter.FleetSimulationTests.Tally;

/**
 * Checks the invariants of a simulated fleet from events and commands alone, without the
 * state machine's state.
 */
final class SimulatedBooks {

	private static final long NEVER = Long.MAX_VALUE;

	/**
	 * Most events until an index has a worker again: one event may retire the worker that
	 * the next one replaces.
	 */
	private static final int MAX_BROKEN = 2;

	private static final Pattern RESPAWN = Pattern
		.compile("^Worker (?<index>\\d+) .*; respawning (?:at once|in (?<seconds>\\d+) s)$", Pattern.DOTALL);

	private final Tally tally;

	private final Map<Long, Process> living = new LinkedHashMap<>();

	private final Set<Long> unreleased = new HashSet<>();

	/**
	 * Requested operations without an answer, by number.
	 */
	private final Map<Long, RequestedOperation> unanswered = new HashMap<>();

	private final boolean replacesAnother;

	private ArbiterSettings settings;

	private long replaceBy;

	private int target;

	private boolean paused;

	private int generation = 1;

	private boolean reloading;

	private final boolean keepsReleases;

	private final BootPolicy boots;

	/**
	 * The generation whose release is being prepared, or 0.
	 */
	private int preparing;

	private long preparedBy = NEVER;

	private String current = "";

	private String next = "";

	private boolean lastReloadSucceeded = true;

	private boolean everReady;

	private long desertedAt = NEVER;

	private int placesBefore;

	private int broken;

	/**
	 * The respawn times that the log announces, by index.
	 */
	private final Map<Integer, Long> promises = new HashMap<>();

	private boolean stopping;

	private boolean fast;

	private boolean turnedAway;

	private boolean closed;

	private long closeAt = NEVER;

	private boolean replacing;

	private int takeOvers;

	private int halts;

	private long lastAge;

	private int lastExit;

	/**
	 * How many workers served before the event.
	 */
	private long served;

	/**
	 * The worker that the event allows to be killed.
	 */
	private long recorded;

	/**
	 * A requested operation.
	 *
	 * @param operation the operation
	 * @param candidates ages of the workers that it may concern
	 */
	private record RequestedOperation(Operation operation, Set<Long> candidates) {

	}

	/**
	 * A process that was started and has not ended.
	 */
	static final class Process {

		private final Placement placement;

		boolean booted;

		private boolean serves;

		private boolean draining;

		private boolean asked;

		/**
		 * Whether it was asked to end because the fleet was scaled down or paused.
		 */
		private boolean leftBehind;

		private boolean recording;

		private boolean killed;

		private boolean recycle;

		private long overdueAt = NEVER;

		private long killedAt = NEVER;

		private long beat;

		private long beatAt;

		private Process(Placement placement) {
			this.placement = placement;
		}

		long age() {
			return this.placement.age();
		}

		private boolean active() {
			return !this.draining && !this.asked && !this.recording && !this.killed;
		}

		private boolean serving() {
			return this.serves && active();
		}

		boolean isToEnd() {
			return !active();
		}

		@Override
		public String toString() {
			return this.placement.toString();
		}

	}

	SimulatedBooks(ArbiterSettings settings, boolean replacesAnother, boolean keepsReleases, BootPolicy boots,
			Tally tally) {
		this.keepsReleases = keepsReleases;
		this.boots = boots;
		this.settings = settings;
		this.target = settings.workers();
		this.replacesAnother = replacesAnother;
		this.tally = tally;
	}

	List<Process> living() {
		return List.copyOf(this.living.values());
	}

	boolean lives(long age) {
		return this.living.containsKey(age);
	}

	long lastAge() {
		return this.lastAge;
	}

	boolean halted() {
		return this.halts > 0;
	}

	boolean stopping() {
		return this.stopping;
	}

	boolean replacing() {
		return this.replacing;
	}

	private boolean serves(long age) {
		Process process = this.living.get(age);
		return process != null && process.active();
	}

	private boolean isFilled(int index) {
		return this.living.values()
			.stream()
			.anyMatch((process) -> process.active() && process.placement.index() == index);
	}

	/**
	 * Return how many indexes have an active worker.
	 */
	private long places() {
		return this.living.values()
			.stream()
			.filter(Process::active)
			.map((process) -> process.placement.index())
			.distinct()
			.count();
	}

	private long serving() {
		return this.living.values().stream().filter(Process::serving).count();
	}

	private int placesWanted() {
		return this.paused ? 0 : this.target + this.settings.standby();
	}

	/**
	 * Record an event before the state machine takes it.
	 */
	void note(Event event, long now) {
		this.recorded = 0;
		this.placesBefore = placesWanted();
		switch (event) {
			case Event.Prepared _, Event.OnDisk _, Event.Spawned _, Event.BootFailed _, Event.ReplacementFailed _,
					Event.PredecessorReleased _, Event.Dumped _, Event.Problems _ ->
				{
				}
			case Event.SpawnFailed(long age, String _) -> died(age);
			case Event.Exited exited -> {
				died(exited.age());
				this.lastExit = exited.exitCode();
			}
			case Event.Draining(long age) -> {
				Process process = this.living.get(age);
				if (process != null && process.active()) {
					lost(process);
					process.draining = true;
					process.overdueAt = drainedBy(now, this.settings.gracefulTimeout());
				}
			}
			case Event.Ready(long age, Duration _, ArbiterSettings newSettings) -> ready(age, newSettings, now);
			case Event.Recycle(long age, String _) -> {
				Process process = this.living.get(age);
				if (process != null && process.active()) {
					process.recycle = true;
				}
			}
			case Event.Recorded(long age, String _) -> this.recorded = age;
			case Event.Tick(Map<Long, Event.Heartbeat> heartbeats, int _) ->
				heartbeats.forEach((age, heartbeat) -> beat(age, heartbeat, now));
			case Event.Requested(Requester requester, Operation operation) -> {
				if (!halted()) {
					this.unanswered.put(requester.number(), new RequestedOperation(operation, candidates(operation)));
					note(operation, now);
				}
			}
			case Event.SuccessorReady() -> this.stopping |= this.replacing;
			case Event.Signal signal -> note(signal, now);
		}
		if (event instanceof Event.ReplacementFailed) {
			this.replacing = false;
		}
		this.served = serving();
	}

	private Set<Long> candidates(Operation operation) {
		return (operation instanceof Operation.Recycle(int index, boolean _)) ? this.living.values()
			.stream()
			.filter((process) -> process.active() && process.booted && process.placement.index() == index)
			.map(Process::age)
			.collect(Collectors.toSet()) : Set.of();
	}

	private void note(Operation operation, long now) {
		switch (operation) {
			case Operation.Scale(int workers, boolean _) -> {
				if (this.everReady && !this.paused && !this.replacing) {
					scale(workers);
				}
			}
			case Operation.Stop(boolean fast) -> note(fast ? Event.Signal.STOP_FAST : Event.Signal.STOP, now);
			case Operation.Pause _ -> this.paused |= mayPause();
			case Operation.Resume _ -> this.paused &= !mayPause();
			case Operation.Reload _, Operation.Recycle _, Operation.Dump _ -> {
			}
		}
	}

	private boolean mayPause() {
		return this.everReady && !this.stopping && !this.replacing;
	}

	/**
	 * Check an answer: an operation has one answer, and a promised outcome is true.
	 */
	private void answered(long number, Answer answer) {
		RequestedOperation requested = this.unanswered.remove(number);
		ensure(requested != null, "answered what was not asked: " + number);
		ensure(!answer.message().isBlank(), "answered nothing to " + requested);
		this.tally.answers++;
		this.tally.refused += answer.outcome().isGood() ? 0 : 1;
		Operation operation = requested.operation();
		switch (operation) {
			case Operation.Scale(int workers, boolean awaitEnd) -> {
				ensure(!answer.outcome().isGood() || workers == this.target, "scaled to another number");
				if (awaitEnd) {
					this.tally.awaited += answer.outcome().isGood() ? 1 : 0;
					ensure(answer.outcome() != Answer.Outcome.STARTED, "has not waited for the workers");
					ensure(!answer.outcome().isGood() || serving() == workers, "success of a scaling that goes on");
				}
			}
			case Operation.Reload(boolean awaitEnd, String _) ->
				ensure(!answer.outcome().isGood() || (awaitEnd ? this.lastReloadSucceeded : this.reloading),
						"success of a reload that failed");
			case Operation.Recycle(int index, boolean awaitEnd) -> {
				if (awaitEnd) {
					this.tally.awaited += answer.outcome().isGood() ? 1 : 0;
					ensure(answer.outcome() != Answer.Outcome.STARTED, "has not waited for the successor");
					ensure(!answer.outcome().isGood()
							|| requested.candidates().stream().anyMatch((age) -> !serves(age)),
							"success of a recycling that goes on");
					ensure(!answer.outcome().isGood() || isFilled(index)
							|| places() < this.target + this.settings.standby(), "success of a place that is given up");
				}
				else if (answer.outcome().isGood()) {
					ensure(!requested.candidates().isEmpty(), "recycles nobody");
					// A standby may have replaced it at once
					if (requested.candidates().stream().allMatch(this::serves)) {
						known(requested.candidates().iterator().next()).recycle = true;
					}
				}
			}
			case Operation.Dump _ -> ensure(answer.outcome() != Answer.Outcome.STARTED, "has not waited for the dump");
			case Operation.Pause(boolean awaitEnd) -> {
				ensure(!answer.outcome().isGood() || this.paused, "does not pause");
				if (awaitEnd) {
					this.tally.awaited += answer.outcome().isGood() ? 1 : 0;
					ensure(answer.outcome() != Answer.Outcome.STARTED, "has not waited for the end of the workers");
					ensure(!answer.outcome().isGood() || this.living.isEmpty(), "success of a pause that goes on");
				}
			}
			case Operation.Resume(boolean awaitEnd) -> {
				ensure(!answer.outcome().isGood() || !this.paused, "does not resume");
				if (awaitEnd) {
					this.tally.awaited += answer.outcome().isGood() ? 1 : 0;
					ensure(answer.outcome() != Answer.Outcome.STARTED, "has not waited for the workers");
					ensure(!answer.outcome().isGood() || serving() >= this.target, "success of a resume that goes on");
				}
			}
			case Operation.Stop _ -> ensure(this.stopping && answer.outcome().isGood(), "does not stop");
		}
	}

	private void note(Event.Signal signal, long now) {
		switch (signal) {
			case STOP -> {
				if (!this.stopping) {
					this.closeAt = now + this.settings.gracefulTimeout().toNanos();
				}
				this.stopping = true;
			}
			case STOP_FAST -> {
				this.stopping = true;
				this.fast = true;
			}
			case SCALE_UP -> scale(this.target + 1);
			case SCALE_DOWN -> scale(this.target - 1);
			case PAUSE -> this.paused |= this.everReady && !this.stopping;
			case RELOAD, DESCRIBE, REPLACE -> {
			}
		}
	}

	private void scale(int newTarget) {
		if (this.stopping) {
			return;
		}
		if (this.paused) {
			this.paused = newTarget < this.target;
		}
		else if (newTarget >= 1 && newTarget <= ArbiterSettings.MAX_WORKERS - this.settings.standby()) {
			this.target = newTarget;
			// The announced respawn may no longer be needed, while other indexes need one
			this.promises.clear();
		}
	}

	private void beat(long age, Event.Heartbeat heartbeat, long now) {
		Process process = this.living.get(age);
		if (process != null && process.beat != heartbeat.beat()) {
			process.beat = heartbeat.beat();
			process.beatAt = now;
		}
	}

	private void ready(long age, ArbiterSettings newSettings, long now) {
		Process process = this.living.get(age);
		if (process == null || !process.active() || process.booted) {
			return;
		}
		process.booted = true;
		process.overdueAt = NEVER;
		process.beatAt = now;
		if (!this.everReady && !this.settings.bootTimeout().isZero()) {
			this.living.values()
				.stream()
				.filter((other) -> other.active() && !other.booted)
				.forEach((other) -> other.overdueAt = now + this.settings.bootTimeout().toNanos());
		}
		this.everReady = true;
		if (process.placement.generation() > this.generation) {
			this.generation = process.placement.generation();
			this.current = this.next;
			if (newSettings != null) {
				int most = ArbiterSettings.MAX_WORKERS - newSettings.standby();
				boolean changed = newSettings.workers() != this.settings.workers();
				this.target = Math.min(changed ? newSettings.workers() : this.target, most);
				this.settings = newSettings;
				this.promises.clear();
			}
		}
	}

	private void died(long age) {
		Process process = this.living.remove(age);
		if (process != null) {
			this.unreleased.add(age);
			lost(process);
		}
	}

	/**
	 * A loss may delay respawns that were announced before it.
	 */
	private void lost(Process process) {
		if (process.active()) {
			this.promises.remove(process.placement.index());
		}
	}

	private long drainedBy(long now, Duration gracefulTimeout) {
		Duration limit = gracefulTimeout.plus(this.settings.closeTimeout());
		return now + ((this.fast && limit.compareTo(Ending.FAST_STOP_LIMIT) < 0) ? Ending.FAST_STOP_LIMIT : limit)
			.toNanos();
	}

	/**
	 * Record a command, and check that it is valid.
	 */
	void note(Command command, long now) {
		ensure(!halted(), "wants something after it halted");
		switch (command) {
			case Command.Prepare(int number, long since, String _) -> {
				ensure(this.keepsReleases && since == now, "prepares a release");
				this.preparing = number;
				this.preparedBy = now + Preparations.LIMIT.toNanos();
			}
			case Command.Adopt(int number, ApplicationRelease release) -> {
				ensure(number == this.preparing && !this.stopping, "adopts what was not prepared: " + number);
				this.preparing = 0;
				this.preparedBy = NEVER;
				this.next = release.key();
				this.current = (number == this.generation) ? this.next : this.current;
				this.tally.adopted++;
			}
			case Command.Spawn(Placement placement) -> spawn(placement, now);
			case Command.Serve(long age) -> {
				Process process = known(age);
				ensure(process.booted && process.active() && !process.serves, "cannot serve: " + process);
				process.serves = true;
			}
			case Command.Stop(long age, Duration gracefulTimeout) -> {
				Process process = known(age);
				ensure(!process.killed && (!process.recording || !process.booted),
						"asked while it is being killed: " + process);
				process.leftBehind |= !process.asked && this.placesBefore > placesWanted();
				long limit = drainedBy(now, gracefulTimeout);
				process.killedAt = !process.recording ? process.killedAt
						: Math.min(limit, process.asked ? process.killedAt : NEVER);
				process.overdueAt = Math.min(limit, (process.asked || process.draining) ? process.overdueAt : NEVER);
				process.asked = true;
			}
			case Command.Record(long age, Death _, boolean alive) -> record(age, alive, now);
			case Command.Kill(long age) -> {
				Process process = known(age);
				ensure(!process.killed, "killed twice: " + process);
				ensure(process.recording || this.fast, "killed without a record: " + process);
				process.killed = true;
				this.tally.killed++;
			}
			case Command.Release(long age) ->
				ensure(this.unreleased.remove(age), "released what had not ended: " + age);
			case Command.Announce(Command.Level _, String message) -> {
				ensure(!message.isBlank(), "told the operator nothing");
				promised(message, now);
			}
			case Command.Describe(long age, String _) -> known(age);
			case Command.Publish publish -> ensure(
					publish.equals(new Command.Publish(this.generation, this.settings, this.paused ? 0 : this.target)),
					"published " + publish);
			case Command.Post(FleetReport report) -> posted(report);
			case Command.Reply(Requester requester, Answer answer) -> answered(requester.number(), answer);
			case Command.Dump(long age, String _) -> {
				Process process = known(age);
				ensure(!process.killed && (!process.recording || process.asked),
						"dumped while it is being killed: " + process);
				this.tally.dumped++;
			}
			case Command.Notify(FleetEvent event) -> told(event);
			case Command.RefuseReload(String _) -> {
			}
			case Command.RefuseConnections() -> {
				ensure(this.stopping && !this.turnedAway, "turns clients away");
				this.turnedAway = true;
			}
			case Command.CloseListener() -> {
				ensure((this.turnedAway || this.replacesAnother) && !this.closed, "closes the listener");
				this.closed = true;
			}
			case Command.LeaveListener() -> ensure(this.replacing && this.stopping, "leaves the listener");
			case Command.SpawnReplacement() -> {
				ensure(!this.replacing && !this.reloading && !this.stopping, "replaces the arbiter");
				this.replacing = true;
				this.replaceBy = this.settings.bootTimeout().isZero() ? Long.MAX_VALUE
						: now + this.settings.bootTimeout().multipliedBy(2).plus(Ending.REPLACEMENT_MARGIN).toNanos();
				this.tally.replacements++;
			}
			case Command.StopReplacement() -> {
				ensure(this.replacing && (this.stopping || now >= this.replaceBy), "stops its replacement");
				this.replacing = false;
			}
			case Command.TakeOver() -> {
				this.takeOvers++;
				ensure(this.replacesAnother && this.takeOvers == 1, "takes over");
			}
			case Command.Halt(int exitCode) -> halt(exitCode);
		}
	}

	private void spawn(Placement placement, long now) {
		ensure(placement.age() > this.lastAge, "age not above " + this.lastAge + ": " + placement);
		this.lastAge = placement.age();
		ensure(!this.stopping && !this.paused, "spawned while there is to be no worker: " + placement);
		ensure(placement.index() >= 0, "no place of the fleet: " + placement);
		ensure(placement.slot() >= 0 && placement.slot() <= this.living.size(), "not the lowest slot: " + placement);
		ensure(placement.generation() != this.preparing, "of a generation that is being prepared: " + placement);
		ensure(placement.generation() == ((this.reloading && this.preparing == 0)
				? Math.max(this.generation, this.reloadTo) : this.generation),
				"of a generation that is neither the one there is nor the one to come: " + placement);
		Process process = new Process(placement);
		boolean deserted = places() == 0;
		this.living.put(placement.age(), process);
		int most = this.target + this.settings.standby() + this.settings.maxSurge();
		long counted = this.living.values().stream().filter((other) -> !other.leftBehind).count();
		ensure(deserted || (counted <= most && this.living.size() <= 2 * most),
				this.living.size() + " processes, " + counted + " of them counted, more than " + most);
		if (!this.settings.bootTimeout().isZero()) {
			process.overdueAt = now + this.settings.bootTimeout().toNanos();
		}
		this.tally.spawned++;
	}

	/**
	 * Check that announcements of the log are true.
	 */
	private void promised(String message, long now) {
		Matcher promise = RESPAWN.matcher(message);
		if (promise.find()) {
			this.promises.put(Integer.parseInt(promise.group("index")), now + ((promise.group("seconds") != null)
					? Duration.ofSeconds(Long.parseLong(promise.group("seconds"))).toNanos() : 0));
		}
	}

	private int reloadTo;

	private void record(long age, boolean alive, long now) {
		if (!alive) {
			ensure(this.unreleased.contains(age), "recorded as dead what is not: " + age);
			return;
		}
		Process process = known(age);
		ensure(!process.recording && !process.killed, "recorded twice: " + process);
		// Not planned, so that it may leave a gap
		this.served -= process.serving() ? 1 : 0;
		lost(process);
		process.recording = true;
		process.killedAt = now + this.settings.recordLimit().toNanos();
		this.tally.recorded++;
	}

	private void posted(FleetReport report) {
		ensure(report.releases().current().key().equals(this.current), "posted another release: " + report.releases());
		ensure(report.paused() == this.paused, "posted that the fleet is paused or not");
		FleetReport.ReloadReport reload = report.reload();
		ensure((reload != null && reload.outcome() == FleetReport.ReloadOutcome.RUNNING) == this.reloading,
				"posted that it reloads or not");
		ensure(FleetReport.ofBytes(report.toBytes()).equals(report), "posted what cannot be read: " + report);
	}

	private void told(FleetEvent event) {
		switch (event) {
			case FleetEvent.ReloadStarted(int number) -> {
				ensure(!this.reloading && !this.stopping, "began a reload");
				this.reloading = true;
				this.reloadTo = number;
				this.paused = false;
			}
			case FleetEvent.ReloadEnded(int _, boolean success, String _) -> {
				ensure(this.reloading, "ended a reload");
				this.reloading = false;
				this.preparing = 0;
				this.preparedBy = NEVER;
				this.lastReloadSucceeded = success;
				if (success) {
					this.tally.reloads++;
				}
				else {
					this.tally.failedReloads++;
				}
			}
			case FleetEvent.WorkerRecycling _ -> this.tally.recycled++;
			default -> {
			}
		}
	}

	private Process known(long age) {
		Process process = this.living.get(age);
		if (process == null) {
			throw new AssertionError("command for a worker that has ended: " + age);
		}
		return process;
	}

	private void halt(int exitCode) {
		this.halts++;
		if (this.stopping) {
			ensure(exitCode == 0, "stopped with " + exitCode);
			this.tally.stopped++;
		}
		else {
			ensure((exitCode == 3 || exitCode == this.lastExit) && !this.everReady, "halted with " + exitCode);
			this.tally.bootFailures += (exitCode == 3) ? 1 : 0;
			this.tally.jobs += (exitCode != 3) ? 1 : 0;
		}
	}

	void check(long now) {
		ensure(this.unreleased.isEmpty(), "exits that were not released: " + this.unreleased);
		Set<Integer> slots = new HashSet<>();
		Map<Integer, Integer> places = new HashMap<>();
		int unproven = 0;
		int booted = 0;
		for (Process process : this.living.values()) {
			ensure(slots.add(process.placement.slot()), "two living workers in a slot: " + process);
			ensure(process.age() != this.recorded || !process.recording || process.killed || process.asked,
					"recorded and not killed: " + process);
			if (process.active()) {
				places.merge(process.placement.index(), 1, Integer::sum);
				booted += process.booted ? 1 : 0;
				unproven += (process.placement.generation() > this.generation) ? 1 : 0;
			}
		}
		ensure(places.values().stream().allMatch((workers) -> workers <= 2), "more than two workers in a place");
		ensure(unproven <= 1, "more than one worker of a generation that is not proven");
		ensure(this.everReady || !this.boots.firstAlone() || this.living.size() <= 1,
				"more than one worker before the first was ready");
		if (!this.stopping && !this.paused) {
			long serving = serving();
			ensure(serving >= Math.min(this.target, this.served),
					"a planned act left " + serving + " of " + this.served);
			ensure(serving == Math.min(this.target, booted), serving + " serve of " + booted + " that could");
			ensure(places.size() <= this.target + this.settings.standby(), "surplus workers: " + places);
		}
		checkFilled(places.keySet(), now);
		if (this.paused || this.fast || this.closed) {
			ensure(places.isEmpty(), "workers that were not asked to stop: " + places);
		}
		ensure(!this.stopping || !this.living.isEmpty() || halted(), "stopped without a halt");
	}

	/**
	 * Check that a worker serves or boots, unless the delays after crashes forbid it, and
	 * that the respawn times in the log are true.
	 */
	private void checkFilled(Set<Integer> filled, long now) {
		if (this.stopping || this.paused || !this.everReady || halted()) {
			this.promises.clear();
			this.desertedAt = NEVER;
			return;
		}
		this.desertedAt = filled.isEmpty() ? Math.min(this.desertedAt, now) : NEVER;
		ensure(this.desertedAt == NEVER || now - this.desertedAt <= CrashHistory.MAX_DELAY.toNanos(),
				"nobody serves or boots");
		this.promises.keySet().removeAll(filled);
		int most = this.target + this.settings.standby() + this.settings.maxSurge();
		boolean waits = this.living.size() >= most || this.living.values()
			.stream()
			.anyMatch((process) -> process.active() && process.placement.generation() > this.generation);
		this.broken = (!waits && isDue(filled, now)) ? this.broken + 1 : 0;
		ensure(this.broken <= MAX_BROKEN, "announced as filled again, and is not: " + this.promises);
	}

	/**
	 * Return whether an index must have a worker by now, according to the log. The lowest
	 * free indexes are the missing ones.
	 */
	private boolean isDue(Set<Integer> filled, long now) {
		int missing = placesWanted() - filled.size();
		for (int index = 0; missing > 0; index++) {
			if (!filled.contains(index)) {
				missing--;
				if (this.promises.getOrDefault(index, NEVER) <= now) {
					return true;
				}
			}
		}
		return false;
	}

	void checkAfterTick(long now) {
		ensure(now < this.preparedBy || this.stopping || halted(), "not prepared in time");
		ensure(now < this.closeAt || this.closed || this.fast || halted(), "the listener is still open");
		for (Process process : this.living.values()) {
			// The first worker is not killed, however long it boots
			ensure(process.killed || process.recording || now < process.overdueAt || !this.everReady,
					"not killed in time: " + process);
			ensure(process.killed || now < process.killedAt, "recorded for too long: " + process);
			boolean silent = process.active() && process.booted && !this.settings.timeout().isZero()
					&& now - process.beatAt >= this.settings.timeout().toNanos();
			ensure(!silent, "silent for too long: " + process);
		}
	}

	/**
	 * Check that nothing is pending after a long calm time.
	 */
	void checkAfterCalm() {
		if (this.stopping) {
			ensure(halted(), "not stopped");
			return;
		}
		long booted = this.living.values().stream().filter((process) -> process.booted).count();
		ensure(serving() == (this.paused ? 0 : this.target), serving() + " serve, not " + this.target);
		int places = this.paused ? 0 : this.target + this.settings.standby();
		ensure(booted == places && this.living.size() == places, this.living.size() + " workers, not " + places);
		ensure(!this.reloading, "still reloading");
		ensure(this.unanswered.isEmpty(), "never answered: " + this.unanswered);
		ensure(this.living.values().stream().noneMatch((process) -> process.recycle), "not recycled");
		ensure(!this.lastReloadSucceeded || this.living.values()
			.stream()
			.allMatch((process) -> process.placement.generation() == this.generation), "of several generations");
		ensure(!this.replacesAnother || this.takeOvers == 1, "has not taken over");
		this.tally.full++;
	}

	void checkAfterHalt() {
		ensure(this.living.isEmpty(), "halted before every worker had ended");
		ensure(this.unanswered.isEmpty(), "never answered: " + this.unanswered);
	}

	private static void ensure(boolean condition, String violation) {
		if (!condition) {
			throw new AssertionError(violation);
		}
	}

}
