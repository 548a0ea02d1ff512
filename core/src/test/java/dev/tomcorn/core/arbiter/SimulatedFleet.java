package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

import dev.tomcorn.core.arbiter.FleetSimulationTests.Tally;

/**
 * A fleet of processes that obey the state machine and fail at random.
 * {@link SimulatedBooks} are checked after every event.
 */
final class SimulatedFleet {

	/**
	 * Length of a step in a calm time, which follows several stormy ones.
	 */
	private static final Duration CALM_STEP = Duration.ofSeconds(2);

	private static final int CALM_STEPS = 100;

	private static final int[] EXIT_CODES = { 0, 1, 7 };

	private static final int[] SIGNALLED = { 129, 137, 138, 143 };

	private final FleetStateMachine stateMachine;

	private final Random random;

	private final Tally tally;

	private final SimulatedBooks books;

	private final Map<Long, Long> heartbeats = new HashMap<>();

	private final List<Event> undelivered = new ArrayList<>();

	private FleetState state;

	private long now;

	private long requests;

	private boolean calm;

	SimulatedFleet(ArbiterSettings settings, boolean replacesAnother, Random random, Tally tally) {
		this.random = random;
		this.tally = tally;
		boolean keepsReleases = random.nextBoolean();
		BootPolicy boots = new BootPolicy(random.nextBoolean(), 1 + random.nextInt(8));
		this.stateMachine = new FleetStateMachine(settings, replacesAnother, keepsReleases, boots);
		this.books = new SimulatedBooks(settings, replacesAnother, keepsReleases, boots, tally);
		FleetStateMachine.Transition start = this.stateMachine.start(0);
		this.state = start.state();
		obey(start.commands());
		this.books.check(this.now);
	}

	/**
	 * Run until the fleet halts.
	 */
	void live() {
		int storms = 1 + this.random.nextInt(4);
		while (storms-- > 0 && !this.books.halted()) {
			storm(100 + this.random.nextInt(1500));
			if (!this.books.halted() && this.random.nextInt(3) != 0) {
				calm();
			}
		}
		while (!this.books.halted()) {
			end();
		}
		this.books.checkAfterHalt();
		deliver(new Event.Tick(Map.of(), 0));
		deliver(Event.Signal.STOP);
	}

	private void storm(int length) {
		int unrest = 1 + this.random.nextInt(40);
		for (int event = 0; event < length && !this.books.halted(); event++) {
			if (!this.undelivered.isEmpty() && this.random.nextInt(4) != 0) {
				deliver(this.undelivered.remove(this.random.nextInt(this.undelivered.size())));
			}
			else {
				deliver(randomEvent(unrest));
			}
		}
	}

	/**
	 * Let some minutes pass without failures. In the end the fleet is complete.
	 */
	private void calm() {
		this.calm = true;
		for (int step = 0; step < CALM_STEPS && !this.books.halted(); step++) {
			while (!this.undelivered.isEmpty() && !this.books.halted()) {
				Event event = this.undelivered.removeFirst();
				deliver((event instanceof Event.SpawnFailed(long age, String _)) ? new Event.Spawned(age, age + 1000)
						: event);
			}
			for (SimulatedBooks.Process process : this.books.living()) {
				if (this.books.halted()) {
					return;
				}
				if (process.isToEnd()) {
					deliver(exit(process));
				}
				else if (!process.booted) {
					deliver(new Event.Ready(process.age(), Duration.ofSeconds(1), null));
				}
			}
			if (this.books.replacing() && !this.books.halted()) {
				deliver(new Event.ReplacementFailed("has ended with exit code 1"));
			}
			if (!this.books.halted()) {
				this.now += CALM_STEP.toNanos();
				deliver(tick(0));
			}
		}
		if (!this.books.halted()) {
			this.books.checkAfterCalm();
		}
		this.calm = false;
	}

	private void end() {
		if (!this.books.stopping() || this.random.nextInt(20) == 0) {
			deliver(this.random.nextBoolean() ? Event.Signal.STOP : Event.Signal.STOP_FAST);
		}
		else if (this.random.nextInt(3) == 0 && !this.books.living().isEmpty()) {
			deliver(exit(anyLiving()));
		}
		else {
			deliver(randomEvent(10));
		}
	}

