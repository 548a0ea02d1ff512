package dev.tomcorn.tomcat;

/**
 * What a worker's acceptor waits at before it takes a connection.
 */
interface Gate {

	/**
	 * Wait for this worker's turn. Called by the acceptor's thread only.
	 * @param beforeLook brings the worker's busy count up to date
	 * @return whether to take a connection; {@code false} once the gate is closed
	 */
	boolean awaitTurn(Runnable beforeLook);

	/**
	 * A connection was taken. Called by the acceptor's thread only.
	 */
	void taken();

	/**
	 * Let everything through until the gate is closed: no other worker takes what is
	 * left.
	 */
	void lastCall();

	void close();

	boolean isClosed();

	/**
	 * Look again: a request has ended, or a connection was closed.
	 */
	void changed();

}
