package dev.tomcorn.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A fleet behind nginx and HAProxy with the configuration of the documentation.
 */
class ReverseProxyIT {

	private static final int GOING_AWAY = 1001;

	private static final Duration CHAT_INTERVAL = Duration.ofSeconds(2);

	/**
	 * Another address of this machine.
	 */
	private static final String CLIENT = "127.0.0.5";

	@RegisterExtension
	static final ReverseProxies PROXIES = new ReverseProxies();

	@RegisterExtension
	static final DemoApps APPS = new DemoApps();

	@RegisterExtension
	final OutcomeTable table = new OutcomeTable();

	@TempDir
	static Path directory;

	private static DemoProcess app;

	private static List<ReverseProxy> proxies;

	/**
	 * A proxy of each kind for each address that the fleet listens on.
	 */
	@BeforeAll
	static void start() {
		if (!PROXIES.installed()) {
			return;
		}
		String socket = "unix:" + directory.resolve("app.sock");
		app = APPS.start(Launch.faults(1, "gevent")
			.arguments("--tomcorn.arbiter.enabled=true", "--tomcorn.bind=%s,127.0.0.1:0".formatted(socket),
					"--management.server.port=0", "--server.forward-headers-strategy=native"));
		int managementPort = ManagementClient.of(app).port();
		awaitReady(0, 1);
		String port = "127.0.0.1:" + app.awaitLine("listening on .*127\\.0\\.0\\.1 port (\\d+)").group(1);
		proxies = Stream.of(socket, port)
			.flatMap((address) -> PROXIES.start(address, managementPort, directory).stream())
			.toList();
		proxies.forEach((proxy) -> proxy.awaitAnswer("/whoami"));
	}

	/**
	 * The load comes through all of them at once.
	 */
	@Test
	void whatIsDoneToTheFleetUnderLoadLosesNoRequest() {
		PROXIES.assumeInstalled();
		int reloads = ChaosScale.proxiedReloads();
		int requests = ChaosScale.proxiedRequests();
		List<MixedLoad.Clients> clients = proxies.stream()
			.map((proxy) -> ChaosScale.proxiedLoad(proxy.port()))
			.toList();
		List<MixedLoad> loads = clients.stream().map(MixedLoad.Clients::start).toList();
		List<MixedTally> tallies;
		try {
			loads.forEach((load) -> load.awaitRequests(ChaosScale.some()));
			List<Conversation> conversations = proxies.stream().map(Conversation::with).toList();
			conversations.forEach(Conversation::awaitBegun);
			for (int generation = 2; generation < 2 + reloads; generation++) {
				app.signal("HUP");
				app.awaitLine("Reload to generation %d succeeded in ".formatted(generation));
				loads.forEach((load) -> load.awaitMore(10));
			}
			conversations.forEach(Conversation::assertEndedWell);
			scaleUpAndDown(loads);
			if (Boolean.getBoolean("chaos.full")) {
				recycle(1 + reloads);
			}
			tallies = loads.stream().map((load) -> load.awaitRequests(requests).stop()).toList();
		}
		finally {
			loads.forEach(MixedLoad::close);
		}
		for (int i = 0; i < proxies.size(); i++) {
			this.table.add(
					"%d reloads and scaling behind %s, %s".formatted(reloads, proxies.get(i).name(), clients.get(i)),
					tallies.get(i));
		}
		assertThat(tallies).allSatisfy((tally) -> tally.assertAllOk(requests));
		assertThat(proxies).allSatisfy((proxy) -> assertThat(proxy.faults()).as(proxy.name()).isEmpty());
	}

	private static long awaitReady(int worker, int generation) {
		return Long.parseLong(app
			.awaitLine("Worker %d \\(pid (\\d+)\\) ready in \\S+ s, generation %d\\b".formatted(worker, generation))
			.group(1));
	}

	private static void scaleUpAndDown(List<MixedLoad> loads) {
		app.signal("TTIN");
		long second = Long.parseLong(app.awaitLine("Worker 1 \\(pid (\\d+)\\) ready").group(1));
		await("load on the second").atMost(DemoProcess.PATIENCE)
			.until(() -> loads.stream().allMatch((load) -> load.soFar().byPid().containsKey(second)));
		app.signal("TTOU");
		app.awaitLine("Worker 1 \\(pid %d\\) stopped".formatted(second));
	}

