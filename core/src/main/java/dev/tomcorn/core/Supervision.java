package dev.tomcorn.core;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

import dev.tomcorn.core.arbiter.Arbiter;
import dev.tomcorn.core.arbiter.ArbiterLog;
import dev.tomcorn.core.arbiter.ArbiterSettings;
import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.control.ControlServer;
import dev.tomcorn.core.process.WorkerCommand;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.process.WorkerLauncher;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.signal.OperatingSystemSignals;
import org.jspecify.annotations.Nullable;

/**
 * Runs this JVM as an arbiter. The listening socket must be file descriptor 0 already.
 */
public final class Supervision {

	private Supervision() {
	}

	/**
	 * Supervise workers until told to end.
	 * @param settings the supervision policy
	 * @param command what starts a worker
	 * @param runDirectoryParent where the run directory is created, or {@code null} for
	 * the default
	 * @param announcement what to tell once signals are heeded
	 * @param log where to tell what happens
	 * @return the exit code of this process
	 * @throws UncheckedIOException if the run directory cannot be set up
	 */
	public static int run(ArbiterSettings settings, WorkerCommand command, @Nullable Path runDirectoryParent,
			String announcement, ArbiterLog log) {
		Mailbox mailbox = new Mailbox();
		List<String> unavailable = OperatingSystemSignals.handle(mailbox);
		if (!unavailable.isEmpty()) {
			log.log(Level.WARN, "This JVM does not hand over the signals " + unavailable
					+ " (-Xrs?): they end the arbiter without draining");
		}
		Path runDirectory = null;
		try {
			runDirectory = RunDirectory.create(runDirectoryParent);
			log.log(Level.INFO, announcement);
			return run(settings, command, runDirectory, mailbox, log);
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

	private static int run(ArbiterSettings settings, WorkerCommand command, Path runDirectory, Mailbox mailbox,
			ArbiterLog log) throws IOException, InterruptedException {
		String token = UUID.randomUUID().toString();
		long pid = ProcessHandle.current().pid();
		Scoreboard scoreboard = Scoreboard.create(WorkerIdentity.scoreboard(runDirectory), ProcessFleet.SLOTS, pid);
		ProcessFleet fleet = new ProcessFleet(new WorkerLauncher(command), scoreboard,
				(placement) -> new WorkerIdentity(placement, pid, runDirectory, token));
		Arbiter arbiter = new Arbiter(settings, fleet, log, System::nanoTime);
		try (fleet;
				ControlServer control = ControlServer.open(WorkerIdentity.controlSocket(runDirectory), token,
						arbiter::submit)) {
			fleet.connect(control, arbiter::submit);
			mailbox.forwardTo(arbiter);
			return arbiter.run();
		}
	}

	/**
	 * Keeps the signals that come before there is an arbiter.
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
