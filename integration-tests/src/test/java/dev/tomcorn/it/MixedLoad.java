package dev.tomcorn.it;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

import dev.tomcorn.it.Exchange.Outcome;
import org.jspecify.annotations.Nullable;

import static org.awaitility.Awaitility.await;

/**
 * Many clients, each with one request after the other until stopped: GET and POST with
 * bodies, on kept and on new connections. Every request is checked, and only the failures
 * are kept.
 */
final class MixedLoad implements AutoCloseable {

	private static final Duration LONGEST_WAIT = Duration.ofMinutes(20);

	/**
	 * A failed client does not try again faster than this.
	 */
	private static final Duration AFTER_FAILURE = Duration.ofMillis(20);

	private final Clients clients;

	private final List<Client> running = new ArrayList<>();

	private final List<Future<?>> ends = new ArrayList<>();

	private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

	private final long begun = System.nanoTime();

	private volatile long ended;

	private volatile boolean stopped;

	private MixedLoad(Clients clients) {
		this.clients = clients;
		int streams = (clients.target.http2) ? clients.streams : 1;
		Slot slot = new Slot(clients.target, false);
		for (int i = 0; i < clients.keepAlive + clients.newConnections; i++) {
			boolean kept = i < clients.keepAlive;
			if (!kept || i % streams == 0) {
				slot = new Slot(clients.target, !kept && i % 2 == 0);
			}
			Client client = new Client(slot, kept, new Random(i));
			this.running.add(client);
			this.ends.add(this.executor.submit(client::run));
		}
	}

	/**
	 * Plain HTTP/1.1 to a port of this machine.
	 */
	static Clients to(int port) {
		return new Clients(new Target(port, DemoProcess.PATIENCE, null, false), 64, 16, 1, 0, 0, false);
	}

	/**
	 * The server of the clients.
	 *
	 * @param port the application's port
	 * @param timeout longest time for a connection and for an answer
	 * @param tls checks the server's certificate, {@code null} without TLS
	 * @param http2 whether to use HTTP/2, which needs TLS
	 */
	private record Target(int port, Duration timeout, @Nullable TestTls tls, boolean http2) {

		Wire open(boolean lastRequest) throws IOException {
			if (this.http2 && this.tls != null) {
				return new Http2Wire(this.port, this.timeout, this.tls.context());
			}
			return new Http1Wire(this.port, this.timeout, (this.tls != null) ? this.tls.context() : null, lastRequest);
		}

	}

	/**
	 * The clients of the load; immutable.
	 *
	 * @param target the server
	 * @param keepAlive number of clients that keep their connection as long as they may
	 * @param newConnections number of clients that open a connection for each request
	 * @param streams number of clients that share a kept connection of HTTP/2
	 * @param rate requests a second of all clients together, 0 for as many as they can
	 * @param workMillis how long the application takes for a request, at least
	 * @param untilRefused whether a client stops when a connection is refused
	 */
	record Clients(Target target, int keepAlive, int newConnections, int streams, int rate, int workMillis,
			boolean untilRefused) {

		Clients keepAlive(int number) {
			return new Clients(this.target, number, this.newConnections, this.streams, this.rate, this.workMillis,
					this.untilRefused);
		}

		Clients newConnections(int number) {
			return new Clients(this.target, this.keepAlive, number, this.streams, this.rate, this.workMillis,
					this.untilRefused);
		}

		/**
		 * Leave CPU to the tested processes.
		 */
		Clients rate(int requestsPerSecond) {
			return new Clients(this.target, this.keepAlive, this.newConnections, this.streams, requestsPerSecond,
					this.workMillis, this.untilRefused);
		}

		Clients work(int millis) {
			return new Clients(this.target, this.keepAlive, this.newConnections, this.streams, this.rate, millis,
					this.untilRefused);
		}

		Clients stoppingWhenRefused() {
			return new Clients(this.target, this.keepAlive, this.newConnections, this.streams, this.rate,
					this.workMillis, true);
		}

		Clients tls(TestTls tls) {
			return new Clients(new Target(this.target.port, this.target.timeout, tls, false), this.keepAlive,
					this.newConnections, this.streams, this.rate, this.workMillis, this.untilRefused);
		}

		Clients http2(TestTls tls, int clientsOfAConnection) {
			return new Clients(new Target(this.target.port, this.target.timeout, tls, true), this.keepAlive,
					this.newConnections, clientsOfAConnection, this.rate, this.workMillis, this.untilRefused);
		}

		MixedLoad start() {
			return new MixedLoad(this);
		}

		@Override
		public String toString() {
			return "%d kept and %d new connections at a time".formatted(this.keepAlive / this.streams,
					this.newConnections);
		}

	}

	/**
	 * The connection of one client or, with HTTP/2, of several.
	 */
	private static final class Slot {

		private final Target target;

		private final boolean lastRequest;

		/**
		 * No monitor: with one for which virtual threads compete, JDK 25 has twice thrown
		 * an IncompatibleClassChangeError at the call of an interface.
		 */
		private final ReentrantLock lock = new ReentrantLock();

		private @Nullable Wire wire;

		Slot(Target target, boolean lastRequest) {
			this.target = target;
			this.lastRequest = lastRequest;
		}

		Wire wire(Client client) throws IOException {
			this.lock.lock();
			try {
				Wire current = this.wire;
				if (current == null || !current.usable()) {
					close();
					current = this.target.open(this.lastRequest);
					client.connected();
					this.wire = current;
				}
				return current;
			}
			finally {
				this.lock.unlock();
			}
		}