	private Event randomEvent(int unrest) {
		if (this.books.living().isEmpty() || this.random.nextInt(100) >= unrest) {
			return usualEvent();
		}
		SimulatedBooks.Process process = anyLiving();
		long age = process.age();
		return switch (this.random.nextInt(20)) {
			case 0, 1 -> Event.Signal.SCALE_UP;
			case 2, 3 -> Event.Signal.SCALE_DOWN;
			case 4 -> Event.Signal.RELOAD;
			case 5 -> asked(age);
			case 6 -> stray(this.random.nextBoolean() ? this.random.nextInt(5) - 2 + this.books.lastAge()
					: this.random.nextLong());
			case 7 -> new Event.Draining(age);
			case 8, 9 -> new Event.Recycle(age, "max-requests (1000) reached");
			case 10 -> new Event.BootFailed(age, "Port 8080 was already in use");
			case 11 -> seldom(10) ? Event.Signal.PAUSE : Event.Signal.DESCRIBE;
			case 12 -> seldom(4) ? Event.Signal.REPLACE : new Event.ReplacementFailed("has ended with exit code 3");
			case 13 -> seldom(20) ? new Event.SuccessorReady() : usualEvent();
			case 14 -> seldom(200) ? Event.Signal.STOP : usualEvent();
			case 15 -> seldom(200) ? Event.Signal.STOP_FAST : usualEvent();
			case 16 -> new Event.Recorded(age, "/incidents/" + age);
			case 17 -> ready(process);
			default -> exit(process);
		};
	}

	/**
	 * An operation that an operator or a client of a worker requests.
	 */
	private Event asked(long age) {
		int number = this.random.nextInt(9) - 1;
		Operation operation = switch (this.random.nextInt(10)) {
			case 0, 1 -> new Operation.Scale(seldom(10) ? this.random.nextInt() : number, this.random.nextBoolean());
			case 2 -> new Operation.Reload(true, seldom(2) ? "abc" : "");
			case 3 -> new Operation.Reload(false, seldom(2) ? "abc" : "");
			case 4, 5 -> new Operation.Recycle(number, this.random.nextBoolean());
			case 6 -> new Operation.Dump(number);
			case 7 -> seldom(5) ? new Operation.Pause(this.random.nextBoolean()) : new Operation.Dump(number);
			case 8 -> new Operation.Resume(this.random.nextBoolean());
			default -> seldom(100) ? new Operation.Stop(this.random.nextBoolean()) : new Operation.Dump(number);
		};
		return new Event.Requested(new Requester(this.random.nextBoolean() ? age : -1, ++this.requests), operation);
	}

	private boolean seldom(int times) {
		return this.random.nextInt(times) == 0;
	}

	/**
	 * The events of a healthy fleet: workers become ready, end on request, and time
	 * passes.
	 */
	private Event usualEvent() {
		for (SimulatedBooks.Process process : this.books.living()) {
			if (process.isToEnd() && this.random.nextInt(4) == 0) {
				return exit(process);
			}
			if (!process.booted && this.random.nextInt(3) == 0) {
				return ready(process);
			}
		}
		this.now += seldom(20) ? this.random.nextLong(Duration.ofSeconds(30).toNanos())
				: this.random.nextLong(Duration.ofSeconds(1).toNanos());
		return tick(10);
	}

	/**
	 * A tick at which one in so many workers, about, has no heartbeat.
	 */
	private Event tick(int silent) {
		Map<Long, Event.Heartbeat> beats = new HashMap<>();
		for (SimulatedBooks.Process process : this.books.living()) {
			if (silent == 0 || !seldom(silent)) {
				this.heartbeats.merge(process.age(), 1L, Long::sum);
			}
			beats.put(process.age(),
					new Event.Heartbeat(this.heartbeats.getOrDefault(process.age(), 0L), "", this.random.nextDouble()));
		}
		this.heartbeats.keySet().retainAll(beats.keySet());
		return new Event.Tick(beats, this.random.nextInt(3) - 1);
	}

	private Event ready(SimulatedBooks.Process process) {
		ArbiterSettings settings = seldom(3) ? FleetSimulationTests.randomSettings(this.random) : null;
		return new Event.Ready(process.age(), Duration.ofMillis(this.random.nextInt(10_000)), settings);
	}

