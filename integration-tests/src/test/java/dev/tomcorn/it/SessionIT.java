package dev.tomcorn.it;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import org.h2.tools.Server;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Sessions of an application with several workers: with Spring Session they do not depend
 * on a worker.
 */
@Order(1)
@EnabledIfSystemProperty(named = "chaos.full", matches = "true",
		disabledReason = "Boots an application of its own, with a database; part of the nightly profile")
class SessionIT {

	private static final JsonMapper JSON = new JsonMapper();

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	/**
	 * The user, and the worker that has served the request.
	 */
	record Visit(@Nullable String name, int worker, long pid) {
	}

	@Test
	void sessionInADatabaseOutlivesItsWorker() throws Exception {
		Server database = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
		String url = "jdbc:h2:tcp://127.0.0.1:%d/mem:sessions;DB_CLOSE_DELAY=-1".formatted(database.getPort());
		try {
			DemoProcess app = this.apps.start(Launch.sessions(2)
				.arguments("--spring.datasource.url=" + url, "--spring.datasource.username=sa")
				.arguments("--management.endpoints.web.exposure.include=health,workers,shutdown",
						"--management.endpoint.shutdown.access=unrestricted"));
			app.awaitWhole(2);
			HttpResponse<String> login = get(app, "/login?name=Ada", "");
			String cookie = login.headers().firstValue("Set-Cookie").orElseThrow().split(";")[0];
			long where = JSON.readValue(login.body(), Visit.class).pid();
			Map<String, Set<Long>> seen = new TreeMap<>();
			seen.put("1 after login", awaitVisits(app, cookie, Set.of(), 2));

			Processes.signal("KILL", where);
			await("end of the worker").atMost(DemoProcess.PATIENCE).until(() -> Processes.gone(where));
			seen.put("2 after kill -9 of the worker of the login", awaitVisits(app, cookie, Set.of(where), 2));

			Figures.print("session: workers that knew it %s; %d session(s) in the database", seen, sessions(url));
			assertThat(sessions(url)).as("sessions in the database").isEqualTo(1);
			assertThat(app.lines("HTTP session was created")).as("warnings").isEmpty();
			assertThat(app.lines("has a database of its own")).as("warnings").isEmpty();
			shutdownEndpointOfAWorkerEndsTheFleet(app);
		}
		finally {
			database.stop();
		}
	}

	private static void shutdownEndpointOfAWorkerEndsTheFleet(DemoProcess app) throws IOException {
		try (HttpConnection connection = new HttpConnection(app.port(), DemoProcess.PATIENCE)) {
			connection.send(HttpConnection.request("POST", "/actuator/shutdown", "Content-Length: 0"));
			assertThat(connection.receive().body()).contains("Shutting down, bye...");
		}
		assertThat(app.awaitExit()).isZero();
		assertThat(app.lines("ended unexpectedly")).as("deaths but that of kill -9").hasSize(1);
	}

	/**
	 * Send requests until a number of workers, none of those given, have known the
	 * session.
	 */
	private static Set<Long> awaitVisits(DemoProcess app, String cookie, Set<Long> others, int workers) {
		Set<Long> pids = new TreeSet<>();
		await("visits of %d workers".formatted(workers)).atMost(DemoProcess.PATIENCE).until(() -> {
			Visit visit = JSON.readValue(get(app, "/me", cookie).body(), Visit.class);
			assertThat(visit.name()).as("who worker %d sees", visit.worker()).isEqualTo("Ada");
			if (!others.contains(visit.pid())) {
				pids.add(visit.pid());
			}
			return pids.size() >= workers;
		});
		return pids;
	}

	/**
	 * Send a request on a connection of its own, so that any worker may answer.
	 */
	private static HttpResponse<String> get(DemoProcess app, String path, String cookie)
			throws IOException, InterruptedException {
		HttpRequest.Builder request = HttpRequest
			.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(app.port(), path)))
			.timeout(DemoProcess.PATIENCE);
		if (!cookie.isEmpty()) {
			request.header("Cookie", cookie);
		}
		try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
			HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
			assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
			return response;
		}
	}

	private static int sessions(String url) throws SQLException {
		try (Connection connection = DriverManager.getConnection(url, "sa", "");
				ResultSet result = connection.createStatement().executeQuery("select count(*) from SPRING_SESSION")) {
			result.next();
			return result.getInt(1);
		}
	}

}
