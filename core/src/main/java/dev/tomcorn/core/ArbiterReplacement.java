package dev.tomcorn.core;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import dev.tomcorn.core.arbiter.ArbiterLog;
import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.control.ControlClient;
import dev.tomcorn.core.process.LaunchPlan;
import dev.tomcorn.core.process.Predecessor;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.scoreboard.Scoreboard;
import org.jspecify.annotations.Nullable;

/**
 * What ties an arbiter to the one it replaces and to the one that replaces it.
 */
final class ArbiterReplacement implements AutoCloseable {

	/**
	 * What a successor that is given up may take to drain its workers.
	 */
	private static final Duration STOP_LIMIT = Duration.ofMinutes(2);

	private static final Duration RETRY_INTERVAL = Duration.ofMillis(500);

	/**
	 * How long a predecessor may not answer before the operator is told.
	 */
	private static final Duration TELL_AFTER = Duration.ofSeconds(10);

	private static final String NOT_ANSWERING = "The previous arbiter (pid %d) does not answer. "
			+ "Its workers serve beside those of this one until it answers or is killed";

	private final @Nullable Predecessor predecessor;

	private final Predecessor self;

	private final LaunchPlan plan;

	private final Runnable takingOver;

	private final Consumer<Event> events;

	private final ArbiterLog log;

	/**
	 * What the predecessor wants to be shown. Used by the thread that tells it.
	 */
	private String token = "";

	private volatile @Nullable Process successor;

	/**
	 * A successor that was given up.
	 */
	private @Nullable Process stopped;

	/**
	 * Create the ties of an arbiter.
	 * @param predecessor the arbiter that it replaces, if any
	 * @param self how its successor will reach it
	 * @param plan how the successor is started
	 * @param takingOver runs before the predecessor is told
	 * @param events told when a successor fails
	 * @param log told when a predecessor does not answer
	 */
	ArbiterReplacement(@Nullable Predecessor predecessor, Predecessor self, LaunchPlan plan, Runnable takingOver,
			Consumer<Event> events, ArbiterLog log) {
		this.predecessor = predecessor;
		this.self = self;
		this.plan = plan;
		this.takingOver = takingOver;
		this.events = events;
		this.log = log;
	}

	/**
	 * Let the workers know, before there are any, that those of the predecessor serve
	 * until all of them do.
	 */
	void begin() {
		if (this.predecessor != null) {
			mark(this.self);
		}
	}

	/**
	 * Start the successor.
	 * @param optionIndexes the indexes that its workers must not use in their options
	 */
	void start(Collection<Integer> optionIndexes) {
		if (this.self.pid() == 1) {
			failed("cannot be started: this one is process 1, with which its container would end. Reload, or replace "
					+ "the container");
			return;
		}
		Process before = this.stopped;
		if (before != null && before.isAlive()) {
			failed("cannot be started: the one before has not ended yet");
			return;
		}
		try {
			Process process = this.plan.launchSuccessor(this.self, optionIndexes);
			this.successor = process;
			process.onExit().thenAccept(this::ended);
		}
		catch (IOException | RuntimeException | OutOfMemoryError | InternalError ex) {
			failed("could not be started: " + ex.getMessage());
		}
	}

	private void ended(Process process) {
		// One that was stopped is no news, and must not be taken for its successor
		if (process.equals(this.successor)) {
			failed("has ended with exit code " + process.exitValue());
		}
	}

	private void failed(String reason) {
		this.events.accept(new Event.ReplacementFailed(reason));
	}

	/**
	 * How a successor reaches this arbiter.
	 */
	Predecessor self() {
		return this.self;
	}

	/**
	 * Return the process id of the successor, 0 if there is none.
	 */
	long successorPid() {
		Process process = this.successor;
		return (process != null) ? process.pid() : 0;
	}

	/**
	 * End the successor.
	 * @param whenEnded runs once it has ended
	 */
	void stop(Runnable whenEnded) {
		Process process = this.successor;
		if (process != null) {
			this.successor = null;
			this.stopped = process;
			process.destroy();
			process.onExit().thenRun(whenEnded);
			process.onExit().orTimeout(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS).exceptionally((ex) -> {
				process.destroyForcibly();
				return process;
			});
		}
	}

	/**
	 * Tell the predecessor, without waiting for it. One that is frozen is told again
	 * until it answers: its workers serve beside those of this arbiter until then.
	 * @param whenTold runs once it knows, or has ended
	 */
	void takeOver(Runnable whenTold) {
		Predecessor before = this.predecessor;
		if (before != null) {
			Thread.ofPlatform().daemon().name("tomcorn-take-over").start(() -> {
				unmark(this.self);
				mark(before);
				this.takingOver.run();
				tell(before);
				whenTold.run();
				this.events.accept(new Event.PredecessorReleased());
			});
		}
	}

	private void tell(Predecessor before) {
		long start = System.nanoTime();
		boolean told = false;
		while (isAlive(before) && !answers(before)) {
			if (!told && System.nanoTime() - start >= TELL_AFTER.toNanos()) {
				told = true;
				this.log.log(Level.WARN, NOT_ANSWERING.formatted(before.pid()));
			}
			LockSupport.parkNanos(RETRY_INTERVAL.toNanos());
		}
	}

	/**
	 * Workers that load the application or drain are not to speak for it while those of
	 * another arbiter serve.
	 */
	private static void mark(Predecessor arbiter) {
		try {
			Files.createFile(WorkerIdentity.servedElsewhereMark(arbiter.runDirectory()));
		}
		catch (IOException ex) {
			// They only ever do so in answer to monitors, for as long as they load or
			// drain
		}
	}

	private static void unmark(Predecessor arbiter) {
		try {
			Files.deleteIfExists(WorkerIdentity.servedElsewhereMark(arbiter.runDirectory()));
		}
		catch (IOException ex) {
			// Those that serve speak for the application anyway
		}
	}

	private static boolean isAlive(Predecessor before) {
		return ProcessHandle.of(before.pid()).filter(ProcessHandle::isAlive).isPresent();
	}

	private boolean answers(Predecessor before) {
		try {
			if (this.token.isEmpty()) {
				this.token = before.token().isEmpty()
						? Scoreboard.open(WorkerIdentity.scoreboard(before.runDirectory()), before.pid()).token()
						: before.token();
			}
			return ControlClient.takeOver(WorkerIdentity.controlSocket(before.runDirectory()), this.token);
		}
		catch (IOException | OutOfMemoryError ex) {
			return false;
		}
	}

	@Override
	public void close() {
		this.successor = null;
	}

}
