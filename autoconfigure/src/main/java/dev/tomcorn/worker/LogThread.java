package dev.tomcorn.worker;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Writes to the log for threads that must not wait for it, such as that of the heartbeat.
 * A log may hang with its output, or in a deadlock. Order is kept. A few entries wait
 * while no thread can start or the log hangs. Further ones are dropped.
 */
public final class LogThread implements Executor {

	private static final int MOST_WAITING = 100;

	private static final long IDLE_SECONDS = 1;

	private final ThreadPoolExecutor executor;

	/**
	 * Create it, without a thread as long as there is nothing to write.
	 * @param name name of the thread
	 */
	public LogThread(String name) {
		this.executor = new ThreadPoolExecutor(0, 1, IDLE_SECONDS, TimeUnit.SECONDS,
				new LinkedBlockingQueue<>(MOST_WAITING), Thread.ofPlatform().daemon().name(name).factory(),
				new ThreadPoolExecutor.DiscardPolicy());
	}

	/**
	 * Write, some time later. Returns at once and does not fail.
	 * @param writing writes to the log
	 */
	@Override
	public void execute(Runnable writing) {
		try {
			this.executor.execute(() -> write(writing));
		}
		catch (RuntimeException | Error ex) {
			// No thread can start, and there is nowhere to say so
		}
	}

	private static void write(Runnable writing) {
		try {
			writing.run();
		}
		catch (RuntimeException | Error ex) {
			// The log fails, and there is nowhere else to say so
		}
	}

}
