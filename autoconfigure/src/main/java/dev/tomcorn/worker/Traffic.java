package dev.tomcorn.worker;

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
	 * Tell the clients of open connections to open no further request on them.
	 */
	void announceClose();

}
