package dev.tomcorn.peer;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

import javax.management.ObjectName;

import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.Request;
import org.apache.coyote.http11.Http11NioProtocol;

/**
 * Tomcat connector that listens on a Unix domain socket for the other workers. It has a
 * few platform threads of its own, so that it answers even if all request threads of the
 * application are blocked.
 */
final class PeerConnector extends Connector {

	/**
	 * Most forwarded requests that run at a time. A request that hangs keeps its thread
	 * even when its client is gone.
	 */
	static final int MAX_FORWARDED = 8;

	private static final int THREADS = MAX_FORWARDED + 4;

	private static final int CONNECTIONS = 64;

	/**
	 * Large enough for the headers that forwarding adds to those of the client.
	 */
	private static final int HEADER_SIZE = 128 * 1024;

	private static final Duration TIMEOUT = Duration.ofSeconds(5);

	private final Function<String, Optional<PeerCommand>> commands;

	PeerConnector(Path socket, Function<String, Optional<PeerCommand>> commands) {
		super(new PeerProtocol());
		this.commands = commands;
		PeerProtocol protocol = (PeerProtocol) getProtocolHandler();
		protocol.setMaxThreads(THREADS);
		protocol.setMinSpareThreads(1);
		protocol.setMaxConnections(CONNECTIONS);
		protocol.setAcceptCount(CONNECTIONS);
		protocol.setMaxHttpRequestHeaderSize(HEADER_SIZE);
		protocol.setConnectionTimeout((int) TIMEOUT.toMillis());
		setProperty("unixDomainSocketPath", socket.toString());
		setProperty("unixDomainSocketPathPermissions", "rw-------");
		// The start creates the file, the stop removes it
		setProperty("bindOnInit", "false");
	}

	@Override
	public Request createRequest(org.apache.coyote.Request coyoteRequest) {
		return new ForwardedRequest(this, coyoteRequest);
	}

	@Override
	protected void initInternal() throws LifecycleException {
		super.initInternal();
		getProtocolHandler().setAdapter(new PeerAdapter(this, this.commands));
	}

	/**
	 * Has a fixed name: Tomcat would name threads and meters after the path, which
	 * differs for each worker.
	 */
	private static final class PeerProtocol extends Http11NioProtocol {

		@Override
		public String getName() {
			return ObjectName.quote("tomcorn-peer");
		}

	}

}
