package dev.tomcorn.tomcat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import dev.tomcorn.core.listener.SharedListener;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import org.apache.tomcat.util.collections.SynchronizedStack;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's endpoint with a gate before {@code accept}, on the shared listening socket
 * when the worker is supervised.
 */
final class TomcornEndpoint extends NioEndpoint {

	private static final Duration LOOK_INTERVAL = Duration.ofMillis(5);

	/**
	 * Where the kernel does not tell its queue: without a new connection for this long,
	 * nothing waits in it.
	 */
	private static final Duration QUEUE_QUIET = Duration.ofMillis(100);

	/**
	 * Longest time to wait for an empty queue: clients that come all the time are let
	 * down at some time.
	 */
	private static final Duration LAST_CALL = Duration.ofSeconds(1);

	private final AtomicLong taken = new AtomicLong();

	/**
	 * What the connections come from, unless that is Tomcat's own socket.
	 */
	private volatile @Nullable SharedListener listener;

	/**
	 * Opens that, if there are no siblings who share it.
	 */
	private @Nullable OwnListeners own;

	private Runnable whenClosedUnplanned = () -> {
	};

	private @Nullable Counts counts;

	private @Nullable NewConnections newConnections;

	private @Nullable Gate gate;

	private volatile @Nullable CountingExecutor countingExecutor;

	private volatile @Nullable OpenConnections openConnections;

	/**
	 * Connect the endpoint with its worker, before it is bound.
	 */
	void attach(Counts newCounts, Gate newGate, @Nullable SharedListener shared, @Nullable OwnListeners newOwn,
			Runnable newWhenClosedUnplanned) {
		this.whenClosedUnplanned = newWhenClosedUnplanned;
		this.counts = newCounts;
		this.newConnections = new NewConnections(newCounts.slot(), newCounts.concurrency(), OpenConnections::hasArrived,
				this::closeIfSilent, System::nanoTime);
		this.gate = newGate;
		this.listener = shared;
		this.own = newOwn;
	}

	private WorkerSlot slot() {
		return attached(this.counts).slot();
	}

	int concurrency() {
		return attached(this.counts).concurrency();
	}

	int busy() {
		return slot().busy();
	}

	private NewConnections newConnections() {
		return attached(this.newConnections);
	}

	Gate gate() {
		return attached(this.gate);
	}

	private static <T> T attached(@Nullable T part) {
		if (part == null) {
			throw new IllegalStateException("The connector was not set up by Tomcorn's auto-configuration");
		}
		return part;
	}

	@Override
	protected void initServerSocket() throws Exception {
		if (this.own != null) {
			this.listener = this.own.open();
		}
		else if (this.listener == null) {
			super.initServerSocket();
		}
	}

	@Override
	protected @Nullable NetworkChannel getServerSocket() {
		SharedListener current = this.listener;
		return (current != null) ? current.channel() : super.getServerSocket();
	}

	/**
	 * Return the ports that connections come to.
	 */
	Set<Integer> ports() {
		SharedListener current = this.listener;
		int port = getLocalPort();
		return (current != null) ? current.ports() : (port > 0) ? Set.of(port) : Set.of();
	}

	/**
	 * Return what names the connector, as Tomcat has it for a Unix domain socket.
	 */
	@Override
	public @Nullable String getId() {
		try {
			return (getServerSocket() instanceof NetworkChannel channel
					&& channel.getLocalAddress() instanceof UnixDomainSocketAddress address)
							? address.getPath().toString() : super.getId();
		}
		catch (IOException ex) {
			return super.getId();
		}
	}

	/**
	 * Return whether no sibling takes what this worker leaves.
	 */
	private boolean isAlone() {
		return this.listener == null || this.own != null;
	}

	@Override
	protected void doCloseServerSocket() throws IOException {
		SharedListener current = this.listener;
		if (current != null) {
			current.stopAccepting();
		}
		else {
			super.doCloseServerSocket();
		}
	}

