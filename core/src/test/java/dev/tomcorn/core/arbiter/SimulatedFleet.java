package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

import dev.tomcorn.core.arbiter.FleetSimulationTests.Tally;

/**
 * A fleet of processes that obey the state machine, fail at random and check after every
 * event that the rules were kept. It has its own books and looks at nothing but commands.
 */
final class SimulatedFleet {

	/**
	 * When every place must have been filled again after the last death.
	 */
	private static final long CALM = Duration.ofSeconds(30).toNanos();

	private final ArbiterSettings settings;

	private final FleetStateMachine stateMachine;

	private final Random random;

	private final Tally tally;

	private final Map<Long, SimulatedProcess> living = new LinkedHashMap<>();

	private final Set<Long> unreleased = new HashSet<>();

	private final List<Event> undelivered = new ArrayList<>();

	private FleetState state;

	private long now;

	private long lastAge;

	private long lastDeath;

	private int target;

	private int requestedStops;

	private boolean everReady;

	private int halts;

	/**
	 * A process that was started and has not ended.
	 */
	private static final class SimulatedProcess {

		private final Placement placement;

		private long heartbeat = 1;

		private boolean toldReady;

		private boolean toldDraining;

		private boolean asked;

		private boolean killed;

		private long mustBeKilledAt = Long.MAX_VALUE;

		SimulatedProcess(Placement placement) {
			this.placement = placement;
		}

		boolean active() {
			return !this.toldDraining && !this.asked && !this.killed;
		}

	}

	SimulatedFleet(ArbiterSettings settings, Random random, Tally tally) {
		this.settings = settings;
		this.random = random;
		this.tally = tally;
		this.stateMachine = new FleetStateMachine(settings, false);
		this.target = settings.workers();
		FleetStateMachine.Transition start = this.stateMachine.start(0);
		this.state = start.state();
		obey(start.commands());
		check();
	}

	/**
	 * Live until the fleet halts.
	 */
	void live() {
		int unrest = 1 + this.random.nextInt(40);
		long lifetime = this.tally.events + 200 + this.random.nextInt(5000);
		while (this.halts == 0) {
			if (!this.undelivered.isEmpty() && this.random.nextInt(4) != 0) {
				int first = this.random.nextInt(this.undelivered.size());
				deliver(this.undelivered.remove(first));
			}
			else if (this.tally.events > lifetime) {
				end();
			}
			else {
				deliver(randomEvent(unrest));
			}
		}
		ensure(this.living.isEmpty(), "halted before every worker had ended");
		ensure(this.unreleased.isEmpty(), "exits that were never released: " + this.unreleased);
		deliver(new Event.Tick(Map.of(), 0));
		deliver(Event.Request.STOP);
		ensure(this.halts == 1, "halted more than once");
	}

	private void end() {
		if (this.requestedStops == 0 || this.random.nextInt(20) == 0) {
			deliver(this.random.nextBoolean() ? Event.Request.STOP : Event.Request.STOP_FAST);
		}
		else if (this.random.nextInt(3) == 0 && !this.living.isEmpty()) {
			deliver(exit(anyLiving()));
		}
		else {
			deliver(randomEvent(10));
		}
	}

	private Event randomEvent(int unrest) {
		if (this.living.isEmpty() || this.random.nextInt(100) >= unrest) {
			return usualEvent();
		}
		SimulatedProcess process = anyLiving();
		long age = process.placement.age();
		return switch (this.random.nextInt(12)) {
			case 0 -> Event.Request.SCALE_UP;
			case 1 -> Event.Request.SCALE_DOWN;
			case 2 -> Event.Request.DESCRIBE;
			case 3 -> stray(this.random.nextInt(5) - 2 + this.lastAge);
			case 4 -> stray(this.random.nextLong());
			case 5 -> new Event.Draining(age);
			case 6 -> (this.random.nextInt(300) == 0) ? Event.Request.STOP : usualEvent();
			case 7 -> (this.random.nextInt(300) == 0) ? Event.Request.STOP_FAST : usualEvent();
			case 8 -> new Event.Ready(age, Duration.ofMillis(this.random.nextInt(10_000)), null);
			default -> exit(process);
		};
	}

