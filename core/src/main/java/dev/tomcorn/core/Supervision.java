package dev.tomcorn.core;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

import dev.tomcorn.core.arbiter.Arbiter;
import dev.tomcorn.core.arbiter.ArbiterLog;
import dev.tomcorn.core.arbiter.ArbiterSettings;
import dev.tomcorn.core.arbiter.BootPolicy;
import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.arbiter.FleetListener;
import dev.tomcorn.core.control.ControlServer;
import dev.tomcorn.core.incident.Incident;
import dev.tomcorn.core.incident.IncidentSettings;
import dev.tomcorn.core.listener.ListeningSocket;
import dev.tomcorn.core.listener.ListeningSockets;
import dev.tomcorn.core.problem.ProblemSettings;
import dev.tomcorn.core.problem.ProblemWatch;
import dev.tomcorn.core.process.EarlySignals;
import dev.tomcorn.core.process.FleetIdentity;
import dev.tomcorn.core.process.HeapShare;
import dev.tomcorn.core.process.LaunchPlan;
import dev.tomcorn.core.process.OperatingSystemSignals;
import dev.tomcorn.core.process.OptionIndexes;
import dev.tomcorn.core.process.OrphanReaper;
import dev.tomcorn.core.process.Predecessor;
import dev.tomcorn.core.process.ShellFile;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.process.WorkerLauncher;
import dev.tomcorn.core.release.PreloadSettings;
import dev.tomcorn.core.release.Releases;
import dev.tomcorn.core.scoreboard.FleetLocks;
import dev.tomcorn.core.scoreboard.ListenerTable;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerRecords;
import dev.tomcorn.core.systemd.SystemdNotifier;
import org.jspecify.annotations.Nullable;

/**
 * Runs this JVM as an arbiter.
 *
 * @param identity the identity of the fleet
 * @param settings the supervision policy
 * @param firstAlone whether the first worker boots alone
 * @param sockets the listening sockets, the first of which is file descriptor 0
 * @param management the listening socket of the management port, or {@code null} if there
 * is no separate one
 * @param plan how a worker is started
 * @param heap the heap that all workers share
 * @param preload settings of releases and AOT caches
 * @param incidents settings of incidents
 * @param problems limits from which something counts as a problem
 * @param runDirectoryParent where the run directory is created, or {@code null} for the
 * default
 * @param predecessor the arbiter that this one replaces, or {@code null} if there is none
 * @param early signals that arrived earlier, or {@code null} if they were not kept
 * @param pauseOnWinch whether WINCH pauses the fleet
 * @param announcement the log line for the time when signals are handled
 * @param listeners receive the events of the fleet
 * @param takingOver runs when this arbiter takes over, before its predecessor is notified
 * @param log the log
 */
