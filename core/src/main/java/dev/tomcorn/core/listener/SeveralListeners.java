package dev.tomcorn.core.listener;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Several listening sockets from which one thread takes connections in turn. A thread can
 * block in the kernel on one socket only, so these are in non-blocking mode, in every
 * process that shares them. All waiting threads wake up for a connection, and only one
 * gets it.
 */
public final class SeveralListeners implements SharedListener {

	/**
	 * A listening socket of this process.
	 */
	sealed interface Part permits InheritedListener, ReceivedListener, OwnListener {

		/**
		 * Return the channel that accepts.
		 * @throws IOException if there is none
		 */
		ServerSocketChannel acceptor() throws IOException;

		/**
		 * End accepting in this process, for good.
		 * @throws IOException if the socket cannot be closed
		 */
		void stopAccepting() throws IOException;

		/**
		 * Return the channel for inspection.
		 */
		NetworkChannel channel();

	}

	private final List<Part> parts;

	private final List<ServerSocketChannel> channels = new ArrayList<>();

	private final Selector selector;

	private volatile boolean closed;

	/**
	 * Whether sockets that outlive this process are no longer accepted from.
	 */
	private volatile boolean turningAway;

	private final AtomicLong emptyLooks = new AtomicLong();

	/**
	 * The socket to try next. Used by the acceptor's thread only, like the next field.
	 */
	private int next;

	private int last;

	private SeveralListeners(List<? extends Part> parts, Selector selector) throws IOException {
		this.parts = List.copyOf(parts);
		this.selector = selector;
		for (Part part : parts) {
			ServerSocketChannel channel = part.acceptor();
			channel.configureBlocking(false);
			channel.register(this.selector, SelectionKey.OP_ACCEPT);
			this.channels.add(channel);
		}
	}

	/**
	 * Take connections from several sockets.
	 * @param parts the sockets
	 * @return all of them together
	 * @throws IOException if that is not possible; the sockets are closed then
	 */
	static SeveralListeners of(List<? extends Part> parts) throws IOException {
		Selector selector = null;
		try {
			selector = Selector.open();
			return new SeveralListeners(parts, selector);
		}
		catch (IOException | RuntimeException ex) {
			try {
				close(selector, parts);
			}
			catch (IOException | RuntimeException suppressed) {
				ex.addSuppressed(suppressed);
			}
			throw ex;
		}
	}

	/**
	 * {@inheritDoc}
	 * @return the connection, or {@code null} if another process was faster, or this
	 * thread must check for changes
	 */
	@Override
	public @Nullable SocketChannel accept() throws IOException {
		SocketChannel connection = takeNext();
		if (connection == null) {
			this.emptyLooks.incrementAndGet();
			select(Duration.ZERO);
			connection = takeNext();
		}
		return connection;
	}

	private @Nullable SocketChannel takeNext() throws IOException {
		if (this.closed) {
			throw new ClosedChannelException();
		}
		int first = this.next;
		for (int i = 0; i < this.channels.size(); i++) {
			int number = (first + i) % this.channels.size();
			if (this.turningAway && !(this.parts.get(number) instanceof OwnListener)) {
				continue;
			}
			// A failing socket must not delay the others
			this.next = number + 1;
			SocketChannel connection = this.channels.get(number).accept();
			if (connection != null) {
				this.last = number;
				return connection;
			}
		}
		return null;
	}

	/**
	 * Wait for a connection.
	 * @param limit longest time to wait, 0 for no limit
	 */
	private int select(Duration limit) throws IOException {
		try {
			int ready = this.selector.select(limit.toMillis());
			this.selector.selectedKeys().clear();
			return ready;
		}
		catch (ClosedSelectorException ex) {
			throw new ClosedChannelException();
		}
	}

	@Override
	public int lastListener() {
		return this.last;
	}

	@Override
	public boolean awaitWaitingConnection(Duration limit) {
		try {
			if (limit.toMillis() > 0) {
				return select(limit) > 0;
			}
			int ready = this.selector.selectNow();
			this.selector.selectedKeys().clear();
			return ready > 0;
		}
		catch (IOException | ClosedSelectorException ex) {
			return false;
		}
	}

	@Override
	public void wakeUp() {
		this.selector.wakeup();
	}

	@Override
	public long emptyLooks() {
		return this.emptyLooks.get();
	}

	/**
	 * {@inheritDoc} Sockets that this process was started with are no longer accepted
	 * from. Their connections wait for the next process.
	 */
	@Override
	public void refuseConnections() {
		this.turningAway = true;
		for (int number = 0; number < this.parts.size(); number++) {
			if (this.parts.get(number) instanceof OwnListener own) {
				own.refuseConnections();
			}
			else {
				leave(this.channels.get(number));
			}
		}
	}

	/**
	 * Stop selecting a channel.
	 */
	private void leave(ServerSocketChannel channel) {
		SelectionKey key = channel.keyFor(this.selector);
		if (key != null) {
			key.cancel();
			this.selector.wakeup();
		}
	}

	@Override
	public void stopAccepting() throws IOException {
		synchronized (this) {
			if (this.closed) {
				return;
			}
			this.closed = true;
		}
		close(this.selector, this.parts);
	}

	/**
	 * Close all, even if one fails. A channel stays open while it is registered with a
	 * selector.
	 */
	private static void close(@Nullable Selector selector, List<? extends Part> parts) throws IOException {
		List<Closeable> all = new ArrayList<>();
		if (selector != null) {
			all.add(selector);
		}
		parts.forEach((part) -> all.add(part::stopAccepting));
		Exception failure = null;
		for (Closeable closeable : all) {
			try {
				closeable.close();
			}
			catch (IOException | RuntimeException ex) {
				if (failure == null) {
					failure = ex;
				}
				else {
					failure.addSuppressed(ex);
				}
			}
		}
		switch (failure) {
			case null -> {
			}
			case IOException ex -> throw ex;
			case RuntimeException ex -> throw ex;
			default -> throw new IllegalStateException(failure);
		}
	}

	@Override
	public Set<Integer> ports() {
		return SharedListener.portsOf(this.parts.stream().map(Part::channel));
	}

	/**
	 * Return the first socket that has a port, or else the first one.
	 */
	@Override
	public NetworkChannel channel() {
		return this.parts.stream()
			.map(Part::channel)
			.filter((channel) -> !SharedListener.portsOf(Stream.of(channel)).isEmpty())
			.findFirst()
			.orElseGet(() -> this.parts.getFirst().channel());
	}

}
