package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Leads a state machine through a story: feeds it events at times the test chooses and
 * keeps what it answered to the last one. Every worker that is spawned gets the process
 * id 4700 + age at once.
 */
final class FleetStory {

	static final long FIRST_PID = 4700;

	private final FleetStateMachine stateMachine;

	private final Map<Long, Long> heartbeats = new HashMap<>();

	private FleetState state;

	private List<Command> commands;

	private long now;

	private FleetStory(ArbiterSettings settings) {
		this.stateMachine = new FleetStateMachine(settings);
		FleetStateMachine.Transition transition = this.stateMachine.start(this.now);
		this.state = transition.state();
		this.commands = transition.commands();
		tellPids();
	}

	static FleetStory of(ArbiterSettings settings) {
		return new FleetStory(settings);
	}

	/**
	 * A fleet whose workers have all been ready since time zero. Their ages are their
	 * indices plus one.
	 */
	static FleetStory allReady(ArbiterSettings settings) {
		FleetStory story = of(settings);
		for (long age = 1; age <= settings.workers(); age++) {
			story.ready(age);
		}
		return story;
	}

	FleetStory event(Event event) {
		FleetStateMachine.Transition transition = this.stateMachine.apply(this.state, event, this.now);
		this.state = transition.state();
		this.commands = transition.commands();
		tellPids();
		return this;
	}

	private void tellPids() {
		for (Placement placement : spawned()) {
			Event.Spawned event = new Event.Spawned(placement.age(), FIRST_PID + placement.age());
			FleetStateMachine.Transition transition = this.stateMachine.apply(this.state, event, this.now);
			if (!transition.commands().isEmpty()) {
				throw new AssertionError("A process id caused " + transition.commands());
			}
			this.state = transition.state();
		}
	}

	FleetStory ready(long age) {
		return event(new Event.Ready(age, Duration.ofMillis(1800)));
	}

	FleetStory exited(long age, int code) {
		return event(new Event.Exited(age, new ExitStatus(code)));
	}

	/**
	 * Let time pass in which nothing happens, not even a tick.
	 */
	FleetStory after(Duration duration) {
		this.now += duration.toNanos();
		return this;
	}

	/**
	 * Tick after every living worker has shown that it is alive.
	 */
	FleetStory tick() {
		this.state.workers().keySet().forEach((age) -> this.heartbeats.merge(age, 1L, Long::sum));
		return silentTick();
	}

	/**
	 * Tick without a sign of life.
	 */
	FleetStory silentTick() {
		return event(new Event.Tick(Map.copyOf(this.heartbeats)));
	}

	FleetState state() {
		return this.state;
	}

	List<Command> commands() {
		return this.commands;
	}

	List<Placement> spawned() {
		return all(Command.Spawn.class).map(Command.Spawn::placement).toList();
	}

	List<Integer> spawnedIndices() {
		return spawned().stream().map(Placement::index).toList();
	}

	/**
	 * Return the age of the only worker that was spawned.
	 */
	long spawnedAge() {
		if (spawned().size() != 1) {
			throw new AssertionError("Not a single worker was spawned: " + this.commands);
		}
		return spawned().getFirst().age();
	}

	List<Long> killed() {
		return all(Command.Kill.class).map(Command.Kill::age).toList();
	}

	List<Command.Stop> stopped() {
		return all(Command.Stop.class).toList();
	}

	/**
	 * Return what the operator was told, each line with its level before it.
	 */
	List<String> lines() {
		return all(Command.Announce.class).map((announce) -> announce.level() + " " + announce.message()).toList();
	}

	private <C extends Command> Stream<C> all(Class<C> type) {
		return this.commands.stream().filter(type::isInstance).map(type::cast);
	}

}
