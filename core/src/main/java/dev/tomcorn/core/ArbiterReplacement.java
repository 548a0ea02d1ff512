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
 * The replacement of one arbiter by another, from both sides.
 */
final class ArbiterReplacement implements AutoCloseable {

	/**
	 * Time for an abandoned successor to drain its workers.
	 */
	private static final Duration STOP_LIMIT = Duration.ofMinutes(2);

	private static final Duration RETRY_INTERVAL = Duration.ofMillis(500);

	/**
	 * Time without an answer of the predecessor until the operator is warned.
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
	 * The token of the predecessor. Used by the thread that takes over.
	 */
	private String token = "";

	private volatile @Nullable Process successor;

	/**
	 * An abandoned successor.
	 */
	private @Nullable Process stopped;

	/**
	 * Create the replacement logic of an arbiter.
	 * @param predecessor the arbiter that it replaces, if any
	 * @param self how its successor will reach it
	 * @param plan how the successor is started
	 * @param takingOver runs before the predecessor is notified
	 * @param events takes the failure of a successor
	 * @param log the log
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
	 * Mark, before the first worker starts, that the workers of the predecessor serve
	 * until all new ones do.
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
		// The exit of a stopped successor is expected
		if (process.equals(this.successor)) {
			failed("has ended with exit code " + process.exitValue());
		}
	}

	private void failed(String reason) {
		this.events.accept(new Event.ReplacementFailed(reason));
	}

	/**
	 * Return how a successor reaches this arbiter.
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
	 * Notify the predecessor, without waiting. A frozen one is notified again until it
	 * answers. Its workers serve beside those of this arbiter until then.
	 * @param whenTold runs once it has answered, or has ended
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
	 * Workers that boot or drain must not report health for the application while those
	 * of another arbiter serve.
	 */
	private static void mark(Predecessor arbiter) {
		try {
			Files.createFile(WorkerIdentity.servedElsewhereMark(arbiter.runDirectory()));
		}
		catch (IOException ex) {
			// Without the mark, they answer monitors for as long as they boot or drain
		}
	}

	private static void unmark(Predecessor arbiter) {
		try {
			Files.deleteIfExists(WorkerIdentity.servedElsewhereMark(arbiter.runDirectory()));
		}
		catch (IOException ex) {
			// Workers that serve report health anyway
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
