package dev.tomcorn.command;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.SharedFile;
import org.jspecify.annotations.Nullable;

/**
 * Finds the fleet that is meant: the only one of this user, unless the operator says
 * which.
 */
final class FleetFinder {

	private static final Path PROC = Path.of("/proc");

	private final Set<Path> parents;

	/**
	 * Create a finder.
	 * @param parents where run directories are looked for
	 */
	FleetFinder(Set<Path> parents) {
		this.parents = parents;
	}

	/**
	 * Look where arbiters put their run directories.
	 */
	static FleetFinder ofThisMachine() {
		Set<Path> parents = new LinkedHashSet<>();
		parents.add(Path.of("/dev/shm"));
		parents.add(Path.of(System.getProperty("java.io.tmpdir", "/tmp")));
		String configured = System.getenv("TOMCORN_RUN_DIRECTORY");
		if (configured != null) {
			parents.add(Path.of(configured));
		}
		return new FleetFinder(parents);
	}

	/**
	 * Find the fleet.
	 * @param runDirectory its run directory or the directory that is in, or {@code null}
	 * @param pid process id of its arbiter, or {@code null}
	 * @throws NoFleetException if there is none, or several
	 */
	RunningFleet find(@Nullable Path runDirectory, @Nullable Long pid) throws NoFleetException {
		List<String> problems = new ArrayList<>();
		List<RunningFleet> fleets = new ArrayList<>();
		if (runDirectory != null) {
			look(runDirectory, fleets, problems);
		}
		else if (pid != null) {
			openedBy(pid, fleets, problems);
		}
		else {
			for (Path parent : this.parents) {
				lookIn(parent, fleets, problems);
			}
		}
		if (pid != null) {
			fleets.removeIf((fleet) -> fleet.pid() != pid);
		}
		if (fleets.size() == 1) {
			return fleets.getFirst();
		}
		throw new NoFleetException(fleets.isEmpty() ? none(runDirectory, pid, problems) : several(fleets));
	}

	private String none(@Nullable Path runDirectory, @Nullable Long pid, List<String> problems) {
		String where = (pid != null) ? "with an arbiter of pid " + pid
				: "in " + ((runDirectory != null) ? runDirectory.toString()
						: this.parents.stream().map(Path::toString).collect(Collectors.joining(" and ")));
		String found = problems.isEmpty() ? "" : " (" + String.join("; ", problems) + ")";
		return "There is no fleet of this user %s%s. %s".formatted(where, found,
				"An application that runs solo has no arbiter; a fleet elsewhere is chosen by --pid or "
						+ "--run-directory.");
	}

	private static String several(List<RunningFleet> fleets) {
		return "There are several fleets; choose one by --pid: " + fleets.stream()
			.map((fleet) -> "%d (%s)".formatted(fleet.pid(), fleet.directory()))
			.collect(Collectors.joining(", "));
	}

	/**
	 * Look into a directory that is a run directory, or the parent of some.
	 */
	private static void look(Path directory, List<RunningFleet> fleets, List<String> problems) {
		if (Files.exists(WorkerIdentity.scoreboard(directory), LinkOption.NOFOLLOW_LINKS)) {
			open(directory, fleets, problems);
		}
		else {
			lookIn(directory, fleets, problems);
		}
	}

	private static void lookIn(Path parent, List<RunningFleet> fleets, List<String> problems) {
		try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent, "tomcorn-*")) {
			for (Path directory : entries) {
				if (isOurs(directory) && Files.exists(WorkerIdentity.scoreboard(directory), LinkOption.NOFOLLOW_LINKS)
						&& fleets.stream().noneMatch((fleet) -> isSame(fleet.directory(), directory))) {
					open(directory, fleets, problems);
				}
			}
		}
		catch (IOException | DirectoryIteratorException ex) {
			// Nothing to be found there
		}
	}

	private static boolean isSame(Path one, Path other) {
		try {
			return Files.isSameFile(one, other);
		}
		catch (IOException ex) {
			return false;
		}
	}

	private static boolean isOurs(Path directory) {
		try {
			return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
					&& Objects.equals(Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS),
							Files.getAttribute(PROC.resolve("self"), "unix:uid"));
		}
		catch (IOException | UnsupportedOperationException ex) {
			return false;
		}
	}

	private static void open(Path directory, List<RunningFleet> fleets, List<String> problems) {
		try {
			open(directory, Scoreboard.open(WorkerIdentity.scoreboard(directory)), fleets, problems);
		}
		catch (IOException ex) {
			problems.add(directory + ": " + ex.getMessage());
		}
	}

	private static void open(Path directory, Scoreboard scoreboard, List<RunningFleet> fleets, List<String> problems) {
		try {
			fleets.add(RunningFleet.of(directory, scoreboard));
		}
		catch (IOException ex) {
			problems.add(directory + ": " + ex.getMessage());
		}
	}

	/**
	 * An arbiter keeps its scoreboard open, wherever that is and even when somebody has
	 * removed its name.
	 */
	private static void openedBy(long pid, List<RunningFleet> fleets, List<String> problems) {
		try (DirectoryStream<Path> descriptors = Files
			.newDirectoryStream(PROC.resolve(Long.toString(pid)).resolve("fd"))) {
			for (Path descriptor : descriptors) {
				Path directory = runDirectory(descriptor);
				if (directory != null && fleets.isEmpty()) {
					openIfOf(pid, directory, fleets, problems);
				}
			}
		}
		catch (IOException | DirectoryIteratorException ex) {
			problems.add(String.valueOf(ex.getMessage()));
		}
	}

	/**
	 * A process may have the scoreboards of others open, too, as an arbiter's successor
	 * may.
	 */
	private static void openIfOf(long pid, Path directory, List<RunningFleet> fleets, List<String> problems) {
		try {
			Scoreboard scoreboard = Scoreboard.open(WorkerIdentity.scoreboard(directory), pid);
			if (scoreboard.arbiterPid() == pid) {
				open(directory, scoreboard, fleets, problems);
			}
		}
		catch (IOException ex) {
			problems.add(directory + ": " + ex.getMessage());
		}
	}

	/**
	 * Return the run directory whose scoreboard a descriptor is open for, if it is for
	 * one.
	 */
	private static @Nullable Path runDirectory(Path descriptor) {
		try {
			Path file = SharedFile.nameOf(descriptor);
			Path parent = file.getParent();
			return (parent != null && file.equals(WorkerIdentity.scoreboard(parent))) ? parent : null;
		}
		catch (IOException | UnsupportedOperationException ex) {
			return null;
		}
	}

}