	/**
	 * What a healthy fleet lives through: workers become ready, end when they are to, and
	 * time passes.
	 */
	private Event usualEvent() {
		for (SimulatedProcess process : this.living.values()) {
			if ((process.killed || process.asked || process.toldDraining) && this.random.nextInt(4) == 0) {
				return exit(process);
			}
			if (!process.toldReady && this.random.nextInt(3) == 0) {
				return new Event.Ready(process.placement.age(), Duration.ofSeconds(1), null);
			}
		}
		this.now += this.random.nextInt(20) == 0 ? this.random.nextLong(CALM) : this.random.nextLong(1_000_000_000);
		Map<Long, Long> heartbeats = new HashMap<>();
		this.living.forEach((age, process) -> {
			if (this.random.nextInt(10) != 0) {
				process.heartbeat++;
			}
			heartbeats.put(age, process.heartbeat);
		});
		return new Event.Tick(FleetStory.beats(heartbeats), this.random.nextInt(2));
	}

	/**
	 * An event about a worker that may never have lived or is long dead.
	 */
	private Event stray(long age) {
		if (this.living.containsKey(age)) {
			return Event.Request.DESCRIBE;
		}
		return switch (this.random.nextInt(4)) {
			case 0 -> new Event.Ready(age, Duration.ZERO, null);
			case 1 -> new Event.Draining(age);
			case 2 -> new Event.Exited(age, FleetStory.death(0));
			default -> new Event.Spawned(age, 1);
		};
	}

	private Event exit(SimulatedProcess process) {
		return new Event.Exited(process.placement.age(), FleetStory.death(this.random.nextInt(256)));
	}

	private SimulatedProcess anyLiving() {
		return List.copyOf(this.living.values()).get(this.random.nextInt(this.living.size()));
	}

	private void deliver(Event event) {
		this.tally.events++;
		this.now += this.random.nextInt(1000);
		note(event);
		boolean halted = this.halts > 0;
		FleetStateMachine.Transition transition = this.stateMachine.apply(this.state, event, this.now);
		this.state = transition.state();
		ensure(!halted || transition.commands().isEmpty(), "wants something after it halted");
		try {
			obey(transition.commands());
			check();
			if (event instanceof Event.Tick) {
				checkAfterTick();
			}
		}
		catch (RuntimeException | AssertionError ex) {
			throw new AssertionError(
					"%s after %s, answered with %s".formatted(ex.getMessage(), event, transition.commands()), ex);
		}
	}

	/**
	 * Keep the books before the state machine hears of an event.
	 */
	private void note(Event event) {
		switch (event) {
			case Event.Spawned spawned -> {
			}
			case Event.SpawnFailed(long age, String reason) -> died(age);
			case Event.Exited(long age, Death death) -> died(age);
			case Event.Draining(long age) -> {
				SimulatedProcess process = this.living.get(age);
				if (process != null && process.active()) {
					process.toldDraining = true;
					process.mustBeKilledAt = killAt(this.settings.gracefulTimeout());
					this.lastDeath = this.now;
				}
			}
			case Event.Ready(long age, Duration boot, ArbiterSettings settings) -> {
				SimulatedProcess process = this.living.get(age);
				if (process != null && process.active()) {
					process.toldReady = true;
					this.everReady = true;
				}
			}
			case Event.Request request -> note(request);
			default -> {
			}
		}
	}

	private void note(Event.Request request) {
		switch (request) {
			case STOP, STOP_FAST -> this.requestedStops++;
			case SCALE_UP -> scale(this.target + 1);
			case SCALE_DOWN -> scale(this.target - 1);
			default -> {
			}
		}
	}

	private void scale(int newTarget) {
		if (this.requestedStops == 0 && newTarget >= 1 && newTarget <= ArbiterSettings.MAX_WORKERS) {
			this.target = newTarget;
		}
	}

	private void died(long age) {
		if (this.living.remove(age) != null) {
			this.unreleased.add(age);
			this.lastDeath = this.now;
		}
	}

	private long killAt(Duration gracefulTimeout) {
		return this.now + gracefulTimeout.plus(FleetDraft.CLOSE_MARGIN).toNanos();
	}

