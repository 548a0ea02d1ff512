package dev.tomcorn.tomcat;

import java.util.concurrent.Executor;

import dev.tomcorn.core.listener.SharedListener;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import org.apache.coyote.http11.Http11NioProtocol;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's HTTP protocol on Tomcorn's endpoint. Public, with a public constructor,
 * because Tomcat creates it by name.
 */
public final class TomcornProtocol extends Http11NioProtocol {

	private final TomcornEndpoint endpoint;

	/**
	 * Create the protocol, to be connected with its worker by {@link ConnectorTraffic}.
	 */
	public TomcornProtocol() {
		this(new TomcornEndpoint());
	}

	private TomcornProtocol(TomcornEndpoint endpoint) {
		super(endpoint);
		this.endpoint = endpoint;
	}

	void attach(WorkerSlot slot, AcceptGate gate, @Nullable SharedListener listener, Runnable whenClosedUnplanned) {
		this.endpoint.attach(slot, gate, listener, whenClosedUnplanned);
	}

	/**
	 * Return what runs the requests, as Tomcat's own protocol would.
	 */
	@Override
	public @Nullable Executor getExecutor() {
		Executor executor = super.getExecutor();
		return (executor instanceof CountingExecutor counting) ? counting.target() : executor;
	}

	void stopAccepting() {
		this.endpoint.stopAccepting();
	}

	void announceClose() {
		// Read at the start of each request
		setMaxKeepAliveRequests(1);
		this.endpoint.announceClose();
	}

}
