package dev.tomcorn.peer;

/**
 * What has become of a question to another worker.
 */
public sealed interface PeerAnswer {

	/**
	 * Return the worker that was asked.
	 * @return the worker
	 */
	Peer peer();

	/**
	 * It has answered.
	 *
	 * @param peer the worker
	 * @param body its answer
	 */
	record Answered(Peer peer, byte[] body) implements PeerAnswer {
	}

	/**
	 * It has not.
	 *
	 * @param peer the worker
	 * @param reason why, in words
	 */
	record Missing(Peer peer, String reason) implements PeerAnswer {
	}

	/**
	 * It refuses: the parameters make no sense to it.
	 *
	 * @param peer the worker
	 * @param message why, in its words
	 */
	record Refused(Peer peer, String message) implements PeerAnswer {
	}

}
