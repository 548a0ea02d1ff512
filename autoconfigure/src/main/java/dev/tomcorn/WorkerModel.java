package dev.tomcorn;

import org.apache.coyote.http11.AbstractHttp11Protocol;

/**
 * A worker class: how one worker runs requests. {@code tomcorn.worker-class} takes the
 * name of a class that implements this interface, with a constructor without parameters
 * or with what Spring can inject, or the name of a bean that does.
 */
public interface WorkerModel {

	/**
	 * Return the name that endpoint and logs show.
	 * @return the name
	 */
	String name();

	/**
	 * Return how many requests one worker runs at once. A request beyond them waits, and
	 * no new connection is taken meanwhile.
	 * @return the number of requests, 1 or more
	 */
	int concurrency();

	/**
	 * Return whether a connection may carry more than one request.
	 * @return whether connections are kept alive
	 */
	default boolean keepAlive() {
		return true;
	}

	/**
	 * Return whether requests run on the JDK's virtual threads. A worker whose virtual
	 * threads no longer get to run is then taken for frozen.
	 * @return whether to watch over the scheduler of virtual threads
	 */
	default boolean virtualThreads() {
		return false;
	}

	/**
	 * Set up what runs the requests, usually by giving the protocol an executor or a
	 * number of threads.
	 * @param protocol the protocol of the application's connector, not yet initialized
	 */
	void configure(AbstractHttp11Protocol<?> protocol);

}