	@Override
	protected void startAcceptorThread() {
		GatedAcceptor gated = new GatedAcceptor(this);
		this.acceptor = gated;
		gated.start(getName() + "-Acceptor", getAcceptorThreadPriority(), getDaemon());
	}

	/**
	 * Tomcat's own way, a connection to itself, would reach any worker on a shared
	 * socket.
	 */
	@Override
	protected void unlockAccept() {
		SharedListener current = this.listener;
		if (current != null && isAlone()) {
			current.wakeUp();
		}
		else if (current != null) {
			boolean unplanned = !gate().isClosed();
			stopAccepting();
			if (unplanned) {
				this.whenClosedUnplanned.run();
			}
		}
		else if (!gate().isClosed()) {
			super.unlockAccept();
		}
	}

	/**
	 * Take no more connections, for good, and return once that is certain.
	 */
	void stopAccepting() {
		if (isAlone() && this.acceptor != null && !gate().isClosed()) {
			takeQueued();
		}
		gate().close();
		try {
			NetworkChannel serverSocket = getServerSocket();
			SharedListener current = this.listener;
			if (current != null) {
				current.stopAccepting();
			}
			else if (serverSocket != null) {
				serverSocket.close();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		if (this.acceptor instanceof GatedAcceptor gated) {
			gated.awaitParked();
		}
	}

	/**
	 * Take what waits in the kernel's queue, also beyond the worker's limit: it would be
	 * reset with the socket. Nobody else takes it when there are no siblings.
	 */
	private void takeQueued() {
		SharedListener current = this.listener;
		if (current != null) {
			current.turnAway();
		}
		gate().lastCall();
		long start = System.nanoTime();
		while (!isQueueEmpty() && System.nanoTime() - start < LAST_CALL.toNanos()) {
			LockSupport.parkNanos(LOOK_INTERVAL.toNanos());
		}
	}

	private boolean isQueueEmpty() {
		SharedListener current = this.listener;
		if (current != null) {
			long before = current.emptyLooks();
			current.wakeUp();
			LockSupport.parkNanos(LOOK_INTERVAL.toNanos());
			return current.emptyLooks() > before;
		}
		OptionalInt length = KernelSockets.of(getLocalPort()).queued();
		if (length.isPresent()) {
			return length.getAsInt() == 0;
		}
		long takenBefore = this.taken.get();
		LockSupport.parkNanos(QUEUE_QUIET.toNanos());
		return this.taken.get() == takenBefore;
	}

	/**
	 * See to the open connections once no more are taken.
	 */
	void windDown(Duration patience) {
		OpenConnections connections = this.openConnections;
		if (connections == null) {
			connections = new OpenConnections(this, slot());
			this.openConnections = connections;
		}
		connections.windDown(patience);
	}

	/**
	 * Out of memory, for one: a worker that takes no connections is of no use.
	 */
	void acceptorDied() {
		slot().setAccepting(false);
		if (this.listener != null) {
			this.whenClosedUnplanned.run();
		}
	}

	/**
	 * Wait until a connection may be taken.
	 * @return whether to take one; {@code false} when accepting has ended
	 */
	boolean awaitTurn() throws InterruptedException {
		if (isAtLimit()) {
			slot().setAccepting(false);
			makeRoom();
		}
		countUpOrAwaitConnection();
		boolean turn = false;
		try {
			turn = gate().awaitTurn(newConnections()::look) && !isPaused();
			return turn;
		}
		finally {
			if (!turn) {
				super.countDownConnection();
			}
		}
	}

	private boolean isAtLimit() {
		return getMaxConnections() > 0 && getConnectionCount() >= getMaxConnections();
	}

	/**
	 * Connections that have sent nothing keep nobody out who may have something to send.
	 */
	private void makeRoom() {
		while (isAtLimit() && !newConnections().isEmpty() && !gate().isClosed() && !isPaused()) {
			if (!newConnections().closeOldest()) {
				LockSupport.parkNanos(LOOK_INTERVAL.toNanos());
			}
		}
	}

	private boolean closeIfSilent(SocketChannel socket) {
		return this.connections.get(socket) instanceof NioSocketWrapper connection
				&& OpenConnections.closeIfSilent(connection);
	}

	/**
	 * Take the next connection, waiting for one, unless the gate has closed meanwhile.
	 */
	void takeNext() throws Exception {
		if (gate().isClosed()) {
			super.countDownConnection();
			return;
		}
		SharedListener current = this.listener;
		SocketChannel socket = accept(current);
		if (socket == null) {
			super.countDownConnection();
			return;
		}
		this.taken.incrementAndGet();
		attached(this.counts).taken((current != null) ? current.lastListener() : 0);
		slot().addOpenConnections(1);
		if (current == null && isPaused()) {
			// Tomcat's connection to itself, which ends the wait
			destroySocket(socket);
			return;
		}
		newConnections().taken(socket);
		if (!setSocketOptions(socket)) {
			closeSocket(socket);
			arrived(socket);
		}
	}

	/**
	 * Begin with a connection. One whose request is there already needs no poller to find
	 * out. That of TLS is a handshake first, which waits for the client anyway.
	 */
	@Override
	protected boolean setSocketOptions(SocketChannel socket) {
		boolean prompt = !isSSLEnabled() && OpenConnections.hasArrived(socket);
		if (!prompt && !TomcornConnection.isUnix(socket)) {
			return super.setSocketOptions(socket);
		}
		try {
			if (prompt) {
				PromptConnection connection = new PromptConnection(newChannel(), socket, this);
				this.connections.put(socket, connection);
				return processSocket(connection, SocketEvent.OPEN_READ, true);
			}
			TomcornConnection connection = new TomcornConnection(newChannel(), socket, this);
			this.connections.put(socket, connection);
			getPoller().register(connection);
			return true;
		}
		catch (IOException | RuntimeException ex) {
			getLog().debug("Cannot begin with a connection", ex);
			if (!this.connections.containsKey(socket)) {
				destroySocket(socket);
			}
			return false;
		}
	}

	@Override
	public void stopInternal() {
		for (SocketWrapperBase<NioChannel> connection : getConnections()) {
			if (connection instanceof PromptConnection prompt) {
				prompt.closeUnlessRegistered();
			}
		}
		super.stopInternal();
	}

	private NioChannel newChannel() {
		SynchronizedStack<NioChannel> used = getNioChannels();
		NioChannel channel = (used != null) ? used.pop() : null;
		return (channel != null) ? channel
				: createChannel(new SocketBufferHandler(this.socketProperties.getAppReadBufSize(),
						this.socketProperties.getAppWriteBufSize(), this.socketProperties.getDirectBuffer()));
	}

	private @Nullable SocketChannel accept(@Nullable SharedListener current) throws Exception {
		try {
			return (current != null) ? current.accept() : serverSocketAccept();
		}
		catch (Exception ex) {
			slot().setAccepting(false);
			super.countDownConnection();
			throw ex;
		}
	}

	private void arrived(SocketChannel socket) {
		if (newConnections().arrived(socket)) {
			gate().changed();
		}
	}

	@Override
	public boolean processSocket(SocketWrapperBase<NioChannel> socketWrapper, SocketEvent event, boolean dispatch) {
		SocketChannel socket = (!newConnections().isEmpty() && socketWrapper != null)
				? socketWrapper.getSocket().getIOChannel() : null;
		boolean processed = super.processSocket(socketWrapper, event, dispatch);
		if (socket != null) {
			arrived(socket);
		}
		return processed;
	}

	@Override
	protected long countDownConnection() {
		slot().addOpenConnections(-1);
		long count = super.countDownConnection();
		gate().changed();
		return count;
	}

	@Override
	public @Nullable Executor getExecutor() {
		Executor executor = super.getExecutor();
		CountingExecutor counting = this.countingExecutor;
		if (executor == null || this.counts == null || this.gate == null) {
			return executor;
		}
		if (counting == null || counting.target() != executor) {
			counting = new CountingExecutor(executor, this.counts, this.gate);
			this.countingExecutor = counting;
		}
		return counting;
	}

}
