package dev.tomcorn.core.arbiter;

/**
 * What has become of an {@link Operation}.
 *
 * @param outcome how it went
 * @param message the same in words
 */
public record Answer(Outcome outcome, String message) {

	/**
	 * How an operation went.
	 */
	public enum Outcome {

		/** It is done. */
		SUCCEEDED,

		/** It was begun and goes on. */
		STARTED,

		/** It was refused as things are, or it went wrong. */
		FAILED,

		/** It can never be done like this. */
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
	 * Return the answer to what cannot be done as things are.
	 * @param message why
	 * @return the answer
	 */
	public static Answer failed(String message) {
		return new Answer(Outcome.FAILED, message);
	}

}
