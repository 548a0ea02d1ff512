package dev.tomcorn.worker;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

import dev.tomcorn.Worker;
import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.ArbiterSettings;
import dev.tomcorn.core.arbiter.Command;
import dev.tomcorn.core.arbiter.BackgroundThread;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.arbiter.Operation;
import dev.tomcorn.core.control.ControlClient;
import dev.tomcorn.core.control.Message;
import dev.tomcorn.core.incident.ApplicationFrames;
import dev.tomcorn.core.incident.IncidentSettings;
import dev.tomcorn.core.listener.SharedListener;
import dev.tomcorn.core.problem.WorkerFacts;
import dev.tomcorn.core.process.OperatingSystemSignals;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.scoreboard.FleetLocks;
import dev.tomcorn.core.scoreboard.ListenerTable;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerRecord;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.request.RequestsInFlight;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * This JVM as a worker: its slot of the scoreboard and, when supervised, its connection
 * to the arbiter.
 */
public final class WorkerProcess {

	private static final Log logger = LogFactory.getLog(WorkerProcess.class);

	private static final int TERMINATED = 143;

	private final Scoreboard scoreboard;

	private final WorkerSlot slot;

	private final @Nullable FleetMembership fleet;

	private final @Nullable WorkerRecord record;

	private final WorkerEnd end;

	private final Readiness readiness;

	private final AtomicBoolean recycling = new AtomicBoolean();

	private final AtomicBoolean terminated = new AtomicBoolean();

	private volatile String deadlock = "";

	private final ArbiterRequests requests = new ArbiterRequests();

	private volatile @Nullable IncidentReport report;

	private volatile Supplier<List<String>> requestsInFlight = List::of;

	private volatile Consumer<String> whenRecycling = (reason) -> {
	};

	private volatile Runnable whenEnding = () -> {
	};

	private volatile @Nullable ArbiterSettings settings;

	private final BackgroundThread log = BackgroundThread.onDemand("tomcorn-worker-log");

	private WorkerProcess(Scoreboard scoreboard, WorkerSlot slot, @Nullable FleetMembership fleet,
			Duration gracefulTimeout, IntConsumer exit) {
		this.scoreboard = scoreboard;
		this.slot = slot;
		this.fleet = fleet;
		this.record = (fleet != null) ? fleet.record() : null;
		this.end = new WorkerEnd((fleet != null) ? fleet.identity() : null, gracefulTimeout, this::tellEnding, exit);
		this.readiness = new Readiness(slot, fleet, this.end::run);
	}

	/**
	 * Return the only worker of an application without an arbiter.
	 * @param gracefulTimeout how long its drain may wait for requests in flight
	 * @return the worker
	 */
	public static WorkerProcess solo(Duration gracefulTimeout) {
		return solo(gracefulTimeout, System::exit);
	}

