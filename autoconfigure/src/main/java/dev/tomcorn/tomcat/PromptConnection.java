package dev.tomcorn.tomcat;

import java.io.IOException;
import java.nio.channels.SocketChannel;

import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SendfileDataBase;
import org.apache.tomcat.util.net.SendfileState;
import org.apache.tomcat.util.net.SocketEvent;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose first request had arrived when it was taken. The poller gets to know
 * it only when it has to wait for something: for one that is closed after its answer, two
 * hand-overs between threads and the work of the selector are saved.
 */
final class PromptConnection extends TomcornConnection {

	private final TomcornEndpoint endpoint;

	private final SocketChannel socket;

	private boolean registered;

	/**
	 * Create a connection and prepare its socket.
	 * @param channel the channel, which may have had another connection before
	 * @param socket the socket
	 * @param endpoint what has taken it
	 * @throws IOException if the socket cannot be prepared
	 */
	PromptConnection(NioChannel channel, SocketChannel socket, TomcornEndpoint endpoint) throws IOException {
		super(channel, socket, endpoint);
		this.endpoint = endpoint;
		this.socket = socket;
	}

	/**
	 * Begin with the request. An executor that takes turns with the acceptor leaves it to
	 * that.
	 * @return what the acceptor is to do, or {@code null} if another thread does it
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
	 * Close the connection if the poller does not know it, which closes all others when
	 * the endpoint stops.
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
	 * Have the poller know the connection, once. Any thread that writes may come here.
	 * @return whether it does
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
