package dev.tomcorn;

import org.apache.coyote.http11.AbstractHttp11Protocol;

/**
 * A worker class: how one worker runs requests. {@code tomcorn.worker-class} takes the
 * name of a class or of a bean that implements this interface. The class needs a
 * constructor without parameters or with parameters that Spring can inject.
 */
public interface WorkerModel {

	/**
	 * Return the name for the endpoint and the logs.
	 * @return the name
	 */
	String name();

	/**
	 * Return how many requests one worker runs at once. Further requests wait, and no new
	 * connection is taken meanwhile.
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
	 * threads no longer run then counts as frozen.
	 * @return whether to watch the scheduler of virtual threads
	 */
	default boolean virtualThreads() {
		return false;
	}

	/**
	 * Configure how requests run, usually by setting the executor or the number of
	 * threads of the protocol.
	 * @param protocol the protocol of the application's connector, not yet initialized
	 */
	void configure(AbstractHttp11Protocol<?> protocol);

}