	/**
	 * An event about a worker that may not exist, or has ended long ago.
	 */
	private Event stray(long age) {
		if (this.books.lives(age)) {
			return Event.Signal.DESCRIBE;
		}
		return switch (this.random.nextInt(8)) {
			case 7 -> seldom(2) ? new Event.OnDisk(new ApplicationRelease("d".repeat(64), "app.jar", 1))
					: seldom(2) ? new Event.Dumped(age, "/incidents/stray")
							: new Event.Prepared((int) age, age, ApplicationRelease.AS_GIVEN, "");
			case 0 -> new Event.Ready(age, Duration.ZERO, null);
			case 1 -> new Event.Draining(age);
			case 2 -> FleetStory.exit(age, FleetStory.death(0));
			case 3 -> new Event.Recycle(age, "stray");
			case 4 -> new Event.BootFailed(age, "stray");
			case 5 -> new Event.Recorded(age, "/incidents/stray");
			default -> new Event.Spawned(age, 1);
		};
	}

	private Event exit(SimulatedBooks.Process process) {
		ExitCause[] causes = ExitCause.DEATHS.toArray(ExitCause[]::new);
		ExitCause cause = seldom(3) ? ExitCause.EXIT : causes[this.random.nextInt(causes.length)];
		Death death = new Death(cause, "died");
		int[] codes = (cause == ExitCause.SIGNAL) ? SIGNALLED : EXIT_CODES;
		return new Event.Exited(process.age(), death, codes[this.random.nextInt(codes.length)],
				this.random.nextBoolean());
	}

	private SimulatedBooks.Process anyLiving() {
		List<SimulatedBooks.Process> living = this.books.living();
		return living.get(this.random.nextInt(living.size()));
	}

	private void deliver(Event event) {
		this.tally.events++;
		this.now += this.random.nextInt(1000);
		this.books.note(event, this.now);
		FleetStateMachine.Transition transition = this.stateMachine.apply(this.state, event, this.now);
		this.state = transition.state();
		try {
			obey(transition.commands());
			this.books.check(this.now);
			if (event instanceof Event.Tick) {
				this.books.checkAfterTick(this.now);
			}
		}
		catch (RuntimeException | AssertionError ex) {
			throw new AssertionError(
					"%s after %s, answered with %s".formatted(ex.getMessage(), event, transition.commands()), ex);
		}
	}

	private void obey(List<Command> commands) {
		Set<Long> recording = new HashSet<>();
		Set<Long> dumping = new HashSet<>();
		boolean answered = false;
		for (Command command : commands) {
			this.books.note(command, this.now);
			if (command instanceof Command.Post && answered) {
				throw new AssertionError("answered before the report said so");
			}
			answered |= command instanceof Command.Reply;
			if (command instanceof Command.Spawn(Placement placement)) {
				// As in the arbiter, the outcome comes after all other commands
				this.undelivered.add(seldom(10) ? new Event.SpawnFailed(placement.age(), "no memory")
						: new Event.Spawned(placement.age(), placement.age() + 1000));
			}
			if (command instanceof Command.Prepare(int generation, long since, String wanted)) {
				prepare(generation, since, wanted);
			}
			if (command instanceof Command.Record(long age, Death _, boolean _) && !seldom(5)) {
				recording.add(age);
			}
			if (command instanceof Command.Dump(long age, String _) && !seldom(5)) {
				dumping.add(age);
			}
		}
		// A failed recording sends no event
		dumping.forEach((age) -> this.undelivered.add(new Event.Dumped(age, seldom(5) ? "" : "/incidents/" + age)));
		recording.forEach((age) -> this.undelivered.add(new Event.Recorded(age, "/incidents/" + age)));
	}

	/**
	 * End most preparations, some of them twice.
	 */
	private void prepare(int generation, long since, String wanted) {
		boolean unknown = !wanted.isEmpty() && this.random.nextBoolean();
		ApplicationRelease release = (unknown || seldom(3)) ? ApplicationRelease.AS_GIVEN
				: new ApplicationRelease(Integer.toHexString(this.random.nextInt(3)).repeat(64), "app.jar", 1);
		for (int times = (seldom(10) && !this.calm) ? 0 : seldom(10) ? 2 : 1; times > 0; times--) {
			this.undelivered.add(new Event.Prepared(generation, since, release, unknown ? "there is none such" : ""));
		}
	}

}
