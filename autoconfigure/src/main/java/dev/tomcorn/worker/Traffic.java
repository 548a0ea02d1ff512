package dev.tomcorn.worker;

import java.time.Duration;

/**
 * The worker's connections, as far as its life begins and ends with them.
 */
public interface Traffic {

	/**
	 * Begin to take connections.
	 */
	void startAccepting();

	/**
	 * Take no more connections. Returns once none can be taken any more.
	 */
	void stopAccepting();

	/**
	 * See to the open connections of a worker that takes no more: tell their clients to
	 * open no further request, each in the way of its protocol, and close those that have
	 * carried nothing for a while. Must be called repeatedly, because a connection may
	 * change its protocol, or may be in use at the moment. Does not wait for anything.
	 * @param patience how long a connection may carry nothing
	 */
	void windDown(Duration patience);

	/**
	 * Take no more connections of the management port either, now that the application's
	 * have ended.
	 * @return how many of the management port's are open
	 */
	default int stopAcceptingManagement() {
		return 0;
	}

	/**
	 * Return how many requests in flight are event streams whose client connects again by
	 * itself when they end.
	 * @return the number of open event streams
	 */
	int eventStreams();

	/**
	 * End the event streams.
	 */
	void endEventStreams();

	/**
	 * Let asynchronous requests time out now: event streams, and requests that have no
	 * answer yet, so that their clients get one. An answer that was sent in part is left
	 * alone, since its end would make the part look like the whole.
	 * @return how many time out
	 */
	int timeOutAsynchronous();

}
