package dev.tomcorn.core;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import dev.tomcorn.core.listener.DescriptorServer;
import dev.tomcorn.core.listener.ListeningSocket;
import dev.tomcorn.core.process.WorkerIdentity;
import org.jspecify.annotations.Nullable;

/**
 * The servers for all listening sockets that an arbiter passes on: those of the
 * application except the first, and that of the management port.
 */
final class DescriptorServers implements Closeable {

	private final List<DescriptorServer> servers = new ArrayList<>();

	private DescriptorServers() {
	}

	/**
	 * Open the servers.
	 * @param runDirectory where other processes find them
	 * @param sockets those of the application
	 * @param management that of the management port, or {@code null} if it has none
	 * @return the servers
	 * @throws IOException if that is not possible
	 */
	static DescriptorServers open(Path runDirectory, List<ListeningSocket> sockets,
			@Nullable ListeningSocket management) throws IOException {
		DescriptorServers descriptorServers = new DescriptorServers();
		try {
			for (int i = 1; i < sockets.size(); i++) {
				descriptorServers.servers
					.add(DescriptorServer.open(WorkerIdentity.listenerSocket(runDirectory, i), sockets.get(i)));
			}
			if (management != null) {
				descriptorServers.servers
					.add(DescriptorServer.open(WorkerIdentity.managementSocket(runDirectory), management));
			}
			return descriptorServers;
		}
		catch (IOException | RuntimeException ex) {
			descriptorServers.close();
			throw ex;
		}
	}

	/**
	 * Make the sockets reachable again if their files have been removed.
	 * @throws IOException if that is not possible
	 */
	void restore() throws IOException {
		for (DescriptorServer server : this.servers) {
			server.restore();
		}
	}

	@Override
	public void close() {
		this.servers.forEach(DescriptorServer::close);
	}

}
