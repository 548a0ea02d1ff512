package dev.tomcorn.it;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * Sends requests to a demo's management port.
 *
 * @param port the port
 */
record ManagementClient(int port) {

	private static final Duration TIMEOUT = DemoProcess.PATIENCE;

	/**
	 * Leaves CPU for the workers to boot.
	 */
	private static final Duration PAUSE = Duration.ofMillis(Boolean.getBoolean("chaos.full") ? 150 : 400);

	static ManagementClient of(DemoProcess app) {
		return new ManagementClient(Integer.parseInt(app.awaitLine("management on (?:\\S+ )?port (\\d+)").group(1)));
	}

	/**
	 * Send a request on a connection of its own.
	 */
	HttpConnection.Response get(String path) throws IOException {
		return exchange(HttpConnection.request("GET", path));
	}

	HttpConnection.Response post(String path, String json) throws IOException {
		return exchange(HttpConnection.request("POST", path, "Content-Type: application/json",
				"Content-Length: " + json.length()) + json);
	}

	private HttpConnection.Response exchange(String request) throws IOException {
		try (HttpConnection connection = new HttpConnection(this.port, TIMEOUT)) {
			connection.send(request);
			return connection.receive();
		}
	}

	/**
	 * Return the fleet.
	 */
	Fleet fleet() {
		try {
			return DemoProcess.fleet(get("/actuator/workers").body());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Poll like a monitor, until closed.
	 * @param keepAlive whether to keep the connection as long as the server does
	 */
	Poll poll(String path, boolean keepAlive) {
		return new Poll(path, keepAlive);
	}

	/**
	 * A monitor.
	 */
	final class Poll implements Closeable {

		private final String path;

		private final boolean keepAlive;

		private final List<String> failures = Collections.synchronizedList(new ArrayList<>());

		private final AtomicInteger answers = new AtomicInteger();

		private final Thread thread;

		private volatile boolean closed;

		private Poll(String path, boolean keepAlive) {
			this.path = path;
			this.keepAlive = keepAlive;
			this.thread = Thread.ofVirtual().start(this::run);
		}

		private void run() {
			HttpConnection connection = null;
			while (!this.closed) {
				try {
					connection = ask(connection);
					LockSupport.parkNanos(PAUSE.toNanos());
				}
				catch (IOException ex) {
					this.failures.add(ex.toString());
					if (connection != null) {
						connection.close();
					}
					connection = null;
				}
			}
			if (connection != null) {
				connection.close();
			}
		}

		private @Nullable HttpConnection ask(@Nullable HttpConnection kept) throws IOException {
			HttpConnection connection = kept;
			if (connection == null || connection.isLate()) {
				if (connection != null) {
					connection.close();
				}
				connection = new HttpConnection(port(), TIMEOUT);
			}
			HttpConnection.Response response = connection.get(this.path);
			if (response.status() == 200) {
				this.answers.incrementAndGet();
			}
			else {
				this.failures.add(response.status() + " " + response.body());
			}
			if (this.keepAlive && !response.closes()) {
				return connection;
			}
			connection.close();
			return null;
		}

		int answers() {
			return this.answers.get();
		}

		List<String> failures() {
			return List.copyOf(this.failures);
		}

		@Override
		public void close() {
			this.closed = true;
			try {
				this.thread.join();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

		@Override
		public String toString() {
			return "%d answers, failures %s".formatted(answers(), failures());
		}

	}

}
