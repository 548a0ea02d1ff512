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
 * A fleet whose arbiter runs.
 *
 * @param directory its run directory
 * @param scoreboard its scoreboard
 * @param arbiter the process of its arbiter
 * @param identity its identity, as its arbiter published it
 */
record RunningFleet(Path directory, Scoreboard scoreboard, ProcessHandle arbiter, FleetIdentity identity) {

	/**
	 * Tolerance for the start of the arbiter. An arbiter starts before it creates its
	 * scoreboard; a process that starts later has reused its process id. The system
	 * counts the start of processes in hundredths of a second since its own boot.
	 */
	private static final Duration INACCURACY = Duration.ofSeconds(2);

	/**
	 * Return the fleet of a run directory.
	 * @throws IOException if there is none, its arbiter has ended, or it belongs to
	 * another user
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
	 * Return its name in messages.
	 */
	String name() {
		return this.identity.isKnown() ? this.identity.name() : "unknown";
	}

	/**
	 * Return where its application listens, as a suffix of the name.
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
	 * Return where it listens: a port, or the addresses of {@code tomcorn.bind}.
	 */
	private String listensOn() {
		List<ListenerTable.Listener> listeners = listeners().listeners();
		return (this.identity.port() != 0 && listeners.size() < 2) ? "port " + this.identity.port()
				: listeners.stream().map(ListenerTable.Listener::name).collect(Collectors.joining(", "));
	}

	/**
	 * Return its listeners, none if its arbiter does not publish them.
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
	 * Return the kernel's state of a process, or a blank.
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
