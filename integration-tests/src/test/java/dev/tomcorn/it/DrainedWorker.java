package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A worker about to be drained: the last one of a fleet of two, or an application without
 * an arbiter.
 *
 * @param app the application
 * @param fleet whether it is a fleet
 * @param tls the key, if the application uses TLS
 * @param pid the worker's process
 */
record DrainedWorker(DemoProcess app, boolean fleet, @Nullable TestTls tls, long pid) {

	private static final JsonMapper JSON = new JsonMapper();

	private static final String[] HTTP_1 = { "http/1.1" };

	private static final String[] HTTP_2 = { "h2" };

	private static final int ATTEMPTS = 40;

	/**
	 * Start the application that misbehaves on request.
	 */
	static DrainedWorker start(DemoApps apps, boolean fleet, @Nullable TestTls tls, String... arguments) {
		Launch launch = Launch.faults(fleet ? 2 : 1, "gevent").arguments(arguments);
		DemoProcess app = apps.start((tls != null) ? launch.arguments(tls.arguments()) : launch);
		DrainedWorker starting = new DrainedWorker(app, fleet, tls, 0);
		await("workers").atMost(DemoProcess.PATIENCE)
			.ignoreExceptionsMatching((ex) -> app.isAlive())
			.until(() -> starting.state().whole(fleet ? 2 : 1));
		return new DrainedWorker(app, fleet, tls, starting.state().worker(fleet ? 1 : 0).pid());
	}

	Fleet state() {
		try (HttpConnection connection = new HttpConnection(open(HTTP_1))) {
			return DemoProcess.fleet(connection.get("/actuator/workers").body());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Wait until the worker has a number of requests in flight, without this one.
	 */
	void awaitActive(int requests) {
		await("requests in flight").atMost(DemoProcess.PATIENCE)
			.until(() -> state().workers()
				.stream()
				.filter((worker) -> worker.pid() == this.pid)
				.anyMatch((worker) -> worker.activeRequests() >= requests + (this.fleet ? 0 : 1)));
	}

	/**
	 * Open connections to the worker. Connections to others stay open meanwhile, so that
	 * they do not get the next ones.
	 * @param connections how many
	 * @return the connections, each of which has had one answer
	 */
	List<HttpConnection> connect(int connections) {
		return all(connections, HTTP_1, HttpConnection::new, (connection) -> connection.get("/whoami").body());
	}

	List<Http2Connection> connectHttp2(int connections) {
		return all(connections, HTTP_2, (socket) -> new Http2Connection(socket, this.tls != null),
				(connection) -> connection.get("/whoami").get(DemoProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS));
	}

	private <T extends AutoCloseable> List<T> all(int wanted, String[] protocols, Action<Socket, T> wrap,
			Action<T, String> whoami) {
		List<T> found = new ArrayList<>();
		List<T> others = new ArrayList<>();
		try {
			for (int i = 0; found.size() < wanted && i < ATTEMPTS + 4 * wanted; i++) {
				T connection = wrap.on(open(protocols));
				JsonNode served = JSON.readTree(whoami.on(connection));
				((served.get("pid").longValue() == this.pid) ? found : others).add(connection);
			}
			for (T other : others) {
				other.close();
			}
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
		assertThat(found).as("connections to the worker").hasSize(wanted);
		return found;
	}

	private interface Action<S, T> {

		T on(S subject) throws Exception;

	}

	/**
	 * Open a connection to any worker without sending HTTP.
	 */
	Socket openSilently() throws IOException {
		return open(HTTP_1);
	}

	private Socket open(String[] protocols) throws IOException {
		Socket socket = HttpConnection.connect(this.app.port(), DemoProcess.PATIENCE);
		if (this.tls == null) {
			return socket;
		}
		SSLSocket secure = (SSLSocket) this.tls.context()
			.getSocketFactory()
			.createSocket(socket, "127.0.0.1", this.app.port(), true);
		SSLParameters parameters = secure.getSSLParameters();
		parameters.setApplicationProtocols(protocols);
		secure.setSSLParameters(parameters);
		secure.startHandshake();
		return secure;
	}

	URI uri(String scheme, String path) {
		return URI
			.create("%s%s://127.0.0.1:%d%s".formatted(scheme, (this.tls != null) ? "s" : "", this.app.port(), path));
	}

	/**
	 * Drain the worker.
	 */
	void drain() {
		this.app.signal(this.fleet ? "TTOU" : "TERM");
	}

	/**
	 * Wait until the worker takes no more connections.
	 */
	void awaitDraining() {
		await("begin of the drain").atMost(DemoProcess.PATIENCE)
			.pollInterval(Duration.ofMillis(50))
			.pollDelay(Duration.ZERO)
			.until(() -> this.fleet
					? state().workers().stream().noneMatch((worker) -> worker.pid() == this.pid && worker.ready())
					: !TcpTable.listening(this.app.port()));
	}

	/**
	 * Wait until its process has ended.
	 */
	void awaitEnd() {
		await("end of the worker").atMost(DemoProcess.PATIENCE)
			.until(() -> Processes.gone(this.pid) || !this.app.isAlive());
	}

	@Override
	public String toString() {
		return "%s%s".formatted(this.fleet ? "worker retired by TTOU" : "solo application at TERM",
				(this.tls != null) ? ", TLS" : "");
	}

}
