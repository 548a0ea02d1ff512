package dev.tomcorn.tomcat;

import java.io.IOException;

import dev.tomcorn.core.listener.SharedListener;

/**
 * Opens the listening sockets of a solo application, each time its web server starts.
 */
@FunctionalInterface
interface OwnListeners {

	/**
	 * Open the sockets.
	 * @return all sockets together
	 * @throws IOException if that is not possible
	 */
	SharedListener open() throws IOException;

}
