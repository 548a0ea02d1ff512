package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Runs a state machine through a story: sends it events at times that the test chooses,
 * and keeps its answer to the last one. Every spawned worker gets the process id 4700 +
 * age at once.
 */
final class FleetStory {

	static final long FIRST_PID = 4700;

	private static final Pattern EXIT_CODE = Pattern.compile("exit code (\\d+)");

	static final Duration BOOT_TIMEOUT = Duration.ofSeconds(60);

	static final Duration TIMEOUT = Duration.ofSeconds(30);

	static final Duration GRACEFUL_TIMEOUT = Duration.ofSeconds(20);

	static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(15);

	static final Duration DRAIN_LIMIT = GRACEFUL_TIMEOUT.plus(CLOSE_TIMEOUT);

	static final Duration RECORD_LIMIT = ArbiterSettings.RECORD_LIMIT;

	static final Duration INSTANT = Duration.ofNanos(1);

	static final Duration SECOND = Duration.ofSeconds(1);

	/**
	 * One boots alone at the start, and CPUs are never scarce.
	 */
	private static final BootPolicy BOOTS = new BootPolicy(true, 1000);

	private final FleetStateMachine stateMachine;

	private final Map<Long, Long> heartbeats = new HashMap<>();

	private FleetState state;

	private List<Command> commands;

	private List<FleetEvent> notified;

	private final List<String> toldOfSpawns = new ArrayList<>();

	private long now;

	private FleetStory(ArbiterSettings settings, boolean replacesAnother, boolean keepsReleases, BootPolicy boots) {
		this.stateMachine = new FleetStateMachine(settings, replacesAnother, keepsReleases, boots);
		FleetStateMachine.Transition transition = this.stateMachine.start(this.now);
		this.state = transition.state();
		this.commands = transition.commands();
		this.notified = notified(transition);
		tellPids();
	}

	static ArbiterSettings workers(int workers) {
		return workers(workers, 0);
	}

	static ArbiterSettings workers(int workers, int standby) {
		return surges(workers, standby, 1, 1);
	}

	static ArbiterSettings reloadSurge(int workers, int surge) {
		return surges(workers, 0, surge, 1);
	}

	static ArbiterSettings recycleSurge(int workers, int surge) {
		return surges(workers, 0, 1, surge);
	}

	private static ArbiterSettings surges(int workers, int standby, int reloadSurge, int recycleSurge) {
		return new ArbiterSettings(workers, standby, reloadSurge, recycleSurge, BOOT_TIMEOUT, TIMEOUT, GRACEFUL_TIMEOUT,
				CLOSE_TIMEOUT, RECORD_LIMIT);
	}

	static FleetStory of(ArbiterSettings settings) {
		return new FleetStory(settings, false, false, BOOTS);
	}

	/**
	 * The story of a fleet with another policy of how many boot at the same time.
	 */
	static FleetStory booting(ArbiterSettings settings, BootPolicy boots) {
		return new FleetStory(settings, false, false, boots);
	}

	/**
	 * The story of a fleet whose generations start from releases that are kept.
	 */
	static FleetStory keeping(ArbiterSettings settings) {
		return new FleetStory(settings, false, true, BOOTS);
	}

	/**
	 * The story of a fleet whose arbiter replaces another.
	 */
	static FleetStory replacing(ArbiterSettings settings) {
		return new FleetStory(settings, true, false, BOOTS);
	}

	/**
	 * A fleet whose workers have all been ready since time zero, standbys included. Their
	 * ages are their indexes plus one.
	 */
	static FleetStory allReady(ArbiterSettings settings) {
		FleetStory story = of(settings);
		for (long age = 1; age <= settings.workers() + settings.standby(); age++) {
			story.ready(age);
		}
		return story;
	}

	FleetStory event(Event event) {
		FleetStateMachine.Transition transition = this.stateMachine.apply(this.state, event, this.now);
		this.state = transition.state();
		this.commands = transition.commands();
		this.notified = notified(transition);
		tellPids();
		return this;
	}

	private static List<FleetEvent> notified(FleetStateMachine.Transition transition) {
		List<FleetEvent> events = new ArrayList<>();
		transition.commands().forEach((command) -> {
			if (command instanceof Command.Notify(FleetEvent event)) {
				events.add(event);
			}
		});
		return events;
	}

	private void tellPids() {
		for (Placement placement : spawned()) {
			long pid = FIRST_PID + placement.age();
			FleetStateMachine.Transition transition = this.stateMachine.apply(this.state,
					new Event.Spawned(placement.age(), pid), this.now);
			if (!transition.commands()
				.stream()
				.filter((command) -> !(command instanceof Command.Post) && !(command instanceof Command.Announce))
				.toList()
				.equals(List.of(new Command.Notify(new FleetEvent.WorkerSpawned(placement, pid))))) {
				throw new AssertionError("A process id caused " + transition.commands());
			}
			this.state = transition.state();
			transition.commands().forEach((command) -> {
				if (command instanceof Command.Announce announce) {
					this.toldOfSpawns.add(announce.message());
				}
			});
		}
	}

	/**
	 * Return the log lines about spawned workers.
	 */
	List<String> toldOfSpawns() {
		return this.toldOfSpawns;
	}

	FleetStory ready(long age) {
		return ready(age, null);
	}

