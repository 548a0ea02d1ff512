package dev.tomcorn.peer;

import java.util.Map;

/**
 * A command that a worker answers to the other workers of its fleet only. Beans of this
 * type are detected.
 */
public interface PeerCommand {

	/**
	 * Return the command's name.
	 * @return the name, of letters, digits and hyphens
	 */
	String name();

	/**
	 * Answer. Called by threads of the peer channel, several at once.
	 * @param parameters the parameters of the command
	 * @return the answer, at most {@link Peers#MAX_ANSWER} bytes
	 * @throws IllegalArgumentException if the parameters are invalid; the other worker
	 * gets the message
	 * @throws Exception if there is no answer
	 */
	byte[] answer(Map<String, String> parameters) throws Exception;

}
