package dev.tomcorn.tomcat;

/**
 * Decides when a worker's acceptor takes a connection.
 */
interface Gate {

	/**
	 * Wait for this worker's turn. Called by the acceptor's thread only.
	 * @param beforeLook brings the worker's busy count up to date
	 * @return whether to take a connection; {@code false} once the gate is closed
	 */
	boolean awaitTurn(Runnable beforeLook);

	/**
	 * The acceptor has taken a connection. Called by its thread only.
	 */
	void taken();

	/**
	 * Let every connection through until the gate is closed: no other worker takes the
	 * rest.
	 */
	void lastCall();

	void close();

	boolean isClosed();

	/**
	 * Decide again: a request has ended, or a connection was closed.
	 */
	void changed();

}