	FleetStory ready(long age, @Nullable ArbiterSettings settings) {
		return event(new Event.Ready(age, Duration.ofMillis(1800), settings));
	}

	FleetStory exited(long age, int code) {
		return exited(age, death(code));
	}

	/**
	 * End a worker that was never connected to its arbiter.
	 */
	FleetStory exitedUnheard(long age, int code) {
		return event(new Event.Exited(age, death(code), code, false));
	}

	/**
	 * End a worker by a signal from outside the fleet.
	 */
	FleetStory signalled(long age, int signal) {
		return event(new Event.Exited(age,
				new Death(ExitCause.SIGNAL, "signal %d, not sent by the arbiter".formatted(signal)), 128 + signal,
				false));
	}

	FleetStory exited(long age, Death death) {
		return event(exit(age, death));
	}

	static Event.Exited exit(long age, Death death) {
		Matcher code = EXIT_CODE.matcher(death.description());
		return new Event.Exited(age, death, code.matches() ? Integer.parseInt(code.group(1)) : 1, true);
	}

	static Death death(int code) {
		return new Death(ExitCause.EXIT, "exit code " + code);
	}

	/**
	 * End the draining worker.
	 */
	FleetStory drained(long age) {
		return exited(age, 143);
	}

	FleetStory recorded(long age) {
		return event(new Event.Recorded(age, ""));
	}

	/**
	 * Let time pass without any event, not even a tick.
	 */
	FleetStory after(Duration duration) {
		this.now += duration.toNanos();
		return this;
	}

	/**
	 * Tick after a heartbeat of every live worker.
	 */
	FleetStory tick() {
		return tick(0);
	}

	/**
	 * Tick after a heartbeat of every live worker, while clients wait in the listener's
	 * queue.
	 */
	FleetStory tick(int queued) {
		return tickWithout(queued, 0);
	}

	/**
	 * Tick after a heartbeat of every live worker but one.
	 */
	FleetStory tickWithout(long silent) {
		return tickWithout(0, silent);
	}

	private FleetStory tickWithout(int queued, long silent) {
		this.state.workers().keySet().stream().filter((age) -> age != silent).forEach((age) -> {
			this.heartbeats.merge(age, 1L, Long::sum);
		});
		return event(new Event.Tick(beats(this.heartbeats), queued));
	}

	/**
	 * Tick without any heartbeat.
	 */
	FleetStory silentTick() {
		return event(new Event.Tick(beats(this.heartbeats), 0));
	}

	/**
	 * Tick after a given heartbeat of the worker of age 1 alone.
	 */
	FleetStory beat(long heartbeat) {
		this.heartbeats.put(1L, heartbeat);
		return silentTick();
	}

	static Map<Long, Event.Heartbeat> beats(Map<Long, Long> heartbeats) {
		Map<Long, Event.Heartbeat> beats = new HashMap<>();
		heartbeats.forEach((age, beat) -> beats.put(age, new Event.Heartbeat(beat, "", 0)));
		return beats;
	}

	long now() {
		return this.now;
	}

	FleetState state() {
		return this.state;
	}

	FleetReport report() {
		return this.state.report();
	}

	List<WorkerHandle> living() {
		return List.copyOf(this.state.workers().values());
	}

	WorkerHandle worker(long age) {
		WorkerHandle worker = this.state.workers().get(age);
		if (worker == null) {
			throw new AssertionError("No worker of age " + age + " lives");
		}
		return worker;
	}

	/**
	 * Return the ages of the workers in a state.
	 */
	List<Long> ages(WorkerHandle.Lifecycle inState) {
		return living().stream().filter((worker) -> worker.is(inState)).map(WorkerHandle::age).toList();
	}

	/**
	 * Return how many workers of an index have died quickly in a row.
	 */
	int streak(int index) {
		return this.state.crashes().getOrDefault(index, CrashHistory.NONE).streak();
	}

	/**
	 * Return the commands without notifications and reports, see {@link #notified()} and
	 * {@link #posted()}.
	 */
	List<Command> commands() {
		return this.commands.stream()
			.filter((command) -> !(command instanceof Command.Notify) && !(command instanceof Command.Post))
			.toList();
	}

	/**
	 * Return the events for listeners, except spawns.
	 */
	List<FleetEvent> notified() {
		return this.notified;
	}

	/**
	 * Return the posted reports.
	 */
	List<FleetReport> posted() {
		return all(Command.Post.class).map(Command.Post::report).toList();
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

	/**
	 * Return the live workers whose diagnostics are recorded before their kill.
	 */
	List<Long> recording() {
		return all(Command.Record.class).filter(Command.Record::alive).map(Command.Record::age).toList();
	}

	List<Long> served() {
		return all(Command.Serve.class).map(Command.Serve::age).toList();
	}

	List<Command.Stop> stopped() {
		return all(Command.Stop.class).toList();
	}

	List<Long> stoppedAges() {
		return stopped().stream().map(Command.Stop::age).toList();
	}

	List<Command.Reply> answers() {
		return all(Command.Reply.class).toList();
	}

	/**
	 * Return the log lines, each after its level.
	 */
	List<String> lines() {
		return all(Command.Announce.class).map((announce) -> announce.level() + " " + announce.message()).toList();
	}

	private <C extends Command> Stream<C> all(Class<C> type) {
		return this.commands.stream().filter(type::isInstance).map(type::cast);
	}

}
