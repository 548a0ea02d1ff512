package dev.tomcorn.it;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

import dev.tomcorn.it.Exchange.Outcome;
import dev.tomcorn.it.Exchange.ServedBy;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Sends requests to the application and accounts for each.
 *
 * @param target the port for each new connection
 * @param timeout longest time to wait for an answer
 */
record LoadGenerator(IntSupplier target, Duration timeout) {

	LoadGenerator(int port, Duration timeout) {
		this(() -> port, timeout);
	}

	LoadGenerator(int port) {
		this(port, DemoProcess.PATIENCE);
	}

	int port() {
		return this.target.getAsInt();
	}

	/**
	 * Send requests all at once, each on a connection of its own.
	 */
	Tally simultaneous(int requests, String path) {
		return new Tally(atOnce(requests, () -> onNewConnection(path)));
	}

	/**
	 * Open connections all at once and send requests on each, one after the other. The
	 * connections stay open until the caller has checked them.
	 * @param whileOpen called with the tally while the connections are open
	 * @return for each connection, its requests
	 */
	List<Tally> connections(int connections, int requests, String path, Runnable whileOpen) {
		CountDownLatch sent = new CountDownLatch(connections);
		CountDownLatch looked = new CountDownLatch(1);
		try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
			List<Future<Tally>> futures = new ArrayList<>();
			for (int i = 0; i < connections; i++) {
				futures.add(executor.submit(() -> {
					try (Client client = new Client(path, true)) {
						List<Exchange> exchanges = new ArrayList<>();
						for (int request = 0; request < requests; request++) {
							exchanges.add(client.exchange());
						}
						sent.countDown();
						looked.await();
						return new Tally(exchanges);
					}
				}));
			}
			boolean all;
			try {
				// A client that fails does not count
				all = sent.await(DemoProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS);
				if (all) {
					whileOpen.run();
				}
			}
			finally {
				looked.countDown();
			}
			List<Tally> tallies = results(futures);
			assertThat(all).as("%d requests on each of %d connections in time", requests, connections).isTrue();
			return tallies;
		}
		catch (InterruptedException ex) {
			throw interrupted(ex);
		}
	}

	/**
	 * Send one request on a connection of its own, in the background.
	 */
	CompletableFuture<Exchange> send(String path) {
		return CompletableFuture.supplyAsync(() -> onNewConnection(path), Thread::startVirtualThread);
	}

	private Exchange onNewConnection(String path) {
		try (Client client = new Client(path, false)) {
			return client.exchange();
		}
	}

	/**
	 * Send requests until stopped, each client one after the other. A client also stops
	 * when its connection is refused.
	 * @param keepAlive number of clients that keep their connection as long as they may
	 * @param newConnections number of clients that open a connection for each request
	 */
	Load start(int keepAlive, int newConnections, String path) {
		return new Load(this, keepAlive, newConnections, path);
	}

	private static <T> List<T> atOnce(int count, Callable<T> task) {
		CountDownLatch ready = new CountDownLatch(count);
		CountDownLatch go = new CountDownLatch(1);
		try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
			List<Future<T>> futures = new ArrayList<>();
			for (int i = 0; i < count; i++) {
				futures.add(executor.submit(() -> {
					ready.countDown();
					go.await();
					return task.call();
				}));
			}
			ready.await();
			go.countDown();
			return results(futures);
		}
		catch (InterruptedException ex) {
			throw interrupted(ex);
		}
	}

	private static <T> List<T> results(List<Future<T>> futures) throws InterruptedException {
		List<T> results = new ArrayList<>();
		for (Future<T> future : futures) {
			try {
				results.add(future.get());
			}
			catch (ExecutionException ex) {
				throw new IllegalStateException(ex);
			}
		}
		return results;
	}

	private static IllegalStateException interrupted(InterruptedException ex) {
		Thread.currentThread().interrupt();
		return new IllegalStateException(ex);
	}

	/**
	 * Sends one request after the other.
	 */
	private final class Client implements AutoCloseable {

		private final String path;

		private final boolean keepAlive;

		private @Nullable HttpConnection connection;

		private @Nullable ServedBy before;

		Client(String path, boolean keepAlive) {
			this.path = path;
			this.keepAlive = keepAlive;
		}

		Exchange exchange() {
			long begun = System.nanoTime();
			ServedBy servedBefore = this.before;
			try {
				if (this.connection != null && this.connection.isLate()) {
					close();
					servedBefore = null;
					begun = System.nanoTime();
				}
				HttpConnection current = this.connection;
				if (current == null) {
					current = new HttpConnection(port(), timeout());
					this.connection = current;
				}
				HttpConnection.Response response = current.get(this.path);
				Exchange exchange = Exchange.answered(response, servedBefore, begun);
				this.before = exchange.servedBy();
				if (!this.keepAlive || response.closes()) {
					close();
				}
				return exchange;
			}
			catch (IOException ex) {
				close();
				return Exchange.failed(ex, servedBefore, begun);
			}
		}

		@Override
		public void close() {
			if (this.connection != null) {
				this.connection.close();
			}
			this.connection = null;
			this.before = null;
		}

	}

	/**
	 * A load that goes on until it is stopped.
	 */
	static final class Load implements AutoCloseable {

		private final Collection<Exchange> exchanges = new ConcurrentLinkedQueue<>();

		private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

		private volatile boolean stopped;

		private Load(LoadGenerator generator, int keepAlive, int newConnections, String path) {
			for (int i = 0; i < keepAlive + newConnections; i++) {
				boolean kept = i < keepAlive;
				this.executor.execute(() -> run(generator.new Client(path, kept)));
			}
		}

		private void run(Client client) {
			try (client) {
				while (!this.stopped) {
					Exchange exchange = client.exchange();
					this.exchanges.add(exchange);
					if (exchange.outcome() == Outcome.REFUSED) {
						return;
					}
				}
			}
		}

		Tally soFar() {
			return new Tally(List.copyOf(this.exchanges));
		}

		/**
		 * Let every client finish its request.
		 * @return all requests
		 */
		Tally stop() {
			close();
			return soFar();
		}

		@Override
		public void close() {
			this.stopped = true;
			this.executor.close();
		}

	}

}
