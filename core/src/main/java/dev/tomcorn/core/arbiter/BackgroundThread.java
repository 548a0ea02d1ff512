package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs tasks one after the other in a thread of its own, for callers that must not wait
 * for them: a log may hang with its output, a listener of the application may be slow.
 * Tasks beyond a limit are dropped, and exceptions of a task are ignored.
 */
public final class BackgroundThread implements Executor, AutoCloseable {

	private static final int FEW_TASKS = 100;

	private static final long IDLE_SECONDS = 1;

	/**
	 * Time for pending tasks when it closes.
	 */
	private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

	private final ThreadPoolExecutor executor;

	private BackgroundThread(String name, int threads, int capacity) {
		this.executor = new ThreadPoolExecutor(threads, 1, IDLE_SECONDS, TimeUnit.SECONDS,
				new LinkedBlockingQueue<>(capacity), Thread.ofPlatform().daemon().name(name).factory());
	}

	/**
	 * Start a thread that stays, so that tasks also run when no further thread can start.
	 * @param name name of the thread
	 * @param capacity most pending tasks
	 * @return the thread
	 */
	public static BackgroundThread started(String name, int capacity) {
		BackgroundThread thread = new BackgroundThread(name, 1, capacity);
		thread.executor.prestartAllCoreThreads();
		return thread;
	}

	/**
	 * Create one whose thread exists only while there are tasks. A hundred tasks may be
	 * pending.
	 * @param name name of the thread
	 * @return the thread
	 */
	public static BackgroundThread onDemand(String name) {
		return new BackgroundThread(name, 0, FEW_TASKS);
	}

	/**
	 * Run a task, some time later. Returns at once and does not fail.
	 * @param task the task
	 */
	@Override
	public void execute(Runnable task) {
		offer(task);
	}

	/**
	 * Run a task, some time later. Returns at once and does not fail.
	 * @param task the task
	 * @return whether there was room for it
	 */
	public boolean offer(Runnable task) {
		try {
			this.executor.execute(() -> run(task));
			return true;
		}
		catch (RejectedExecutionException ex) {
			return false;
		}
		catch (RuntimeException | Error ex) {
			// No thread can start; the task is pending
			return true;
		}
	}

	private static void run(Runnable task) {
		try {
			task.run();
		}
		catch (RuntimeException | Error ex) {
			// If it was writing to the log, there is nowhere else to say so
		}
	}

	/**
	 * Let the thread run the pending tasks, and wait for it for at most two seconds.
	 */
	@Override
	public void close() {
		this.executor.shutdown();
		try {
			this.executor.awaitTermination(CLOSE_LIMIT.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
