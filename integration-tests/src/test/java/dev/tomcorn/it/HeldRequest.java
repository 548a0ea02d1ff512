package dev.tomcorn.it;

import java.io.IOException;

/**
 * A request that is in flight for as long as a test needs: it does not send the last byte
 * of its body. The application needs an {@code /echo}, and a long timeout for its client.
 */
final class HeldRequest implements AutoCloseable {

	/**
	 * Tomcat waits 20 s for a body otherwise.
	 */
	static final String PATIENCE = "--server.tomcat.connection-timeout=" + DemoProcess.PATIENCE.toSeconds() + "s";

	private final HttpConnection connection;

	private final long begun;

	private HeldRequest(HttpConnection connection, long begun) {
		this.connection = connection;
		this.begun = begun;
	}

	static HeldRequest send(int port) throws IOException {
		long begun = System.nanoTime();
		HttpConnection connection = new HttpConnection(port, DemoProcess.PATIENCE);
		connection.send(
				HttpConnection.request("POST", "/echo", "Content-Type: application/octet-stream", "Content-Length: 1"));
		return new HeldRequest(connection, begun);
	}

	/**
	 * Let the application finish it.
	 */
	HeldRequest release() throws IOException {
		this.connection.send("x");
		return this;
	}

	/**
	 * Wait for its answer.
	 */
	Exchange answer() {
		try {
			return Exchange.answered(this.connection.receive(), null, this.begun);
		}
		catch (IOException ex) {
			return Exchange.failed(ex, null, this.begun);
		}
		finally {
			close();
		}
	}

	@Override
	public void close() {
		this.connection.close();
	}

}
