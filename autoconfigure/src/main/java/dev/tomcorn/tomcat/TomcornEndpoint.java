package dev.tomcorn.tomcat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;

import dev.tomcorn.core.listener.SharedListener;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import org.apache.tomcat.util.ExceptionUtils;
import org.apache.tomcat.util.collections.SynchronizedStack;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.apache.tomcat.util.threads.ThreadPoolExecutor;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's endpoint with a gate before {@code accept}. A supervised worker accepts from
 * the listening sockets that it shares with its siblings. A solo application accepts from
 * those in {@code tomcorn.bind}, or else from Tomcat's own.
 */
final class TomcornEndpoint extends NioEndpoint {

	private static final Duration LOOK_INTERVAL = Duration.ofMillis(5);

	private final QueuedConnections queued = new QueuedConnections(() -> this.listener, this::getLocalPort);

	/**
	 * The listening sockets, unless Tomcat's own socket is in use.
	 */
	private volatile @Nullable SharedListener listener;

	/**
	 * Opens the listening sockets if there are no siblings that share them.
	 */
	private @Nullable OwnListeners own;

	private Runnable whenClosedUnplanned = () -> {
	};

	private @Nullable Counts counts;

	private @Nullable NewConnections newConnections;

	private @Nullable Gate gate;

	private volatile @Nullable CountingExecutor countingExecutor;

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

	WorkerSlot slot() {
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
	 * Return the local ports of the listening sockets.
	 */
	Set<Integer> ports() {
		SharedListener current = this.listener;
		int port = getLocalPort();
		return (current != null) ? current.ports() : (port > 0) ? Set.of(port) : Set.of();
	}

	/**
	 * Return the name of the connector; for a Unix domain socket, its path, as in Tomcat.
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
	 * Return whether no sibling takes the connections that this worker leaves.
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
		GatedAcceptor gated = new GatedAcceptor(this, getName() + (servesOnAcceptor() ? "-exec-0" : "-Acceptor"));
		this.acceptor = gated;
		gated.start();
	}

	/**
	 * Tomcat would connect to itself, which could reach any worker on a shared socket.
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
	 * Stop taking connections permanently, and return once no more can be taken.
	 */
	void stopAccepting() {
		if (isAlone() && this.acceptor != null && !gate().isClosed()) {
			SharedListener current = this.listener;
			if (current != null) {
				current.refuseConnections();
			}
			gate().lastCall();
			this.queued.awaitNone();
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
	 * End a supervised worker, which is useless without an acceptor. One cause is a lack
	 * of memory.
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
			turn = gate().awaitTurn(newConnections()::expire) && !isPaused();
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
	 * Close silent connections, so that they do not block new ones at the limit.
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
	 * Wait for the next connection and take it, unless the gate has closed meanwhile. A
	 * connection whose request has arrived does not go through the poller. A TLS
	 * connection always does, because its handshake waits for the client anyway.
	 * @return a task that serves the connection on the calling thread, if any
	 */
	@Nullable Runnable takeNext() throws Exception {
		if (gate().isClosed()) {
			super.countDownConnection();
			return null;
		}
		SharedListener current = this.listener;
		SocketChannel socket = accept(current);
		if (socket == null) {
			super.countDownConnection();
			return null;
		}
		this.queued.taken();
		attached(this.counts).taken((current != null) ? current.lastListener() : 0);
		gate().taken();
		slot().addOpenConnections(1);
		if (current == null && isPaused()) {
			// Tomcat's connection to itself, which ends the wait
			destroySocket(socket);
			return null;
		}
		newConnections().taken(socket);
		if (!isSSLEnabled() && OpenConnections.hasArrived(socket)) {
			return begin(socket);
		}
		if (!setSocketOptions(socket)) {
			closeSocket(socket);
			arrived(socket);
		}
		return null;
	}

	/**
	 * Begin with a connection whose request has arrived.
	 */
	private @Nullable Runnable begin(SocketChannel socket) {
		try {
			PromptConnection connection = new PromptConnection(newChannel(), socket, this);
			this.connections.put(socket, connection);
			Runnable request = connection.begin();
			if (request != null) {
				slot().setAccepting(false);
			}
			return request;
		}
		catch (Throwable ex) {
			ExceptionUtils.handleThrowable(ex);
			giveUp(socket, ex);
			return null;
		}
	}

	@Override
	protected boolean setSocketOptions(SocketChannel socket) {
		if (!TomcornConnection.isUnix(socket)) {
			return super.setSocketOptions(socket);
		}
		try {
			TomcornConnection connection = new TomcornConnection(newChannel(), socket, this);
			this.connections.put(socket, connection);
			getPoller().register(connection);
		}
		catch (Throwable ex) {
			ExceptionUtils.handleThrowable(ex);
			giveUp(socket, ex);
		}
		return true;
	}

	private void giveUp(SocketChannel socket, Throwable cause) {
		getLog().debug("Cannot begin with a connection", cause);
		if (this.connections.containsKey(socket)) {
			closeSocket(socket);
		}
		else {
			destroySocket(socket);
		}
		arrived(socket);
	}

	/**
	 * Return whether the acceptor serves the connections that it takes. A worker that
	 * runs one request at a time takes no other connection meanwhile. A solo application
	 * does not serve on its acceptor, because it takes all queued connections when it
	 * stops.
	 */
	private boolean servesOnAcceptor() {
		return !isAlone() && this.counts != null && concurrency() == 1
				&& super.getExecutor() instanceof ThreadPoolExecutor && this.internalExecutor;
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

	@Override
	public void shutdownExecutor() {
		super.shutdownExecutor();
		if (this.acceptor instanceof GatedAcceptor gated && gated.isServing()) {
			gated.stopServing(getExecutorTerminationTimeoutMillis());
		}
	}

	@Override
	public int getCurrentThreadsBusy() {
		int busy = super.getCurrentThreadsBusy();
		return (this.acceptor instanceof GatedAcceptor gated && gated.isServing()) ? Math.min(busy + 1, getMaxThreads())
				: busy;
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

	/**
	 * A connection has sent something, or has ended.
	 */
	void arrived(SocketChannel socket) {
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
			counting = new CountingExecutor(executor, this.counts, this.gate, servesOnAcceptor());
			this.countingExecutor = counting;
		}
		return counting;
	}

}