		void close() {
			this.lock.lock();
			try {
				if (this.wire != null) {
					this.wire.close();
				}
				this.wire = null;
			}
			finally {
				this.lock.unlock();
			}
		}

	}

	/**
	 * Sends one request after the other.
	 */
	private final class Client {

		private final Slot slot;

		private final boolean keepAlive;

		private final Random random;

		private final Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);

		private final SortedMap<Long, Long> byPid = new TreeMap<>();

		private final List<Failure> failures = new ArrayList<>();

		private final Latencies latencies = new Latencies();

		private long connections;

		private long lastAcceptedAt = Long.MIN_VALUE;

		private boolean refused;

		Client(Slot slot, boolean keepAlive, Random random) {
			this.slot = slot;
			this.keepAlive = keepAlive;
			this.random = random;
		}

		void run() {
			try {
				while (!MixedLoad.this.stopped && !(MixedLoad.this.clients.untilRefused && this.refused)) {
					request(Call.next(this.random, MixedLoad.this.clients.workMillis));
					pause();
				}
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			finally {
				this.slot.close();
			}
		}

		private void request(Call call) {
			long from = System.nanoTime();
			long server = 0;
			try {
				Wire wire = this.slot.wire(this);
				server = wire.server();
				Wire.Reply reply = wire.call(call);
				String fault = call.fault(reply);
				if (fault == null) {
					answered(reply, from, server == 0);
				}
				else {
					failed(new Failure(Outcome.WRONG_ANSWER, call, server, from, System.nanoTime(), fault));
				}
				if (!this.keepAlive) {
					this.slot.close();
				}
			}
			catch (Wire.NotSentException ex) {
				// The next request gets another connection
			}
			catch (IOException ex) {
				this.slot.close();
				failed(new Failure(Failure.outcome(ex), call, server, from, System.nanoTime(), ex.toString()));
			}
			catch (RuntimeException ex) {
				this.slot.close();
				failed(new Failure(Outcome.WRONG_ANSWER, call, server, from, System.nanoTime(), ex.toString()));
			}
		}

		private synchronized void answered(Wire.Reply reply, long from, boolean onNewConnection) {
			this.outcomes.merge(Outcome.OK, 1L, Long::sum);
			this.byPid.merge(reply.server(), 1L, Long::sum);
			this.latencies.add(System.nanoTime() - from);
			if (onNewConnection) {
				this.lastAcceptedAt = Math.max(this.lastAcceptedAt, from);
			}
		}

		private synchronized void failed(Failure failure) {
			this.outcomes.merge(failure.outcome(), 1L, Long::sum);
			this.failures.add(failure);
			this.refused = failure.outcome() == Outcome.REFUSED;
		}

		synchronized void connected() {
			this.connections++;
		}

		private void pause() throws InterruptedException {
			Clients clients = MixedLoad.this.clients;
			long nanos = 0;
			if (clients.rate > 0) {
				long mean = TimeUnit.SECONDS.toNanos(1) * (clients.keepAlive + clients.newConnections) / clients.rate;
				nanos = this.random.nextLong(2 * mean);
			}
			if (this.refused) {
				nanos = Math.max(nanos, AFTER_FAILURE.toNanos());
			}
			TimeUnit.NANOSECONDS.sleep(nanos);
		}

		synchronized MixedTally tally() {
			return new MixedTally(new EnumMap<>(this.outcomes), new TreeMap<>(this.byPid), List.copyOf(this.failures),
					this.connections, copy(this.latencies), Duration.ZERO, this.lastAcceptedAt);
		}

		private static Latencies copy(Latencies latencies) {
			Latencies copy = new Latencies();
			copy.add(latencies);
			return copy;
		}

	}

	MixedTally soFar() {
		long now = (this.ended != 0) ? this.ended : System.nanoTime();
		return MixedTally.sum(this.running.stream().map(Client::tally).toList(), Duration.ofNanos(now - this.begun));
	}

	/**
	 * Wait until a number of requests have ended in any way.
	 */
	MixedLoad awaitRequests(long atLeast) {
		return awaitThat("%d requests".formatted(atLeast), () -> soFar().size() >= atLeast);
	}

	/**
	 * Wait until a number of further requests have ended in any way.
	 */
	MixedLoad awaitMore(long requests) {
		return awaitRequests(soFar().size() + requests);
	}

	private MixedLoad awaitThat(String what, BooleanSupplier condition) {
		await(what).atMost(LONGEST_WAIT).pollInterval(Duration.ofMillis(50)).until(condition::getAsBoolean);
		return this;
	}

	/**
	 * Wait until every client has ended by itself.
	 * @return all requests
	 */
	MixedTally awaitEnd() {
		this.executor.shutdown();
		await("end of every client").atMost(DemoProcess.PATIENCE).until(this.executor::isTerminated);
		return stop();
	}

	/**
	 * Let every client finish its request.
	 * @return all requests
	 */
	MixedTally stop() {
		close();
		// No other code sees an error in the thread of a client
		for (Future<?> end : this.ends) {
			if (end.state() == Future.State.FAILED) {
				throw new IllegalStateException("A client has failed", end.exceptionNow());
			}
		}
		return soFar();
	}

	@Override
	public void close() {
		this.stopped = true;
		this.executor.close();
		if (this.ended == 0) {
			this.ended = System.nanoTime();
		}
	}

}
