package dev.tomcorn.core.arbiter;

/**
 * The client that requested an {@link Operation}.
 *
 * @param client the age of the worker that forwards the request, or a negative number for
 * an operator's connection; 0 if no client waits
 * @param number the client's number of the request
 */
public record Requester(long client, long number) {

	/**
	 * A requester that does not wait for an answer.
	 */
	static final Requester NOBODY = new Requester(0, 0);

	boolean waits() {
		return this.client != NOBODY.client;
	}

}
