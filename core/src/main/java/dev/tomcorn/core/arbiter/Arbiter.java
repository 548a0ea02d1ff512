package dev.tomcorn.core.arbiter;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The supervising process's one loop: take the next event, ask the state machine, carry
 * out its commands. The thread in {@link #run()} owns all state; everybody else submits
 * events.
 */
public final class Arbiter {

	private static final Duration TICK = Duration.ofMillis(200);

	private final FleetStateMachine stateMachine;

	private final Fleet fleet;

	private final ArbiterLog log;

	private final RunClock clock;

	private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

	public Arbiter(ArbiterSettings settings, Fleet fleet, ArbiterLog log, LongSupplier nanoTime) {
		this.stateMachine = new FleetStateMachine(settings);
		this.fleet = fleet;
		this.log = log;
		this.clock = new RunClock(nanoTime);
	}

	/**
	 * Tell the arbiter that something happened. Never blocks; safe from any thread.
	 * @param event what happened
	 */
	public void submit(Event event) {
		this.events.add(event);
	}

	/**
	 * Supervise until told to end.
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
					return exitCode;
				}
				carryOut(command, followUps);
			}
			Event event = followUps.poll();
			this.events.addAll(followUps);
			if (event == null) {
				long wait = nextTick - this.clock.now();
				// A tick that is due comes first: a flood of events must not stop
				// supervision
				event = (wait > 0) ? this.events.poll(wait, TimeUnit.NANOSECONDS) : null;
			}
			if (event == null) {
				event = new Event.Tick(this.fleet.heartbeats());
				nextTick = this.clock.now() + TICK.toNanos();
			}
			transition = this.stateMachine.apply(state, event, this.clock.now());
		}
	}

	private void carryOut(Command command, Deque<Event> followUps) {
		switch (command) {
			case Command.Spawn(Placement placement) -> followUps.add(spawn(placement));
			case Command.Stop(long age, Duration gracefulTimeout) -> this.fleet.stop(age, gracefulTimeout);
			case Command.Kill(long age) -> this.fleet.kill(age);
			case Command.Release(long age) -> this.fleet.release(age);
			case Command.Announce(Command.Level level, String message) -> this.log.log(level, message);
			case Command.Publish(int generation, int targetWorkers) -> this.fleet.publish(generation, targetWorkers);
			case Command.Halt halt -> throw new IllegalStateException("Not a command to carry out: " + halt);
		}
	}

	private Event spawn(Placement placement) {
		try {
			return new Event.Spawned(placement.age(), this.fleet.spawn(placement));
		}
		catch (IOException | RuntimeException | OutOfMemoryError ex) {
			return new Event.SpawnFailed(placement.age(), String.valueOf(ex.getMessage()));
		}
	}

}
