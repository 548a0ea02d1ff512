package dev.tomcorn.core;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

import dev.tomcorn.core.arbiter.Arbiter;
import dev.tomcorn.core.arbiter.ArbiterLog;
import dev.tomcorn.core.arbiter.ArbiterSettings;
import dev.tomcorn.core.arbiter.Command.Level;
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
	 * @param log where to tell what happens
	 * @return the exit code of this process
	 */
	public static int run(ArbiterSettings settings, WorkerCommand command, @Nullable Path runDirectoryParent,
			ArbiterLog log) {
		Path runDirectory = null;
		try {
			runDirectory = RunDirectory.create(runDirectoryParent);
			return run(settings, command, runDirectory, UUID.randomUUID().toString(), log);
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

	private static int run(ArbiterSettings settings, WorkerCommand command, Path runDirectory, String token,
			ArbiterLog log) throws IOException, InterruptedException {
		long pid = ProcessHandle.current().pid();
		Scoreboard scoreboard = Scoreboard.create(WorkerIdentity.scoreboard(runDirectory), ProcessFleet.SLOTS, pid);
		ProcessFleet fleet = new ProcessFleet(new WorkerLauncher(command), scoreboard,
				(placement) -> new WorkerIdentity(placement, pid, runDirectory, token));
		Arbiter arbiter = new Arbiter(settings, fleet, log, System::nanoTime);
		try (fleet;
				ControlServer control = ControlServer.open(WorkerIdentity.controlSocket(runDirectory), token,
						arbiter::submit)) {
			fleet.connect(control, arbiter::submit);
			List<String> unavailable = OperatingSystemSignals.handle(arbiter::submit);
			if (!unavailable.isEmpty()) {
				log.log(Level.WARN, "This JVM does not hand over the signals " + unavailable
						+ " (-Xrs?): they end the arbiter without draining");
			}
			return arbiter.run();
		}
	}

}
