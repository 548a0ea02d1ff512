package dev.tomcorn.core.arbiter;

/**
 * Something that an operator wants the arbiter to do, and is answered: from a shell, or
 * through a worker.
 */
public sealed interface Operation {

	/**
	 * Change how many workers are to serve.
	 *
	 * @param workers how many
	 * @param awaitEnd whether the answer is to tell how that has ended
	 */
	record Scale(int workers, boolean awaitEnd) implements Operation {
	}

	/**
	 * Bring a new generation of workers.
	 *
	 * @param awaitEnd whether the answer is to tell how that has ended
	 * @param release the beginning of the key of a release that is kept, or empty for
	 * what is on disk
	 */
	record Reload(boolean awaitEnd, String release) implements Operation {

		/**
		 * Create a reload to what is on disk.
		 * @param awaitEnd whether the answer is to tell how that has ended
		 */
		public Reload(boolean awaitEnd) {
			this(awaitEnd, "");
		}

	}

	/**
	 * Replace a worker by a new one of the same generation.
	 *
	 * @param index its place
	 * @param awaitEnd whether the answer is to tell how that has ended
	 */
	record Recycle(int index, boolean awaitEnd) implements Operation {
	}

	/**
	 * Write down what is known about a worker, which lives on.
	 *
	 * @param index its place
	 */
	record Dump(int index) implements Operation {
	}

	/**
	 * Have every worker drain and end. The arbiter stays, and clients wait.
	 *
	 * @param awaitEnd whether the answer is to tell how that has ended
	 */
	record Pause(boolean awaitEnd) implements Operation {
	}

	/**
	 * Have as many workers run again as before a pause.
	 *
	 * @param awaitEnd whether the answer is to tell how that has ended
	 */
	record Resume(boolean awaitEnd) implements Operation {
	}

	/**
	 * End the whole fleet.
	 *
	 * @param fast whether requests in flight are not waited for; asked twice, workers are
	 * killed
	 */
	record Stop(boolean fast) implements Operation {
	}

}
