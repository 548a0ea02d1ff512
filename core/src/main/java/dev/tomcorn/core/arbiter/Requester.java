package dev.tomcorn.core.arbiter;

/**
 * Who has asked for an {@link Operation} and is to be answered.
 *
 * @param client the age of a worker that asks on behalf of somebody, or a negative number
 * for an operator's connection; 0 for nobody who waits
 * @param number the client's number of the request
 */
public record Requester(long client, long number) {

	/**
	 * Stands for an operator who does not wait for an answer.
	 */
	static final Requester NOBODY = new Requester(0, 0);

	boolean waits() {
		return this.client != NOBODY.client;
	}

}
