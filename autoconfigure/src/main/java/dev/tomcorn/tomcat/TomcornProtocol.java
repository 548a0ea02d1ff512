package dev.tomcorn.tomcat;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

import dev.tomcorn.core.listener.SharedListener;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.UpgradeProtocol;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http2.Http2Protocol;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's HTTP protocol on Tomcorn's endpoint. Public, with a public constructor,
 * because Tomcat creates it by name.
 */
public final class TomcornProtocol extends Http11NioProtocol {

	/**
	 * How long after the first GOAWAY an HTTP/2 client may still open streams that it was
	 * about to open.
	 */
	private static final Duration HTTP2_GRACE = Duration.ofSeconds(1);

	/**
	 * Longest time for asynchronous requests to time out when the protocol stops.
	 */
	private static final Duration LAST_WORDS = Duration.ofSeconds(1);

	private static final Duration LOOK_INTERVAL = Duration.ofMillis(5);

	private final TomcornEndpoint endpoint;

	private final OpenConnections openConnections;

	/**
	 * Processors of asynchronous requests, HTTP/2 streams among them, and of upgraded
	 * connections.
	 */
	private final Set<Processor> waiting = ConcurrentHashMap.newKeySet();

	/**
	 * Waiting processors whose timeout has been triggered.
	 */
	private final Set<Processor> timingOut = ConcurrentHashMap.newKeySet();

	private final AsynchronousRequests asynchronous;

	/**
	 * The served ports, kept for when the sockets are closed.
	 */
	private volatile Set<Integer> servedPorts = Set.of();

	/**
	 * The regular check of asynchronous requests, if there is one.
	 */
	private @Nullable ScheduledFuture<?> check;

	private volatile boolean draining;

	/**
	 * Create the protocol. {@link ConnectorTraffic} attaches it to its worker.
	 */
	public TomcornProtocol() {
		this(new TomcornEndpoint());
	}

	private TomcornProtocol(TomcornEndpoint endpoint) {
		super(endpoint);
		this.endpoint = endpoint;
		this.openConnections = new OpenConnections(endpoint);
		this.asynchronous = new AsynchronousRequests(this.waiting, () -> KernelSockets.of(this.servedPorts),
				() -> endpoint.gate().changed(), System::nanoTime);
	}

	void attach(Counts counts, Gate gate, @Nullable SharedListener shared, @Nullable OwnListeners own,
			Runnable whenClosedUnplanned) {
		this.endpoint.attach(counts, gate, shared, own, whenClosedUnplanned);
	}

	@Override
	public void init() throws Exception {
		for (UpgradeProtocol upgrade : findUpgradeProtocols()) {
			if (upgrade instanceof Http2Protocol http2 && http2.getDrainTimeout() == 0) {
				http2.setDrainTimeout(HTTP2_GRACE.toNanos());
			}
		}
		super.init();
	}

	/**
	 * Return the executor of the requests, as Tomcat's own protocol does.
	 */
	@Override
	public @Nullable Executor getExecutor() {
		Executor executor = super.getExecutor();
		return (executor instanceof CountingExecutor counting) ? counting.target() : executor;
	}

	@Override
	protected Processor createProcessor() {
		return new TomcornProcessor(this);
	}

	/**
	 * Called at the start of each request: 1 makes it the last of its connection and adds
	 * {@code Connection: close} to its response.
	 */
	@Override
	public int getMaxKeepAliveRequests() {
		if (this.draining && TomcornProcessor.isLastOnConnection()) {
			return 1;
		}
		int most = super.getMaxKeepAliveRequests();
		// With 1, Tomcat would add "Connection: close" to the response to an upgrade
		return (most == 1 && TomcornProcessor.isUpgradeAtHand()) ? -1 : most;
	}

	@Override
	public void addWaitingProcessor(Processor processor) {
		this.waiting.add(processor);
		super.addWaitingProcessor(processor);
	}

	@Override
	public void removeWaitingProcessor(Processor processor) {
		super.removeWaitingProcessor(processor);
		this.waiting.remove(processor);
		this.timingOut.remove(processor);
	}

	@Override
	public void start() throws Exception {
		super.start();
		this.servedPorts = this.endpoint.ports();
		if (this.endpoint.concurrency() == 1) {
			this.check = getUtilityExecutor().scheduleWithFixedDelay(this::checkAsynchronous, 1, 1, TimeUnit.SECONDS);
		}
	}

	private void checkAsynchronous() {
		try {
			this.asynchronous.checkClients();
		}
		catch (RuntimeException ex) {
			getLog().warn("Cannot end asynchronous requests whose clients have disconnected", ex);
		}
	}

	/**
	 * End asynchronous requests while there are still threads for it. Tomcat alone would
	 * let them time out, which ends a response that has begun as if it were complete.
	 */
	@Override
	public void stop() throws Exception {
		if (this.check != null) {
			this.check.cancel(false);
		}
		int busy = this.endpoint.busy();
		for (Processor processor : this.waiting) {
			if (processor instanceof TomcornProcessor tomcorn && !isEventStream(processor)) {
				tomcorn.cut();
			}
		}
		timeOut(Processor::isAsync);
		long start = System.nanoTime();
		while ((this.waiting.stream().anyMatch(Processor::isAsync) || this.endpoint.busy() > busy)
				&& System.nanoTime() - start < LAST_WORDS.toNanos()) {
			LockSupport.parkNanos(LOOK_INTERVAL.toNanos());
		}
		super.stop();
	}

	/**
	 * Make the current request on each connection, or else the next one, the last.
	 */
	void announceClose() {
		this.draining = true;
	}

	void stopAccepting() {
		announceClose();
		this.endpoint.stopAccepting();
	}

	/**
	 * Close the open connections gradually, once no more are taken.
	 */
	void windDown(Duration patience) {
		this.openConnections.windDown(patience);
	}

	/**
	 * Return how many asynchronous requests go on while their clients wait.
	 */
	int asynchronousRequests() {
		return this.asynchronous.count();
	}

	int eventStreams() {
		return (int) this.waiting.stream().filter(TomcornProtocol::isEventStream).count();
	}

	void endEventStreams() {
		timeOut(TomcornProtocol::isEventStream);
	}

	int timeOutAsynchronous() {
		return timeOut((processor) -> isEventStream(processor) || isUnanswered(processor));
	}

	private static boolean isUnanswered(Processor processor) {
		return processor.isAsync() && !processor.getRequest().getResponse().isCommitted();
	}

	/**
	 * Return whether the response is an event stream that its client requests again when
	 * it ends. A browser's EventSource does so, and it only sends GET. An event stream as
	 * the response to a POST is treated like any other response.
	 */
	private static boolean isEventStream(Processor processor) {
		if (!processor.isAsync()) {
			return false;
		}
		Request request = processor.getRequest();
		String contentType = request.getResponse().getContentType();
		return contentType != null && contentType.startsWith("text/event-stream") && "GET".equals(request.getMethod());
	}

	/**
	 * End asynchronous requests as their own timeout would, since applications must
	 * handle a timeout anyway.
	 */
	private int timeOut(Predicate<Processor> condition) {
		List<Processor> ending = this.waiting.stream().filter(condition).filter(this.timingOut::add).toList();
		ending.forEach((processor) -> processor.timeoutAsync(-1));
		return ending.size();
	}

}
