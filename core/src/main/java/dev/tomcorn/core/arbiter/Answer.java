package dev.tomcorn.core.arbiter;

/**
 * The answer to an {@link Operation}.
 *
 * @param outcome the outcome
 * @param message the outcome as a sentence
 */
public record Answer(Outcome outcome, String message) {

	/**
	 * The outcome of an operation.
	 */
	public enum Outcome {

		/** The operation is done. */
		SUCCEEDED,

		/** The operation is in progress. */
		STARTED,

		/** The arbiter refuses it for now, or it has failed. */
		FAILED,

		/** The request is invalid. */
		INVALID,

		/** There is no such worker. */
		UNKNOWN;

		/**
		 * Return whether the operation is done or in progress.
		 * @return whether it is
		 */
		public boolean isGood() {
			return this == SUCCEEDED || this == STARTED;
		}

	}

	static Answer succeeded(String message) {
		return new Answer(Outcome.SUCCEEDED, message);
	}

	static Answer started(String message) {
		return new Answer(Outcome.STARTED, message);
	}

	/**
	 * Return the answer to an operation that failed.
	 * @param message why
	 * @return the answer
	 */
	public static Answer failed(String message) {
		return new Answer(Outcome.FAILED, message);
	}

}
