package dev.tomcorn.core.arbiter;

/**
 * The answer to an {@link Operation}.
 *
 * @param outcome how it went
 * @param message the same in words
 */
public record Answer(Outcome outcome, String message) {

	/**
	 * How an operation went.
	 */
	public enum Outcome {

		/** The operation is done. */
		SUCCEEDED,

		/** The operation has begun and goes on. */
		STARTED,

		/** The arbiter refuses it for now, or it went wrong. */
		FAILED,

		/** The request is invalid. */
		INVALID,

		/** There is no such worker. */
		UNKNOWN;

		/**
		 * Return whether the operation was not refused and has not gone wrong.
		 * @return whether it is done or goes on
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