public record Supervision(FleetIdentity identity, ArbiterSettings settings, boolean firstAlone,
		ListeningSockets sockets, @Nullable ListeningSocket management, LaunchPlan plan, HeapShare heap,
		PreloadSettings preload, IncidentSettings incidents, ProblemSettings problems,
		@Nullable Path runDirectoryParent, @Nullable Predecessor predecessor, @Nullable EarlySignals early,
		boolean pauseOnWinch, String announcement, List<FleetListener> listeners, Runnable takingOver, ArbiterLog log) {

	public Supervision {
		listeners = List.copyOf(listeners);
	}

	/**
	 * Supervise workers until the fleet ends.
	 * @return the exit code of this process
	 * @throws UncheckedIOException if the run directory cannot be set up
	 */
	public int run() {
		Mailbox mailbox = new Mailbox();
		Path runDirectory = null;
		try (BackgroundLog background = new BackgroundLog(this.log)) {
			OperatingSystemSignals.UnhandledSignals unheard = OperatingSystemSignals.handle(mailbox,
					(line) -> background.log(Level.WARN, line), this.pauseOnWinch);
			tell(unheard, background);
			if (this.early != null) {
				this.early.forwardTo(mailbox);
			}
			OrphanReaper.startIfFirst();
			Path parent = RunDirectory.parent(this.runDirectoryParent, System.getenv());
			runDirectory = RunDirectory.create(parent);
			background.log(Level.INFO, this.announcement);
			ShellFile shell = ShellFile.of(this.plan, runDirectory);
			tell(shell, background);
			return run(parent, runDirectory, shell, mailbox, unheard.ignored().contains("HUP"), background);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot set up the run directory", ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return 0;
		}
		finally {
			if (runDirectory != null) {
				RunDirectory.delete(runDirectory);
			}
		}
	}

	private static void tell(OperatingSystemSignals.UnhandledSignals unheard, ArbiterLog log) {
		if (!unheard.refused().isEmpty()) {
			log.log(Level.WARN, "This JVM does not deliver the signals " + unheard.refused()
					+ " (-Xrs?): they end the arbiter without draining");
		}
		if (!unheard.taken().isEmpty()) {
			log.log(Level.WARN, "The flight recorder of this JVM (-XX:StartFlightRecording) uses " + unheard.taken()
					+ " itself: that signal does not replace this arbiter");
		}
		// Scripts start background processes with INT ignored on purpose
		if (unheard.ignored().contains("HUP")) {
			log.log(Level.WARN, "This process was started with HUP ignored (nohup?): that signal does not reload, "
					+ "only the workers endpoint does");
		}
	}

	/**
	 * Write the file for the shell command. A fleet starts without it, too.
	 */
	private static void tell(ShellFile shell, ArbiterLog log) {
		try {
			shell.write();
			log.log(Level.INFO, "To see and steer this fleet: " + shell.command("status"));
		}
		catch (IOException ex) {
			log.log(Level.WARN, "The file for the shell command cannot be written (" + ex + ")");
		}
	}

	private int run(@Nullable Path parent, Path runDirectory, ShellFile shell, Mailbox mailbox, boolean ignoresHup,
			ArbiterLog background) throws IOException, InterruptedException {
		UUID token = UUID.randomUUID();
		long pid = ProcessHandle.current().pid();
		Scoreboard scoreboard = Scoreboard.create(WorkerIdentity.scoreboard(runDirectory), ProcessFleet.SLOTS, pid);
		scoreboard.setToken(token);
		scoreboard.takeFacts();
		scoreboard.setSecret(secret(background));
		scoreboard.identify(this.identity.ignoresHup(ignoresHup).toBytes());
		ListenerTable listeners = ListenerTable.create(WorkerIdentity.listeners(runDirectory), listenerRows());
		WorkerRecords records = records(runDirectory, background);
		FleetLocks locks = locks(runDirectory, background);
		// Close the sockets even if the end of this JVM hangs, so that no client waits
		// for a socket without a server
		try (this.sockets;
				WorkerDiagnostics diagnostics = new WorkerDiagnostics(this.incidents, fleet(scoreboard), background);
				ProblemWatch problemWatch = new ProblemWatch(this.problems, mailbox, background);
				ControlServer control = ControlServer.open(WorkerIdentity.controlSocket(runDirectory), token.toString(),
						mailbox, diagnostics::answered, new WarningLog(background)::tell,
						(facts, age) -> problemWatch.report(age, facts));
				ListeningSocket open = this.management;
				DescriptorServers descriptorServers = DescriptorServers.open(runDirectory, this.sockets.all(), open);
				RunDirectoryKeeper keeper = new RunDirectoryKeeper(runDirectory, shell, scoreboard, control,
						descriptorServers, background);
				LeftoverRemoval leftovers = new LeftoverRemoval(RunDirectory.parents(parent), runDirectory,
						RunDirectory.temporary(), background);
				ArbiterReplacement replacement = new ArbiterReplacement(this.predecessor,
						new Predecessor(pid, runDirectory), this.plan, this.takingOver, mailbox, background);
				Releases releases = new Releases(this.preload, this.plan, this.identity.name(),
						this.heap.isLarge(this.settings), mailbox, background);
				ProcessFleet fleet = new ProcessFleet(new WorkerLauncher(this.plan.sharedAgents(), ports(), background),
						releases, this.heap, this.settings, scoreboard, records, locks, this.sockets,
						new QueuesWatch(this.sockets, listeners, scoreboard.listenerQueue(), System::nanoTime),
						(placement) -> new WorkerIdentity(placement, pid, runDirectory), control, keeper,
						(event) -> tell(event, mailbox, leftovers), diagnostics, replacement,
						OptionIndexes.fromEnvironment(System.getenv(), this.predecessor));
				FleetListeners told = new FleetListeners(this.listeners, background)) {
			replacement.begin();
			Arbiter arbiter = new Arbiter(this.settings, this.predecessor != null, releases.keep(),
					new BootPolicy(this.firstAlone, Runtime.getRuntime().availableProcessors()), fleet, told,
					SystemdNotifier.of(System.getenv(), replacement::successorPid, background), background,
					System::nanoTime);
			mailbox.forwardTo(arbiter);
			problemWatch.start(scoreboard, records, this.identity.workerClass(), fleet::timeout, fleet::gracefulTimeout,
					writtenTo(runDirectory, this.incidents.directory()));
			return arbiter.run();
		}
	}

	private Set<Integer> ports() {
		Set<Integer> ports = new HashSet<>(this.sockets.ports());
		if (this.management != null) {
			ports.add(this.management.localAddress().getPort());
		}
		return ports;
	}

	private List<ListenerTable.Listener> listenerRows() {
		return this.sockets.all()
			.stream()
			.map((socket) -> new ListenerTable.Listener(ListeningSockets.name(socket.address()),
					socket.origin().foreign(), socket.origin().fileKey()))
			.toList();
	}

	/**
	 * The fleet runs without records, too, but less is known about the end of a worker.
	 */
	private static WorkerRecords records(Path runDirectory, ArbiterLog background) {
		try {
			return WorkerRecords.create(WorkerIdentity.records(runDirectory), ProcessFleet.SLOTS);
		}
		catch (IOException ex) {
			background.log(Level.WARN, "The requests in flight of workers cannot be recorded (" + ex
					+ "): the log will not name lost requests");
			return WorkerRecords.none();
		}
	}

	private Incident.Fleet fleet(Scoreboard scoreboard) {
		return new Incident.Fleet(this.identity.name(), this.identity.declared(), this.identity.jar(),
				this.identity.mainClass(), this.identity.port(), scoreboard.startedAt());
	}

	private static void tell(Event event, Mailbox mailbox, LeftoverRemoval leftovers) {
		mailbox.accept(event);
		if (event instanceof Event.Exited) {
			leftovers.request();
		}
	}

	/**
	 * Return the directories that the fleet writes to, by purpose.
	 * @param runDirectory the run directory
	 * @param incidentDirectory the configured directory of the incident folders, or
	 * {@code null}
	 */
	static Map<String, Path> writtenTo(Path runDirectory, @Nullable Path incidentDirectory) {
		Path temporary = RunDirectory.temporary();
		return (incidentDirectory == null || incidentDirectory.toAbsolutePath().equals(temporary.toAbsolutePath()))
				? Map.of("the run directory", runDirectory, "incidents and temporary files", temporary)
				: Map.of("the run directory", runDirectory, "incidents", incidentDirectory, "temporary files",
						temporary);
	}

	/**
	 * Return the fleet's secret. It stays the same when the arbiter is replaced, and so
	 * do the values that workers derive from it.
	 */
	private byte[] secret(ArbiterLog background) {
		byte[] secret = new byte[Scoreboard.SECRET_SIZE];
		if (this.predecessor != null) {
			try {
				secret = Scoreboard
					.open(WorkerIdentity.scoreboard(this.predecessor.runDirectory()), this.predecessor.pid())
					.secret();
			}
			catch (IOException ex) {
				background.log(Level.WARN, "The previous arbiter does not provide the fleet's secret (" + ex
						+ "): generated passwords and random properties change");
			}
		}
		if (Arrays.equals(secret, new byte[Scoreboard.SECRET_SIZE])) {
			new SecureRandom().nextBytes(secret);
		}
		return secret;
	}

	/**
	 * An arbiter and its replacement share one leader.
	 */
	private FleetLocks locks(Path runDirectory, ArbiterLog background) throws IOException {
		Path file = WorkerIdentity.locks(runDirectory);
		if (this.predecessor != null) {
			try {
				return FleetLocks.share(file, WorkerIdentity.locks(this.predecessor.runDirectory()),
						this.predecessor.pid());
			}
			catch (IOException ex) {
				background.log(Level.WARN, "The previous arbiter shares no locks (" + ex
						+ "): until it has ended there may be two leaders");
			}
		}
		return FleetLocks.create(file);
	}

	/**
	 * Keeps events until the arbiter is created.
	 */
	private static final class Mailbox implements Consumer<Event> {

		private final List<Event> early = new ArrayList<>();

		private @Nullable Arbiter arbiter;

		@Override
		public synchronized void accept(Event event) {
			if (this.arbiter != null) {
				this.arbiter.submit(event);
			}
			else {
				this.early.add(event);
			}
		}

		synchronized void forwardTo(Arbiter newArbiter) {
			this.arbiter = newArbiter;
			this.early.forEach(newArbiter::submit);
		}

	}

}
