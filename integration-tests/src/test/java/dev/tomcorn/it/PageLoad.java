package dev.tomcorn.it;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.tomcorn.it.Exchange.Outcome;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Clients of an application that does not show which worker answers. Each requests one
 * page after the other until stopped, half of them on kept connections.
 */
final class PageLoad implements AutoCloseable {

	private static final int CLIENTS = 16;

	/**
	 * Requests a second of all clients together: the workers need processors to boot.
	 */
	private static final int RATE = 80;

	private static final Pattern TOKEN = Pattern.compile("name=\"_csrf\"[^>]*value=\"([^\"]+)\"");

	private final int port;

	private final List<RealApplication.Page> pages;

	private final @Nullable String login;

	private final AtomicLong answered = new AtomicLong();

	/**
	 * Requests of the sign-in, which do not count as load.
	 */
	private final AtomicLong others = new AtomicLong();

	private final List<Failed> failures = Collections.synchronizedList(new ArrayList<>());

	private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

	private volatile boolean stopped;

	/**
	 * A request that was not answered well.
	 *
	 * @param outcome its outcome
	 * @param page the requested page
	 * @param onNewConnection whether it was the first one on its connection
	 * @param begun reading of {@link System#nanoTime()} before the request, or before its
	 * connection when it has a new one
	 * @param detail the reason
	 */
	record Failed(Outcome outcome, RealApplication.Page page, boolean onNewConnection, long begun, String detail) {
	}

	private PageLoad(int port, List<RealApplication.Page> pages, @Nullable String login) {
		this.port = port;
		this.pages = pages;
		this.login = login;
	}

	/**
	 * Start the clients. Each signs in first if it must.
	 */
	static PageLoad start(int port, RealApplication application) {
		PageLoad load = new PageLoad(port, application.pages(), application.login().orElse(null));
		for (int i = 0; i < CLIENTS; i++) {
			Client client = load.new Client(new Random(i), i % 2 == 0);
			load.executor.execute(client::run);
		}
		return load;
	}

	/**
	 * Return how many requests have ended in any way.
	 */
	long size() {
		return this.answered.get() + this.failures.size();
	}

	/**
	 * Return how many requests were answered, including those of the sign-in.
	 */
	long answered() {
		return this.answered.get() + this.others.get();
	}

	List<Failed> failures() {
		return List.copyOf(this.failures);
	}

	PageLoad awaitMore(long requests) {
		long enough = size() + requests;
		await("%d requests".formatted(enough)).atMost(DemoProcess.PATIENCE).until(() -> size() >= enough);
		return this;
	}

	/**
	 * Let every client finish its request.
	 */
	@Override
	public void close() {
		this.stopped = true;
		this.executor.close();
	}

	@Override
	public String toString() {
		return "%d requests, failures %s".formatted(size(), failures());
	}

	/**
	 * Sends one request after the other.
	 */
	private final class Client {

		private final Random random;

		private final boolean keepAlive;

		private @Nullable HttpConnection connection;

		private String cookie = "";

		Client(Random random, boolean keepAlive) {
			this.random = random;
			this.keepAlive = keepAlive;
		}

		void run() {
			try {
				if (PageLoad.this.login != null) {
					signIn(PageLoad.this.login);
				}
				int next = this.random.nextInt(PageLoad.this.pages.size());
				while (!PageLoad.this.stopped) {
					request(PageLoad.this.pages.get(next++ % PageLoad.this.pages.size()));
					TimeUnit.NANOSECONDS.sleep(this.random.nextLong(2 * TimeUnit.SECONDS.toNanos(CLIENTS) / RATE));
				}
			}
			catch (IOException | AssertionError ex) {
				PageLoad.this.failures.add(new Failed(Outcome.WRONG_ANSWER, new RealApplication.Page("sign-in", 0),
						true, System.nanoTime(), ex.toString()));
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			finally {
				disconnect();
			}
		}

		/**
		 * Each step on a connection of its own, so that they reach several workers.
		 */
		private void signIn(String form) throws IOException {
			String[] parts = form.split(" ", 2);
			HttpConnection.Response page = exchange(HttpConnection.request("GET", parts[0]));
			Matcher token = TOKEN.matcher(page.body());
			String body = parts[1] + (token.find() ? "&_csrf=" + token.group(1) : "");
			HttpConnection.Response answer = exchange(HttpConnection.request("POST", parts[0], "Cookie: " + this.cookie,
					"Content-Type: application/x-www-form-urlencoded", "Content-Length: " + body.length()) + body);
			assertThat(answer.status()).as(answer.body()).isEqualTo(HttpURLConnection.HTTP_MOVED_TEMP);
			assertThat(answer.headers().get("location")).as("where the sign-in leads").doesNotContain("error");
		}

		private HttpConnection.Response exchange(String request) throws IOException {
			try (HttpConnection own = new HttpConnection(PageLoad.this.port, DemoProcess.PATIENCE)) {
				own.send(request);
				HttpConnection.Response response = own.receive();
				PageLoad.this.others.incrementAndGet();
				String cookies = response.headers().get("set-cookie");
				if (cookies != null) {
					this.cookie = cookies.split(";", 2)[0];
				}
				return response;
			}
		}

		private void request(RealApplication.Page page) {
			long begun = System.nanoTime();
			boolean isNew = true;
			try {
				if (this.connection != null && this.connection.isLate()) {
					disconnect();
				}
				HttpConnection current = this.connection;
				isNew = current == null;
				if (current == null) {
					current = new HttpConnection(PageLoad.this.port, DemoProcess.PATIENCE);
					this.connection = current;
				}
				current.send(this.cookie.isEmpty() ? HttpConnection.request("GET", page.path())
						: HttpConnection.request("GET", page.path(), "Cookie: " + this.cookie));
				HttpConnection.Response response = current.receive();
				if (response.status() == page.status()) {
					PageLoad.this.answered.incrementAndGet();
				}
				else {
					failed(Outcome.WRONG_ANSWER, page, isNew, begun,
							"%d %s %s".formatted(response.status(), response.headers(), response.body()));
				}
				if (!this.keepAlive || response.closes()) {
					disconnect();
				}
			}
			catch (ProtocolException ex) {
				disconnect();
				failed(Outcome.RESET, page, isNew, begun, ex.toString());
			}
			catch (IOException ex) {
				disconnect();
				failed(Failure.outcome(ex), page, isNew, begun, ex.toString());
			}
		}

		private void failed(Outcome outcome, RealApplication.Page page, boolean isNew, long begun, String detail) {
			PageLoad.this.failures
				.add(new Failed(outcome, page, isNew, begun, detail.substring(0, Math.min(1000, detail.length()))));
		}

		private void disconnect() {
			if (this.connection != null) {
				this.connection.close();
				this.connection = null;
			}
		}

	}

}
