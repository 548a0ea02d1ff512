package dev.tomcorn.tomcat;

import java.io.IOException;
import java.nio.channels.SocketChannel;

import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SendfileDataBase;
import org.apache.tomcat.util.net.SendfileState;
import org.apache.tomcat.util.net.SocketEvent;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose first request had arrived when it was taken. It is registered with
 * the poller only when it must wait. A connection that is closed after its response thus
 * saves two switches between threads and the work of the selector.
 */
final class PromptConnection extends TomcornConnection {

	private final TomcornEndpoint endpoint;

	private final SocketChannel socket;

	private boolean registered;

	/**
	 * Create a connection and prepare its socket.
	 * @param channel the channel, which another connection may have used before
	 * @param socket the socket
	 * @param endpoint the endpoint that has taken it
	 * @throws IOException if the socket cannot be prepared
	 */
	PromptConnection(NioChannel channel, SocketChannel socket, TomcornEndpoint endpoint) throws IOException {
		super(channel, socket, endpoint);
		this.endpoint = endpoint;
		this.socket = socket;
	}

	/**
	 * Begin to process the request. If the executor takes turns with the acceptor, the
	 * acceptor serves it.
	 * @return the task for the acceptor, or {@code null} if another thread serves it
	 */
	@Nullable Runnable begin() {
		if (this.endpoint.getExecutor() instanceof CountingExecutor executor && executor.takesTurns()) {
			return () -> serve(executor);
		}
		processLater();
		return null;
	}

	private void processLater() {
		if (!this.endpoint.processSocket(this, SocketEvent.OPEN_READ, true)) {
			close();
			this.endpoint.arrived(this.socket);
		}
	}

	private void serve(CountingExecutor executor) {
		boolean served = executor.tryRun(() -> {
			this.endpoint.arrived(this.socket);
			if (!this.endpoint.processSocket(this, SocketEvent.OPEN_READ, false)) {
				close();
			}
		});
		if (!served) {
			processLater();
		}
	}

	@Override
	public void registerReadInterest() {
		if (register()) {
			super.registerReadInterest();
		}
	}

	@Override
	public void registerWriteInterest() {
		if (register()) {
			super.registerWriteInterest();
		}
	}

	@Override
	public SendfileState processSendfile(SendfileDataBase data) {
		return register() ? super.processSendfile(data) : SendfileState.ERROR;
	}

	/**
	 * Close the connection unless it is registered with the poller. The poller closes all
	 * that are registered when the endpoint stops.
	 */
	void closeUnlessRegistered() {
		boolean known;
		synchronized (this) {
			known = this.registered;
		}
		if (!known) {
			close();
		}
	}

	/**
	 * Register the connection with the poller, once. Any thread that writes may call
	 * this.
	 * @return whether it is registered
	 */
	private synchronized boolean register() {
		if (!this.registered) {
			try {
				getSocket().getIOChannel().register(getPoller().getSelector(), 0, this);
				this.registered = true;
			}
			catch (IOException | RuntimeException ex) {
				// Closed meanwhile, or the endpoint has stopped
				close();
			}
		}
		return this.registered;
	}

}
