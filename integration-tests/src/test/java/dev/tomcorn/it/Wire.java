package dev.tomcorn.it;

import java.io.Closeable;
import java.io.IOException;
import java.net.ProtocolException;

/**
 * A connection of the mixed load. It repeats nothing and hides nothing, so that each
 * request has one outcome.
 */
interface Wire extends Closeable {

	/**
	 * Send a request and wait for its answer.
	 * @throws NotSentException if nothing was sent, because the server has announced the
	 * end of the connection meanwhile
	 */
	Reply call(Call call) throws IOException;

	/**
	 * Return whether a further request may be sent, as far as the server has announced.
	 * @throws ProtocolException if the server has sent an unexpected message
	 */
	boolean usable() throws ProtocolException;

	/**
	 * Return the process that has answered on this connection, 0 if none has yet.
	 */
	long server();

	@Override
	void close();

	/**
	 * An answer.
	 *
	 * @param status its status code
	 * @param body its body
	 */
	record Reply(int status, String body) {

		private static final String PID = "\"pid\":";

		/**
		 * Return the process that reports to have served the request, 0 if none does.
		 */
		long server() {
			int begin = this.body.indexOf(PID);
			if (begin < 0) {
				return 0;
			}
			begin += PID.length();
			int end = begin;
			while (end < this.body.length() && Character.isDigit(this.body.charAt(end))) {
				end++;
			}
			return (end > begin) ? Long.parseLong(this.body, begin, end, 10) : 0;
		}

	}

	/**
	 * The request has not left the client.
	 */
	final class NotSentException extends IOException {

		private static final long serialVersionUID = 1L;

	}

}