	/**
	 * What proxies see of it is what they see of a reload.
	 */
	private static void recycle(int generation) {
		long worker = awaitReady(0, generation);
		Processes.signal("TERM", worker);
		app.awaitLine("Worker 0 \\(pid %d\\) stopped".formatted(worker));
	}

	/**
	 * The application sees the client and its request. Headers of the client about itself
	 * do not count.
	 */
	@Test
	void applicationSeesTheClientAndNotTheProxy() {
		PROXIES.assumeInstalled();
		assertThat(proxies).allSatisfy((proxy) -> {
			HttpConnection.Response response = askAs(CLIENT, proxy.port());
			Figures.print("%s: the application sees %s", proxy.name(), response.body());
			assertThat(response.body()).isEqualTo(
					"{\"address\":\"%s\",\"url\":\"http://shop.example:%d/client\"}".formatted(CLIENT, proxy.port()));
		});
	}

	private static HttpConnection.Response askAs(String client, int port) throws IOException {
		try (Socket socket = new Socket()) {
			socket.bind(new InetSocketAddress(InetAddress.ofLiteral(client), 0));
			socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
			socket.setSoTimeout((int) DemoProcess.PATIENCE.toMillis());
			try (HttpConnection connection = new HttpConnection(socket)) {
				connection.send("GET /client HTTP/1.1\r\nHost: shop.example:%d\r\n".formatted(port)
						+ "X-Forwarded-For: 198.51.100.7\r\nX-Forwarded-Host: forged.example\r\n"
						+ "X-Forwarded-Proto: https\r\nX-Forwarded-Port: 1\r\nX-Forwarded-Prefix: /forged\r\n"
						+ "Forwarded: for=198.51.100.8;host=forged.example\r\n\r\n");
				return connection.receive();
			}
		}
	}

	/**
	 * A WebSocket and a stream of events through a proxy.
	 *
	 * @param proxy the proxy
	 * @param socket the WebSocket
	 * @param events the received events
	 * @param end their end
	 */
	private record Conversation(ReverseProxy proxy, WebSocketClient socket, List<String> events,
			CompletableFuture<Void> end) {

		static Conversation with(ReverseProxy proxy) {
			String address = "127.0.0.1:" + proxy.port();
			WebSocketClient socket = WebSocketClient.open(URI.create("ws://%s/ws".formatted(address)), null);
			List<String> events = new CopyOnWriteArrayList<>();
			CompletableFuture<Void> end = new CompletableFuture<>();
			Thread.ofVirtual().start(() -> {
				try (HttpClient client = HttpClient.newHttpClient()) {
					HttpResponse<Stream<String>> response = client.send(
							HttpRequest.newBuilder(URI.create("http://%s/events".formatted(address))).build(),
							HttpResponse.BodyHandlers.ofLines());
					response.body().forEach(events::add);
					end.complete(null);
				}
				catch (IOException | InterruptedException | RuntimeException ex) {
					end.completeExceptionally(ex);
				}
			});
			Conversation conversation = new Conversation(proxy, socket, events, end);
			Thread.ofVirtual().start(conversation::chat);
			return conversation;
		}

		/**
		 * A proxy closes a WebSocket that is silent for long.
		 */
		private void chat() {
			try {
				while (!this.socket.socket().isOutputClosed()) {
					this.socket.socket().sendText("hello", true).get();
					Thread.sleep(CHAT_INTERVAL);
				}
			}
			catch (ExecutionException ex) {
				// Closed meanwhile
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

		/**
		 * Each event arrives while the next is not sent yet.
		 */
		void awaitBegun() {
			this.socket.awaitMessage();
			await("echo").atMost(DemoProcess.PATIENCE).until(() -> this.socket.received().contains("hello"));
			await("events").atMost(DemoProcess.PATIENCE).until(() -> this.events.contains("data:event 3"));
			assertThat(this.end).isNotDone();
		}

		/**
		 * The drain ends them in the same way.
		 */
		void assertEndedWell() {
			assertThat(this.socket.closed()).as(this.proxy.name())
				.succeedsWithin(DemoProcess.PATIENCE)
				.isEqualTo(GOING_AWAY);
			assertThat(this.end).as(this.proxy.name()).succeedsWithin(DemoProcess.PATIENCE);
		}

	}

}
