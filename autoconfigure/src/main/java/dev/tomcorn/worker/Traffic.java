package dev.tomcorn.worker;

import java.time.Duration;

/**
 * The worker's connections, as its lifecycle controls them.
 */
public interface Traffic {

	/**
	 * Start to take connections.
	 */
	void startAccepting();

	/**
	 * Stop taking connections. Returns once no more can be taken.
	 */
	void stopAccepting();

	/**
	 * Announce the close of the open connections, each as its protocol requires, and
	 * close those that have been idle for a while. Must be called repeatedly, because a
	 * connection may change its protocol or be in use. Does not block.
	 * @param patience how long a connection may be idle
	 */
	void windDown(Duration patience);

	/**
	 * Stop taking connections of the management port, too. Called when the application's
	 * connections have ended.
	 * @return how many connections of the management port are open
	 */
	default int stopAcceptingManagement() {
		return 0;
	}

	/**
	 * Return how many requests in flight are event streams that the client opens again
	 * when they end.
	 * @return the number of open event streams
	 */
	int eventStreams();

	/**
	 * End the event streams.
	 */
	void endEventStreams();

	/**
	 * Make asynchronous requests time out now: event streams, and requests without a
	 * response, so that their clients get one. A partly sent response is left alone,
	 * since ending it would make it look complete.
	 * @return how many time out
	 */
	int timeOutAsynchronous();

}
