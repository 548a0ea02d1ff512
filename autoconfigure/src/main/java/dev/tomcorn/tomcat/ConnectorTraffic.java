package dev.tomcorn.tomcat;

import java.time.Duration;

import dev.tomcorn.WorkerModel;
import dev.tomcorn.core.listener.SharedListener;
import dev.tomcorn.core.scoreboard.ListenerTable;
import dev.tomcorn.request.RequestFigures;
import dev.tomcorn.worker.Traffic;
import dev.tomcorn.worker.WorkerProcess;
import org.jspecify.annotations.Nullable;

/**
 * The connections of the application's connector.
 */
final class ConnectorTraffic implements Traffic {

	private final WorkerProcess process;

	private final RequestFigures figures;

	private final int concurrency;

	private final AcceptGate gate;

	private final ManagementConnections management;

	private volatile @Nullable TomcornProtocol protocol;

	/**
	 * Create the traffic of a worker.
	 * @param process the worker
	 * @param model its worker class
	 * @param figures figures of its requests
	 * @param management its connections of the management port
	 * @param slowStart how long it takes less than its share of connections at first
	 */
	ConnectorTraffic(WorkerProcess process, WorkerModel model, RequestFigures figures, ManagementConnections management,
			Duration slowStart) {
		this.process = process;
		this.figures = figures;
		this.concurrency = model.concurrency();
		this.management = management;
		SharedListener listener = process.listener();
		this.gate = new AcceptGate(process.scoreboard(), process.slot(), model.concurrency(),
				(listener != null) ? listener::awaitWaitingConnection : null, this::asynchronousRequests,
				new SlowStart(slowStart, process.scoreboard(), System::nanoTime));
	}

	/**
	 * Make a connector carry the worker's traffic.
	 * @param newProtocol the connector's protocol, not yet initialized
	 * @param own opens the sockets of a solo application, if it does not listen on its
	 * connector's port
	 */
	void attach(TomcornProtocol newProtocol, @Nullable OwnListeners own) {
		Counts counts = new Counts(this.process.slot(), this.process.scoreboard().listenerQueue(),
				this.process.listeners().listeners().stream().map(ListenerTable.Listener::queue).toList(), this.figures,
				this.concurrency);
		newProtocol.attach(counts, this.gate, this.process.listener(), own, this.process::leave);
		this.protocol = newProtocol;
	}

	private int asynchronousRequests() {
		TomcornProtocol current = this.protocol;
		return (current != null) ? current.asynchronousRequests() : 0;
	}

	@Override
	public void startAccepting() {
		this.gate.open();
	}

	@Override
	public void stopAccepting() {
		try {
			TomcornProtocol current = this.protocol;
			if (current != null) {
				current.stopAccepting();
			}
		}
		finally {
			this.management.drain();
		}
	}

	@Override
	public void windDown(Duration patience) {
		this.management.windDown(patience);
		TomcornProtocol current = this.protocol;
		if (current != null) {
			current.windDown(patience);
		}
	}

	@Override
	public int stopAcceptingManagement() {
		return this.management.stopAccepting();
	}

	@Override
	public int eventStreams() {
		TomcornProtocol current = this.protocol;
		return (current != null) ? current.eventStreams() : 0;
	}

	@Override
	public void endEventStreams() {
		TomcornProtocol current = this.protocol;
		if (current != null) {
			current.endEventStreams();
		}
	}

	@Override
	public int timeOutAsynchronous() {
		TomcornProtocol current = this.protocol;
		return (current != null) ? current.timeOutAsynchronous() : 0;
	}

}
