package dev.tomcorn.core.shell;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

import dev.tomcorn.core.process.FleetIdentity;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.scoreboard.ListenerTable;
import dev.tomcorn.core.scoreboard.Scoreboard;

/**
 * A fleet whose arbiter lives.
 *
 * @param directory its run directory
 * @param scoreboard its table
 * @param arbiter the process of its arbiter
 * @param identity what its arbiter tells of it
 */
record RunningFleet(Path directory, Scoreboard scoreboard, ProcessHandle arbiter, FleetIdentity identity) {

	/**
	 * An arbiter has been there before its scoreboard: any other process has got its
	 * process id later. The system counts the start of processes in hundredths of a
	 * second since it booted itself.
	 */
	private static final Duration INACCURACY = Duration.ofSeconds(2);

	/**
	 * Return the fleet of a run directory.
	 * @throws IOException if that is none, or belongs to an arbiter that has ended or is
	 * another user's
	 */
	static RunningFleet of(Path directory, Scoreboard scoreboard) throws IOException {
		long pid = scoreboard.arbiterPid();
		ProcessHandle arbiter = ProcessHandle.of(pid).orElse(null);
		Instant startedBy = scoreboard.startedAt().plus(INACCURACY);
		if (arbiter == null || !isThere(arbiter)
				|| arbiter.info().startInstant().filter((start) -> start.isAfter(startedBy)).isPresent()) {
			throw new IOException("its arbiter (pid %d) has ended".formatted(pid));
		}
		Ownership.requireOwnProcess(pid);
		return new RunningFleet(directory, scoreboard, arbiter, FleetIdentity.ofBytes(scoreboard.identity()));
	}

	long pid() {
		return this.arbiter.pid();
	}

	/**
	 * Return what to call it.
	 */
	String name() {
		return this.identity.isKnown() ? this.identity.name() : "unknown";
	}

	/**
	 * Return where its application can be found, to be put behind the name.
	 */
	String place() {
		if (!this.identity.isKnown()) {
			return " (its arbiter is of an older version)";
		}
		String management = (this.identity.managementPort() != 0)
				? ", management port " + this.identity.managementPort() : "";
		String code = !this.identity.jar().isEmpty() ? this.identity.jar() : this.identity.mainClass();
		return ", %s%s%s".formatted(listensOn(), management, code.isEmpty() ? "" : ", " + code);
	}

	/**
	 * Return where it listens: a port, or what {@code tomcorn.bind} has if that is
	 * something else.
	 */
	private String listensOn() {
		List<ListenerTable.Listener> listeners = listeners().listeners();
		return (this.identity.port() != 0 && listeners.size() < 2) ? "port " + this.identity.port()
				: listeners.stream().map(ListenerTable.Listener::name).collect(Collectors.joining(", "));
	}

	/**
	 * Return what it listens on; nothing if its arbiter does not tell.
	 */
	ListenerTable listeners() {
		try {
			return ListenerTable.open(WorkerIdentity.listeners(this.directory), pid());
		}
		catch (IOException ex) {
			return ListenerTable.none();
		}
	}

	Path controlSocket() {
		return WorkerIdentity.controlSocket(this.directory);
	}

	/**
	 * Return whether the arbiter has ended.
	 */
	boolean hasEnded() {
		return !isThere(this.arbiter);
	}

	/**
	 * Return whether a signal has stopped the arbiter, so that nothing in it runs.
	 */
	boolean isFrozen() {
		return state(pid()) == 'T';
	}

	private static boolean isThere(ProcessHandle process) {
		char state = state(process.pid());
		return process.isAlive() && state != 'Z' && state != 'X';
	}

	/**
	 * Return the state of a process as the kernel has it, or a blank.
	 */
	private static char state(long pid) {
		try {
			String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
			return stat.charAt(stat.lastIndexOf(')') + 2);
		}
		catch (IOException | IndexOutOfBoundsException ex) {
			return ' ';
		}
	}

}
