package dev.tomcorn.tomcat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import dev.tomcorn.core.listener.ReceivedListener;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.request.RequestsInFlight;
import dev.tomcorn.worker.WorkerProcess;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a management port that supervised workers share. They are counted
 * separately, because the application's connections show how busy a worker is.
 */
public final class ManagementConnections {

	/**
	 * Enough for people and monitors. A slow request does not delay one that asks all
	 * workers.
	 */
	private static final int MAX_THREADS = 16;

	private static final int SPARE_THREADS = 2;

	private final WorkerProcess process;

	private volatile @Nullable Attached attached;

	/**
	 * Create the connections of a worker. There are none until a connector is attached.
	 * @param process the worker
	 */
	public ManagementConnections(WorkerProcess process) {
		this.process = process;
	}

	private record Attached(TomcornProtocol protocol, ManagementGate gate, WorkerSlot count) {

	}

	/**
	 * Make a connector share the management port.
	 * @param protocol the connector's protocol, not yet initialized
	 * @param path socket on which the arbiter passes the listener
	 * @throws IOException if the arbiter does not pass the listener
	 */
	public void attach(TomcornProtocol protocol, Path path) throws IOException {
		attach(protocol, ReceivedListener.receive(path));
	}

	void attach(TomcornProtocol protocol, ReceivedListener listener) {
		Scoreboard apart = Scoreboard.solo();
		WorkerSlot count = apart.claim(0, 0, 1, 1);
		ManagementGate gate = new ManagementGate(this.process.scoreboard(), this.process.slot(), listener,
				this.process::isServedElsewhere);
		// The threads of the application's requests may all be in use
		protocol.setExecutor(null);
		protocol.setMaxThreads(MAX_THREADS);
		protocol.setMinSpareThreads(SPARE_THREADS);
		protocol.attach(
				new Counts(count, apart.listenerQueue(), List.of(), new RequestsInFlight().figures(), MAX_THREADS),
				gate, listener, null, () -> {
				});
		gate.watch();
		this.attached = new Attached(protocol, gate, count);
	}

	/**
	 * Leave new connections to workers that serve, if there are any, and close the open
	 * ones after their next response.
	 */
	void drain() {
		Attached current = this.attached;
		if (current != null) {
			current.protocol().announceClose();
			current.gate().update();
			current.gate().watch();
			leaveToNextStart(current);
		}
	}

	void windDown(Duration patience) {
		Attached current = this.attached;
		if (current != null) {
			leaveToNextStart(current);
			current.protocol().windDown(patience);
		}
	}

	/**
	 * Close the socket of the management port if the arbiter has ended. The next start of
	 * the application needs the port.
	 */
	private void leaveToNextStart(Attached current) {
		if (this.process.isOrphaned()) {
			current.protocol().stopAccepting();
		}
	}

	/**
	 * Stop taking connections.
	 * @return how many are open
	 */
	int stopAccepting() {
		Attached current = this.attached;
		if (current == null) {
			return 0;
		}
		current.protocol().stopAccepting();
		return current.count().openConnections();
	}

}
