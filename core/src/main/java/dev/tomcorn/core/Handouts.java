package dev.tomcorn.core;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import dev.tomcorn.core.listener.ListenerHandout;
import dev.tomcorn.core.listener.ListeningSocket;
import dev.tomcorn.core.process.WorkerIdentity;
import org.jspecify.annotations.Nullable;

/**
 * All listening sockets that an arbiter hands out: those of the application but the
 * first, and that of the management port.
 */
final class Handouts implements Closeable {

	private final List<ListenerHandout> handouts = new ArrayList<>();

	private Handouts() {
	}

	/**
	 * Hand out sockets.
	 * @param runDirectory where others ask for them
	 * @param sockets those of the application
	 * @param management that of the management port, or {@code null} if it has none
	 * @return the handouts
	 * @throws IOException if that is not possible
	 */
	static Handouts open(Path runDirectory, List<ListeningSocket> sockets, @Nullable ListeningSocket management)
			throws IOException {
		Handouts handouts = new Handouts();
		try {
			for (int i = 1; i < sockets.size(); i++) {
				handouts.handouts
					.add(ListenerHandout.open(WorkerIdentity.listenerSocket(runDirectory, i), sockets.get(i)));
			}
			if (management != null) {
				handouts.handouts.add(ListenerHandout.open(WorkerIdentity.managementSocket(runDirectory), management));
			}
			return handouts;
		}
		catch (IOException | RuntimeException ex) {
			handouts.close();
			throw ex;
		}
	}

	/**
	 * Make the sockets reachable again if their files have been removed.
	 * @throws IOException if that is not possible
	 */
	void restore() throws IOException {
		for (ListenerHandout handout : this.handouts) {
			handout.restore();
		}
	}

	@Override
	public void close() {
		this.handouts.forEach(ListenerHandout::close);
	}

}
