package dev.tomcorn.core.arbiter;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The supervising process's one loop: take the next event, ask the state machine, carry
 * out its commands. The thread in {@link #run()} owns all state; other threads submit
 * events.
 */
public final class Arbiter {

	private static final Duration TICK = Duration.ofMillis(200);

	private static final Duration TELL_INTERVAL = Duration.ofMinutes(1);

	private static final int MAX_TOLD = 100;

	private final FleetStateMachine stateMachine;

	private final Fleet fleet;

	private final FleetListener listener;

	private final ServiceManager serviceManager;

	private final ArbiterLog log;

	private final RunClock clock;

	private Map<Long, Long> posted = Map.of();

	private final Map<String, Long> told = new LinkedHashMap<>() {

		@Override
		protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
			return size() > MAX_TOLD;
		}

	};

	private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

	/**
	 * Create the arbiter of a fleet that has no workers yet.
	 * @param settings the settings of the first generation
	 * @param replacesAnother whether this arbiter replaces another one
	 * @param keepsReleases whether the arbiter keeps a copy of what a generation starts
	 * from
	 * @param boots how many workers may boot at the same time
	 * @param fleet what can be done to the workers
	 * @param listener receives events; must not block
	 * @param serviceManager the service manager that supervises this process
	 * @param log log for the operator
	 * @param nanoTime the clock, such as {@link System#nanoTime()}
	 */
	public Arbiter(ArbiterSettings settings, boolean replacesAnother, boolean keepsReleases, BootPolicy boots,
			Fleet fleet, FleetListener listener, ServiceManager serviceManager, ArbiterLog log, LongSupplier nanoTime) {
		this.stateMachine = new FleetStateMachine(settings, replacesAnother, keepsReleases, boots);
		this.fleet = fleet;
		this.listener = listener;
		this.serviceManager = serviceManager;
		this.log = log;
		this.clock = new RunClock(nanoTime);
	}

	/**
	 * Submit an event to the arbiter. Never blocks; safe from any thread.
	 * @param event the event
	 */
	public void submit(Event event) {
		this.events.add(event);
	}

	/**
	 * Supervise the fleet until it halts.
	 * @return the exit code of the arbiter's process
	 * @throws InterruptedException if the thread is interrupted
	 */
	public int run() throws InterruptedException {
		FleetStateMachine.Transition transition = this.stateMachine.start(this.clock.now());
		long nextTick = this.clock.now();
		while (true) {
			FleetState state = transition.state();
			Deque<Event> followUps = new ArrayDeque<>();
			for (Command command : transition.commands()) {
				if (command instanceof Command.Halt(int exitCode)) {
					turn(transition);
					return exitCode;
				}
				attempt(command, followUps);
			}
			turn(transition);
			Event event = followUps.poll();
			this.events.addAll(followUps);
			if (event == null) {
				long wait = nextTick - this.clock.now();
				// A tick that is due comes first: a flood of events must not stop
				// supervision
				event = (wait > 0) ? this.events.poll(wait, TimeUnit.NANOSECONDS) : null;
			}
			if (event == null) {
				nextTick = this.clock.now() + TICK.toNanos();
				transition = next(state, () -> new Event.Tick(this.fleet.heartbeats(), this.fleet.queued()));
			}
			else {
				Event taken = event;
				transition = next(state, () -> taken);
			}
		}
	}

	private void turn(FleetStateMachine.Transition transition) {
		try {
			this.serviceManager.turn(ServiceState.of(transition, this.clock.now()));
		}
		catch (Exception | Error ex) {
			tell("Cannot report the state of the fleet to systemd", ex);
		}
	}

	/**
	 * Return the next state. An event that fails, for example because a class cannot be
	 * loaded, leaves the state unchanged.
	 */
	private FleetStateMachine.Transition next(FleetState state, Supplier<Event> event) {
		try {
			return this.stateMachine.apply(state, event.get(), this.clock.now());
		}
		catch (Exception | Error ex) {
			tell("An event could not be handled, the arbiter goes on with the state before it", ex);
			return new FleetStateMachine.Transition(state, List.of());
		}
	}

	/**
	 * Log a failure at most once a minute, because it may happen at every tick.
	 */
	private void tell(String what, Throwable failure) {
		long now = this.clock.now();
		Long before = this.told.get(what);
		if (before == null || now - before >= TELL_INTERVAL.toNanos()) {
			this.told.put(what, now);
			this.log.log(Command.Level.ERROR, what + ": " + failure);
		}
	}

	/**
	 * A command that fails, for example without a thread or memory, must not end the
	 * arbiter. Deadlines and the next ticks make up for it.
	 */
	private void attempt(Command command, Deque<Event> followUps) {
		try {
			carryOut(command, followUps);
		}
		catch (Exception | Error ex) {
			tell("Cannot carry out " + command, ex);
		}
	}

	private void carryOut(Command command, Deque<Event> followUps) {
		switch (command) {
			case Command.Spawn(Placement placement) -> followUps.add(spawn(placement));
			case Command.Announce(Command.Level level, String message) -> this.log.log(level, message);
			case Command.Describe(long age, String label) ->
				this.log.log(Command.Level.INFO, label + ": " + this.fleet.describe(age));
			case Command.Post(FleetReport report) -> post(report);
			case Command.OfFleet ofFleet -> this.fleet.carryOut(ofFleet);
			case Command.RefuseReload(String reason) -> this.serviceManager.refused(reason);
			case Command.Notify(FleetEvent event) -> this.listener.onFleetEvent(event);
			case Command.Halt halt -> throw new IllegalStateException("Cannot be carried out as a command: " + halt);
		}
	}

	/**
	 * Post the report. A time that was posted keeps its value when the machine's clock
	 * jumps.
	 */
	private void post(FleetReport report) {
		long offset = System.currentTimeMillis() - TimeUnit.NANOSECONDS.toMillis(this.clock.now());
		Map<Long, Long> before = this.posted;
		Map<Long, Long> now = new HashMap<>();
		this.fleet.carryOut(new Command.Post(report.at((time) -> {
			long posted = before.getOrDefault(time, offset + TimeUnit.NANOSECONDS.toMillis(time));
			now.put(time, posted);
			return posted;
		})));
		this.posted = now;
	}

	private Event spawn(Placement placement) {
		try {
			return new Event.Spawned(placement.age(), this.fleet.spawn(placement));
		}
		catch (IOException ex) {
			return new Event.SpawnFailed(placement.age(), String.valueOf(ex.getMessage()));
		}
		catch (RuntimeException | Error ex) {
			return new Event.SpawnFailed(placement.age(), ex.toString());
		}
	}

}