	private void obey(List<Command> commands) {
		for (Command command : commands) {
			ensure(this.halts == 0, "wants something after it halted");
			switch (command) {
				case Command.Spawn(Placement placement) -> spawn(placement);
				case Command.Stop(long age, Duration gracefulTimeout) -> {
					SimulatedProcess process = known(age);
					process.asked = true;
					process.mustBeKilledAt = Math.min(process.mustBeKilledAt, killAt(gracefulTimeout));
				}
				case Command.Record(long age, Death cause, boolean alive) -> {
					if (alive) {
						known(age).killed = true;
						this.lastDeath = this.now;
						this.undelivered.add(new Event.Recorded(age, ""));
					}
				}
				case Command.Kill(long age) -> {
					known(age).killed = true;
					this.lastDeath = this.now;
					this.tally.killed++;
				}
				case Command.Release(long age) ->
					ensure(this.unreleased.remove(age), "released what had not ended: " + age);
				case Command.Announce(Command.Level level, String message) ->
					ensure(!message.isBlank(), "told the operator nothing");
				case Command.Publish(int generation, ArbiterSettings settings, int targetWorkers) ->
					ensure(targetWorkers == this.target, "published " + targetWorkers + ", not " + this.target);
				case Command.Halt(int exitCode) -> halt(exitCode);
				default -> {
				}
			}
		}
		ensure(this.unreleased.isEmpty(), "exits that were not released: " + this.unreleased);
	}

	private void spawn(Placement placement) {
		ensure(placement.age() > this.lastAge, "age not above " + this.lastAge + ": " + placement);
		this.lastAge = placement.age();
		ensure(placement.index() >= 0 && placement.index() < this.target, "no place of the fleet: " + placement);
		ensure(this.requestedStops == 0, "spawned while stopping: " + placement);
		ensure(placement.slot() >= 0 && placement.slot() <= this.living.size(), "not the lowest slot: " + placement);
		this.tally.spawned++;
		this.living.put(placement.age(), new SimulatedProcess(placement));
		// As the arbiter does, tell the outcome after whatever else it has to do
		this.undelivered.add(this.random.nextInt(10) == 0 ? new Event.SpawnFailed(placement.age(), "no memory")
				: new Event.Spawned(placement.age(), placement.age() + 1000));
	}

	private SimulatedProcess known(long age) {
		SimulatedProcess process = this.living.get(age);
		if (process == null) {
			throw new AssertionError("command for a worker that has ended: " + age);
		}
		return process;
	}

	private void halt(int exitCode) {
		this.halts++;
		if (exitCode == 0) {
			ensure(this.requestedStops > 0, "halted unasked");
			this.tally.stopped++;
		}
		else {
			ensure(exitCode == 3 && !this.everReady && this.requestedStops == 0, "halted with " + exitCode);
			this.tally.bootFailures++;
		}
	}

	private void check() {
		Set<Integer> slots = new HashSet<>();
		Set<Integer> indices = new HashSet<>();
		for (SimulatedProcess process : this.living.values()) {
			ensure(slots.add(process.placement.slot()), "two living workers in a slot: " + process.placement);
			if (process.active()) {
				ensure(indices.add(process.placement.index()), "two active workers in a place: " + process.placement);
			}
		}
		ensure(indices.size() <= this.target, "more workers than there are to be: " + indices);
		ensure(this.everReady || this.living.size() <= 1, "more than one worker before the first was ready");
		ensure(this.requestedStops == 0 || !this.living.isEmpty() || this.halts == 1, "stopped without a halt");
	}

	private void checkAfterTick() {
		if (this.requestedStops == 0 && this.everReady && this.now - this.lastDeath >= CALM) {
			long active = this.living.values().stream().filter(SimulatedProcess::active).count();
			ensure(active == this.target || this.living.size() > this.target,
					active + " active workers, not " + this.target + ", long after a death");
			this.tally.full++;
		}
		for (SimulatedProcess process : this.living.values()) {
			ensure(process.killed || this.now < process.mustBeKilledAt, "not killed in time: " + process.placement);
		}
	}

	private static void ensure(boolean condition, String violation) {
		if (!condition) {
			throw new AssertionError(violation);
		}
	}

}
