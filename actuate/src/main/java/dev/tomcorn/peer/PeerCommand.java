package dev.tomcorn.peer;

import java.util.Map;

/**
 * Something that a worker answers to the other workers of its fleet, and to nobody else.
 * Beans of this type are found by themselves.
 */
public interface PeerCommand {

	/**
	 * Return what it is asked for by.
	 * @return the name, of letters, digits and hyphens
	 */
	String name();

	/**
	 * Answer. Called by threads of the peer channel, several at once.
	 * @param parameters what the other worker wants to know
	 * @return the answer, at most {@link Peers#MAX_ANSWER} bytes
	 * @throws IllegalArgumentException if the parameters make no sense; the other worker
	 * is told the message
	 * @throws Exception if there is no answer
	 */
	byte[] answer(Map<String, String> parameters) throws Exception;

}
