package dev.tomcorn.leader;

import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

import dev.tomcorn.core.scoreboard.FleetLocks;
import dev.tomcorn.worker.WorkerProcess;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The jobs that an application runs at its start. A reload counts as a start. The boot of
 * a replacement or an additional worker does not.
 */
final class StartJobs {

	private static final Log logger = LogFactory.getLog(StartJobs.class);

	/**
	 * Exceptions of Spring Batch for a job that has run, or runs, with the same
	 * parameters.
	 */
	private static final Set<String> DONE = Set.of("JobInstanceAlreadyCompleteException",
			"JobExecutionAlreadyRunningException");

	private final WorkerProcess process;

	private final boolean once;

	/**
	 * Create the jobs.
	 * @param process the supervised worker
	 * @param once whether one worker of each generation runs them, instead of all
	 */
	StartJobs(WorkerProcess process, boolean once) {
		this.process = process;
		this.once = once;
	}

	/**
	 * The jobs, which may fail.
	 */
	@FunctionalInterface
	interface Jobs {

		@Nullable Object run() throws Throwable;

	}

	void run(Jobs jobs) throws Throwable {
		FleetLocks locks = this.process.locks();
		Path directory = this.process.runDirectory();
		if (!this.once || locks == null || directory == null) {
			runUnlessDone(jobs);
			return;
		}
		int generation = this.process.slot().generation();
		Path done = directory.resolve("jobs-%d.done".formatted(generation));
		FileLock turn = locks.tryAlone("jobs of " + done);
		try {
			if (turn == null || Files.exists(done)) {
				logger.info("Another worker of generation %d runs the Batch jobs of its start".formatted(generation));
				return;
			}
			runUnlessDone(jobs);
			remember(done);
		}
		finally {
			if (turn != null) {
				turn.release();
			}
		}
	}

	/**
	 * Run the jobs. The first worker fails like the application under plain Boot. For a
	 * later worker, a job that has run before is no failure: its arguments are the same,
	 * so it would fail at each attempt.
	 */
	private void runUnlessDone(Jobs jobs) throws Throwable {
		try {
			jobs.run();
		}
		catch (Exception ex) {
			boolean first = this.process.slot().age() <= 1 && !this.process.isServedElsewhere();
			if (first || !DONE.contains(ex.getClass().getSimpleName())) {
				throw ex;
			}
			logger.info("The Batch jobs of the start are not run again: " + ex.getMessage());
		}
	}

	private static void remember(Path done) {
		try {
			Files.createFile(done);
		}
		catch (IOException ex) {
			logger.warn("A replacement worker may run the Batch jobs again", ex);
		}
	}

}