	/**
	 * Return the only worker of an application without an arbiter.
	 * @param exit ends this JVM
	 */
	static WorkerProcess solo(Duration gracefulTimeout, IntConsumer exit) {
		Scoreboard scoreboard = Scoreboard.solo();
		WorkerSlot slot = scoreboard.claim(0, 0, 1, 1);
		slot.setPid(ProcessHandle.current().pid());
		slot.setStartedAt(Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime()));
		return new WorkerProcess(scoreboard, slot, null, gracefulTimeout, exit);
	}

	/**
	 * Join the arbiter that spawned this JVM: take over the listening socket, connect and
	 * start the heartbeat. From here on the worker ends when its arbiter ends.
	 * @param identity identity of this worker
	 * @param locks the fleet's locks, which stay open from here on
	 * @return the worker
	 * @throws IOException if the arbiter or its shared files cannot be reached
	 */
	public static WorkerProcess join(WorkerIdentity identity, FleetLocks locks) throws IOException {
		FleetMembership fleet = FleetMembership.join(identity, locks);
		WorkerProcess process = new WorkerProcess(fleet.scoreboard(), fleet.slot(), fleet, Duration.ZERO, System::exit);
		fleet.heartbeat().start();
		OperatingSystemSignals.onTerminate(process::terminated);
		process.end.cleanUpWhenClosed(fleet.control()::endIsNear);
		fleet.control().listen(process::onMessage, process.end::runOrphaned);
		return process;
	}

	/**
	 * Use the settings of this worker's configuration.
	 * @param newSettings the supervision policy for the arbiter; includes the time limit
	 * of the drain unless the arbiter sends another
	 * @param incidents contents of the incident report of this worker
	 */
	public void configure(ArbiterSettings newSettings, IncidentSettings incidents) {
		this.settings = newSettings;
		this.end.configure(newSettings.gracefulTimeout(), newSettings.closeTimeout());
		this.report = IncidentReport.of(incidents, () -> this.requestsInFlight.get());
	}

	/**
	 * Describe a worker for application code.
	 * @param process the worker's process
	 * @param workerClass name of the worker class
	 * @param requests the worker's requests
	 * @return the worker
	 */
	public static Worker worker(WorkerProcess process, String workerClass, RequestsInFlight requests) {
		return new ThisWorker(process, workerClass, requests);
	}

	/**
	 * Set the description of the requests in flight for incident reports.
	 * @param newRequestsInFlight describes each request in a line
	 */
	public void describeRequests(Supplier<List<String>> newRequestsInFlight) {
		this.requestsInFlight = newRequestsInFlight;
	}

	/**
	 * Record the code that ends this JVM outside a planned end.
	 * @param finder finds the application's frames in a stack
	 */
	public void watchExits(ApplicationFrames finder) {
		if (this.record != null) {
			ExitCaller.watch(this.record, finder, this.end::hasBegun);
		}
	}

	private void onMessage(Message message) {
		switch (message) {
			case Message.Order(Command.Serve(long _)) -> this.readiness.serve();
			case Message.Order(Command.Stop(long _, Duration gracefulTimeout)) -> this.end.begin(gracefulTimeout);
			case Message.Reply(long number, Answer answer) -> this.requests.answered(number, answer);
			case Message.Dump(String folder) -> dump(Path.of(folder));
			case Message.Hello _, Message.Welcome _, Message.TakeOver _, Message.Told _, Message.Operator _,
					Message.Request _, Message.Warning _, Message.Facts _, Message.Dumped _ ->
				logger.warn("The arbiter sent a message not meant for workers: " + message.getClass().getSimpleName());
		}
	}

	/**
	 * Handle TERM. The sender may also have sent it to the arbiter, as systemd does to
	 * every process of a unit; then the arbiter decides when this worker ends. If only
	 * this worker got it, the worker is replaced first. The second TERM ends the worker.
	 */
	void terminated() {
		boolean first = this.terminated.compareAndSet(false, true);
		if (first && this.slot.state() != WorkerState.STARTING) {
			recycle("it was sent TERM");
		}
		else {
			// Before it is ready, a worker ends at the first TERM like any JVM
			this.end.run(first ? TERMINATED : 0);
		}
	}

	private void dump(Path folder) {
		IncidentReport currentReport = this.report;
		if (currentReport != null && this.fleet != null) {
			ControlClient control = this.fleet.control();
			currentReport.writeInBackground(folder, () -> control.send(new Message.Dumped(folder.toString())));
		}
	}

	/**
	 * End this worker, which can no longer serve, and have it replaced.
	 */
	public void leave() {
		if (this.fleet != null
				&& (this.slot.state() == WorkerState.READY || this.slot.state() == WorkerState.STANDBY)) {
			this.end.begin(this.end.drainTimeout());
		}
	}

	/**
	 * Ask for a replacement, because this worker has reached a limit or cannot recover.
	 * It continues to serve until its replacement is ready. Does nothing solo.
	 * @param reason the reason, for the log
	 */
	public void recycle(String reason) {
		if (this.fleet != null && this.recycling.compareAndSet(false, true)) {
			try {
				this.fleet.control().send(new Message.Told(new Event.Recycle(this.slot.age(), reason)));
			}
			catch (RuntimeException | Error ex) {
				// The request was not sent: let the next call send it
				this.recycling.set(false);
				throw ex;
			}
			this.log.execute(() -> logger.debug("Asked to be replaced: " + reason));
			this.whenRecycling.accept(reason);
		}
	}

	/**
	 * Let the arbiter log a warning about the application, once for the whole fleet. Does
	 * nothing solo.
	 * @param name name of the warning
	 * @param text what happens and what to do about it
	 */
	public void warn(String name, String text) {
		if (this.fleet != null) {
			this.fleet.control().send(new Message.Warning(name, text));
		}
	}

	/**
	 * Set the callback for when this worker has asked to be replaced.
	 * @param newWhenRecycling takes the reason; must not block
	 */
	public void whenRecycling(Consumer<String> newWhenRecycling) {
		this.whenRecycling = newWhenRecycling;
	}

	/**
	 * Set the callback for when this worker begins to end and {@link #isEnding()} becomes
	 * {@code true}. It may be called more than once.
	 * @param newWhenEnding the callback; must not block
	 */
	public void whenEnding(Runnable newWhenEnding) {
		this.whenEnding = newWhenEnding;
	}

	/**
	 * Watch this worker from now on. Does nothing solo, because no arbiter could act on
	 * it.
	 * @param virtualThreads whether it needs virtual threads to be useful
	 * @param limits the recycling limits
	 */
	public void watch(boolean virtualThreads, RecycleLimits limits) {
		if (this.fleet != null) {
			FullMemory memory = (this.record != null) ? FullMemory.watch(this.record) : null;
			this.fleet.heartbeat()
				.watch(virtualThreads, RecycleWatch.of(limits, this.slot, this::recycle), memory,
						DeadlockWatch.ofThisJvm(this::deadlocked), IdleMemory.of(this.slot));
		}
	}

	/**
	 * Recycle this worker, because a deadlock does not resolve itself.
	 */
	private void deadlocked(String line) {
		this.deadlock = line;
		recycle(line);
	}

	/**
	 * Return a description of the deadlock in this JVM, or an empty text.
	 */
	String deadlock() {
		return this.deadlock;
	}

	/**
	 * Return the number of carriers of virtual threads before this worker added extra
	 * ones, 0 while there are none.
	 */
	int carriersLentFrom() {
		return (this.fleet != null) ? this.fleet.heartbeat().carriersLentFrom() : 0;
	}

	/**
	 * Send the arbiter the facts about possible problems that only this worker knows.
	 * Does nothing solo or with an arbiter of an older version.
	 */
	void tell(WorkerFacts facts) {
		if (this.fleet != null && this.scoreboard.takesFacts()) {
			this.fleet.control().send(new Message.Facts(facts.toBytes()));
		}
	}

	/**
	 * Set the drain to run when this worker ends.
	 */
	void drainWith(Drain newDrain) {
		this.end.drainWith(newDrain);
	}

	/**
	 * Return how long a drain may wait for requests in flight.
	 */
	Duration drainTimeout() {
		return this.end.drainTimeout();
	}

	/**
	 * Report to the arbiter that the application is loaded. Traffic begins when the
	 * arbiter allows it, or at once when solo. The first worker of a fleet waits until
	 * {@code main} has returned, because an application that is a job ends itself there.
	 * @param startServing begins to take connections; must not block
	 */
	public void ready(Runnable startServing) {
		this.readiness.ready(startServing, this.settings);
	}

	/**
	 * Report to the arbiter why the application cannot start. Returns once the report is
	 * sent.
	 * @param report what is wrong and what to do about it
	 */
	public void bootFailed(String report) {
		this.readiness.bootFailed(report);
	}

	/**
	 * Report to the arbiter why the application of a worker that has not joined it cannot
	 * start.
	 * @param identity identity of the worker
	 * @param report what is wrong and what to do about it
	 */
	public static void bootFailed(WorkerIdentity identity, String report) {
		try {
			Scoreboard scoreboard = Scoreboard.open(identity.scoreboard(), identity.arbiterPid());
			ControlClient control = ControlClient.connectToReport(identity.controlSocket(), identity.placement().age(),
					FleetMembership.token(scoreboard));
			control.send(new Message.Told(new Event.BootFailed(identity.placement().age(), report)));
			control.flush();
		}
		catch (IOException ex) {
			// The arbiter still gets the exit code
		}
	}

	/**
	 * Ask the arbiter for an operation.
	 * @param operation the operation
	 * @return the answer; when solo, a failure that is complete at once. The caller
	 * cancels it to stop waiting.
	 */
	public CompletableFuture<Answer> ask(Operation operation) {
		return (this.fleet != null) ? this.requests.ask(this.fleet.control(), operation) : CompletableFuture
			.completedFuture(Answer.failed("This application runs without an arbiter, in one process"));
	}

	/**
	 * Return how long the arbiter may take to write an incident about a worker.
	 * @return the longest time
	 */
	public Duration recordLimit() {
		ArbiterSettings currentSettings = this.settings;
		return (currentSettings != null) ? currentSettings.recordLimit() : ArbiterSettings.RECORD_LIMIT;
	}

	/**
	 * Return whether the worker is ending.
	 * @return whether it takes no more connections
	 */
	public boolean isEnding() {
		return this.end.hasBegun() || this.slot.state() == WorkerState.DRAINING;
	}

	/**
	 * Announce that the worker takes no more connections.
	 */
	void draining() {
		this.slot.setState(WorkerState.DRAINING);
		tellEnding();
		if (this.fleet != null) {
			this.fleet.control().send(new Message.Told(new Event.Draining(this.slot.age())));
		}
	}

	/**
	 * Report the end. A failure must not stop the end, nor may the log, which may hang.
	 */
	private void tellEnding() {
		try {
			this.whenEnding.run();
		}
		catch (RuntimeException | Error ex) {
			this.log.execute(() -> logger.error("A listener of the end has failed", ex));
		}
	}

	/**
	 * Return the record that stays readable after this worker's end.
	 * @return the record; {@code null} when solo, or if the arbiter has none
	 */
	public @Nullable WorkerRecord record() {
		return this.record;
	}

	/**
	 * Return whether an arbiter supervises this worker.
	 * @return whether the worker is supervised
	 */
	public boolean isSupervised() {
		return this.fleet != null;
	}

	/**
	 * Return whether the arbiter that supervised this worker has ended.
	 * @return whether it has
	 */
	public boolean isOrphaned() {
		return this.end.isOrphaned();
	}

	/**
	 * Return the sockets that the worker shares with its siblings.
	 * @return the sockets, or {@code null} when solo
	 */
	public @Nullable SharedListener listener() {
		return (this.fleet != null) ? this.fleet.listener() : null;
	}

	/**
	 * Return the ports that the worker shares with its siblings.
	 * @return the ports; none when solo
	 */
	public Set<Integer> sharedPorts() {
		SharedListener listener = listener();
		return (listener != null) ? listener.ports() : Set.of();
	}

	/**
	 * Return the listening sockets of the fleet.
	 * @return each socket with its queue; none when solo
	 */
	public ListenerTable listeners() {
		return (this.fleet != null) ? this.fleet.listeners() : ListenerTable.none();
	}

	/**
	 * Return the directory that the workers of the fleet share.
	 * @return the directory, or {@code null} when solo
	 */
	public @Nullable Path runDirectory() {
		return (this.fleet != null) ? this.fleet.identity().runDirectory() : null;
	}

	/**
	 * Return the fleet's locks.
	 * @return the locks, or {@code null} when solo
	 */
	public @Nullable FleetLocks locks() {
		return (this.fleet != null) ? this.fleet.locks() : null;
	}

	/**
	 * Return whether the workers of another arbiter serve. That arbiter replaces this
	 * fleet's arbiter or is replaced by it.
	 * @return whether they serve, whatever the workers of this fleet do
	 */
	public boolean isServedElsewhere() {
		Path directory = runDirectory();
		return directory != null && Files.exists(WorkerIdentity.servedElsewhereMark(directory));
	}

	/**
	 * Return the fleet's scoreboard.
	 * @return the scoreboard
	 */
	public Scoreboard scoreboard() {
		return this.scoreboard;
	}

	/**
	 * Return this worker's slot of the scoreboard.
	 * @return the slot
	 */
	public WorkerSlot slot() {
		return this.slot;
	}

}
