package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;

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
		this(threads, new LinkedBlockingQueue<>(capacity), Thread.ofPlatform().daemon().name(name).factory());
	}

	BackgroundThread(int threads, BlockingQueue<Runnable> pending, ThreadFactory factory) {
		this.executor = new ThreadPoolExecutor(threads, 1, IDLE_SECONDS, TimeUnit.SECONDS, pending, factory);
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
	 * @return whether it is pending or runs; {@code false} if it is dropped
	 */
	public boolean offer(Runnable task) {
		Task wanted = null;
		try {
			wanted = new Task(task);
			this.executor.execute(wanted);
			return true;
		}
		catch (RejectedExecutionException ex) {
			return false;
		}
		catch (RuntimeException | Error ex) {
			// No memory, or no thread can start: then it may be pending nevertheless
			return isPending(wanted);
		}
	}

	/**
	 * Return whether a task is in the queue or has been taken from it. One that is not
	 * never runs.
	 */
	private boolean isPending(@Nullable Task task) {
		return task != null && (this.executor.getQueue().contains(task) || !task.begin());
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

	/**
	 * A task that is begun once: by the thread that runs it, or by the caller who drops
	 * it.
	 */
	private static final class Task implements Runnable {

		private final Runnable task;

		private final AtomicBoolean begun = new AtomicBoolean();

		private Task(Runnable task) {
			this.task = task;
		}

		/**
		 * Return whether this call has begun it. Only the first one does.
		 */
		private boolean begin() {
			return this.begun.compareAndSet(false, true);
		}

		@Override
		public void run() {
			try {
				if (begin()) {
					this.task.run();
				}
			}
			catch (Throwable ex) {
				// If it was writing to the log, there is nowhere else to say so.
				// A task in Kotlin may also throw what Runnable does not declare
			}
		}

	}

}
