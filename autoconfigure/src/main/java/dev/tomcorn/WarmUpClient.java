package dev.tomcorn;

import java.util.Map;
import java.util.concurrent.CancellationException;

/**
 * Sends GET requests to the application in this worker, through Tomcat's valves, the
 * filters and the {@code DispatcherServlet}, without a connection. May be used by several
 * threads. No more requests run at once than the worker class allows; others wait.
 */
public interface WarmUpClient {

	/**
	 * Send a request and wait for the end of its response.
	 * @param path path within the application, with its query string if there is one,
	 * encoded as in a URL
	 * @return the status of the answer
	 * @throws InterruptedException if the thread is interrupted meanwhile
	 * @throws CancellationException if the warm-up has been given up or the worker ends
	 * @throws IllegalArgumentException if the path does not begin with {@code /}
	 */
	default int get(String path) throws InterruptedException {
		return get(path, Map.of());
	}

	/**
	 * Send a request with headers and wait for the end of its response.
	 * @param path path within the application, with its query string if there is one,
	 * encoded as in a URL
	 * @param headers names and values of headers
	 * @return the status of the answer
	 * @throws InterruptedException if the thread is interrupted meanwhile
	 * @throws CancellationException if the warm-up has been given up or the worker ends
	 * @throws IllegalArgumentException if the path does not begin with {@code /}
	 */
	int get(String path, Map<String, String> headers) throws InterruptedException;

}
