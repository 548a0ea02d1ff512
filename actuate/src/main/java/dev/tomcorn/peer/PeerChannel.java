package dev.tomcorn.peer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.apache.catalina.Service;
import org.apache.catalina.startup.Tomcat;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * This worker's end of the peer channel: HTTP on a Unix domain socket in the run
 * directory, for the other workers of the fleet. It serves the same contexts as Tomcat's
 * own port, and the {@linkplain PeerCommand commands}. It lives as long as Tomcat, so
 * that it also answers while the worker drains.
 */
public final class PeerChannel {

	private static final Log logger = LogFactory.getLog(PeerChannel.class);

	private final Peers peers;

	private final Path directory;

	private final Path socket;

	private final RunDirectoryWatch watch;

	private final Supplier<Stream<PeerCommand>> commands;

	/**
	 * Create the channel.
	 * @param peers the workers
	 * @param runDirectory directory of the fleet
	 * @param watch checks whether the socket still exists
	 * @param commands supplies the commands, called for each request
	 */
	public PeerChannel(Peers peers, Path runDirectory, RunDirectoryWatch watch,
			Supplier<Stream<PeerCommand>> commands) {
		this.peers = peers;
		this.directory = runDirectory;
		this.socket = socket(runDirectory, peers.self().age());
		this.watch = watch;
		this.commands = commands;
	}

	static Path socket(Path runDirectory, long age) {
		return runDirectory.resolve("peer-" + age + ".sock");
	}

	static boolean isSocket(String file) {
		return file.startsWith("peer-") && file.endsWith(".sock");
	}

	/**
	 * Open the channel, unless this server already has it. If that fails, the worker
	 * still serves traffic.
	 * @param tomcat the server that has the actuator endpoints, started
	 */
	public void open(Tomcat tomcat) {
		this.peers.removeLeftSockets();
		Service service = tomcat.getService();
		if (Arrays.stream(service.findConnectors()).anyMatch(PeerConnector.class::isInstance)) {
			return;
		}
		PeerConnector connector = new PeerConnector(this.socket, this::find);
		connector.setThrowOnFailure(true);
		try {
			service.addConnector(connector);
		}
		catch (IllegalArgumentException ex) {
			// Its path may be too long: the ages of workers get longer
			logger.warn("Tomcat cannot listen at " + this.socket, ex);
		}
		if (!connector.getState().isAvailable() || !Files.exists(this.socket)) {
			service.removeConnector(connector);
			logger.warn("The other workers cannot reach this one: no socket at " + this.socket);
			return;
		}
		this.watch.add(() -> keep(service));
	}

	/**
	 * Create the socket again if it was removed, for example by a cleanup job.
	 * @return whether the server still runs
	 */
	private boolean keep(Service service) {
		boolean available = service.getState().isAvailable();
		// The arbiter creates a missing directory again
		if (available && !Files.exists(this.socket) && Files.isDirectory(this.directory)) {
			restore(service);
		}
		return available;
	}

	/**
	 * Add a second connector. The unreachable first one stays until the end, because
	 * Tomcat can only stop it through its socket file.
	 */
	private void restore(Service service) {
		PeerConnector another = new PeerConnector(this.socket, this::find);
		another.setThrowOnFailure(true);
		try {
			service.addConnector(another);
		}
		catch (IllegalArgumentException ex) {
			// The next check tries again
			service.removeConnector(another);
			logger.debug("Tomcat cannot listen again at " + this.socket, ex);
		}
	}

	private Optional<PeerCommand> find(String name) {
		return this.commands.get().filter((command) -> command.name().equals(name)).findFirst();
	}

}
