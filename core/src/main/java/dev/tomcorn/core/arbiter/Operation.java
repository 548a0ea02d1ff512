package dev.tomcorn.core.arbiter;

/**
 * An operation that an operator requests from the arbiter, by a shell command or through
 * a worker. Each gets an answer.
 */
public sealed interface Operation {

	/**
	 * Change the number of workers.
	 *
	 * @param workers target number of workers
	 * @param awaitEnd whether to answer only when the operation has ended
	 */
	record Scale(int workers, boolean awaitEnd) implements Operation {
	}

	/**
	 * Start a new generation of workers.
	 *
	 * @param awaitEnd whether to answer only when the operation has ended
	 * @param release first digits of the key of a kept release, or empty for the files on
	 * disk
	 */
	record Reload(boolean awaitEnd, String release) implements Operation {

		/**
		 * Create a reload from the files on disk.
		 * @param awaitEnd whether to answer only when the operation has ended
		 */
		public Reload(boolean awaitEnd) {
			this(awaitEnd, "");
		}

	}

	/**
	 * Replace a worker by a new one of the same generation.
	 *
	 * @param index its index
	 * @param awaitEnd whether to answer only when the operation has ended
	 */
	record Recycle(int index, boolean awaitEnd) implements Operation {
	}

	/**
	 * Record the diagnostics of a worker, which goes on.
	 *
	 * @param index its index
	 */
	record Dump(int index) implements Operation {
	}

	/**
	 * Drain and end every worker. The arbiter goes on, and clients wait.
	 *
	 * @param awaitEnd whether to answer only when the operation has ended
	 */
	record Pause(boolean awaitEnd) implements Operation {
	}

	/**
	 * Run as many workers again as before the pause.
	 *
	 * @param awaitEnd whether to answer only when the operation has ended
	 */
	record Resume(boolean awaitEnd) implements Operation {
	}

	/**
	 * End the whole fleet.
	 *
	 * @param fast whether to end without waiting for requests in flight; a second request
	 * kills the workers
	 */
	record Stop(boolean fast) implements Operation {
	}

}
