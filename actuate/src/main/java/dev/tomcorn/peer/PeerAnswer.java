package dev.tomcorn.peer;

/**
 * The result of a command to another worker.
 */
public sealed interface PeerAnswer {

	/**
	 * Return the worker that was asked.
	 * @return the worker
	 */
	Peer peer();

	/**
	 * The worker has answered.
	 *
	 * @param peer the worker
	 * @param body its answer
	 */
	record Answered(Peer peer, byte[] body) implements PeerAnswer {
	}

	/**
	 * The worker has not answered.
	 *
	 * @param peer the worker
	 * @param reason why
	 */
	record Missing(Peer peer, String reason) implements PeerAnswer {
	}

	/**
	 * The worker refuses: the parameters are invalid.
	 *
	 * @param peer the worker
	 * @param message its reason
	 */
	record Refused(Peer peer, String message) implements PeerAnswer {
	}

}
