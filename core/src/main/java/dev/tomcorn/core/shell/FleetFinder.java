package dev.tomcorn.core.shell;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import dev.tomcorn.core.arbiter.PrintableText;
import dev.tomcorn.core.process.FleetIdentity;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.SharedFile;
import dev.tomcorn.core.shell.CommandLine.FleetSelector;
import org.jspecify.annotations.Nullable;

/**
 * Finds the selected fleet. Without a selection it is the only fleet of the command's own
 * application. Only fleets of this user are considered.
 */
final class FleetFinder {

	private static final Path PROC = Path.of("/proc");

	/**
	 * Most fleets in a message.
	 */
	private static final int MAX_TOLD = 20;

	/**
	 * Most problems in a message. Most are leftovers of killed arbiters.
	 */
	private static final int MAX_PROBLEMS = 3;

	private final Set<Path> parents;

	/**
	 * Create a finder.
	 * @param parents parents of run directories
	 */
	FleetFinder(Set<Path> parents) {
		this.parents = parents;
	}

	/**
	 * Return the finder for the parents where arbiters create run directories.
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
	 * @param wanted the selector
	 * @param own supplies the application that the command belongs to
	 * @throws NoFleetException if there is none, or several
	 */
	RunningFleet find(FleetSelector wanted, Supplier<OwnApplication> own) throws NoFleetException {
		List<String> problems = new ArrayList<>();
		List<RunningFleet> fleets = new ArrayList<>();
		boolean named = wanted.pid() != null || wanted.name() != null;
		if (wanted.runDirectory() != null) {
			named |= search(wanted.runDirectory(), fleets, problems);
		}
		else if (wanted.pid() != null) {
			openedBy(wanted.pid(), fleets, problems);
		}
		else {
			for (Path parent : this.parents) {
				searchIn(parent, fleets, problems);
			}
		}
		return named ? choose(wanted, fleets, problems) : choose(own.get(), wanted, fleets, problems);
	}

	private RunningFleet choose(FleetSelector wanted, List<RunningFleet> all, List<String> problems)
			throws NoFleetException {
		String name = (wanted.name() != null) ? FleetIdentity.cleaned(wanted.name()) : null;
		List<RunningFleet> fleets = all.stream()
			.filter((fleet) -> wanted.pid() == null || fleet.pid() == wanted.pid())
			.filter((fleet) -> name == null || fleet.identity().name().equals(name))
			.toList();
		if (fleets.size() == 1) {
			return fleets.getFirst();
		}
		if (!fleets.isEmpty()) {
			throw new NoFleetException("There are several fleets; choose one by --pid:" + list(fleets));
		}
		String what = (name != null) ? " of the name " + name : "";
		throw new NoFleetException(none(what, wanted, problems) + others(all, "There are these:"));
	}

	private RunningFleet choose(OwnApplication own, FleetSelector wanted, List<RunningFleet> all, List<String> problems)
			throws NoFleetException {
		List<RunningFleet> fleets = all.stream().filter((fleet) -> own.isRunBy(fleet.identity())).toList();
		if (fleets.size() == 1) {
			return fleets.getFirst();
		}
		if (!fleets.isEmpty()) {
			throw new NoFleetException(
					"There are several fleets of this application; choose one by --pid:" + list(fleets));
		}
		String what = all.isEmpty() ? ""
				: " of this application" + (own.description().isEmpty() ? "" : " (%s)".formatted(own.description()));
		throw new NoFleetException(none(what, wanted, problems)
				+ others(all, "Choose a fleet of another application by --fleet NAME or --pid PID:"));
	}

	private String none(String what, FleetSelector wanted, List<String> problems) {
		String where = (wanted.pid() != null) ? "with an arbiter of pid " + wanted.pid()
				: "in " + ((wanted.runDirectory() != null) ? wanted.runDirectory().toString()
						: this.parents.stream().map(Path::toString).collect(Collectors.joining(" and ")));
		String more = (problems.size() > MAX_PROBLEMS) ? "; and %d more".formatted(problems.size() - MAX_PROBLEMS) : "";
		String found = problems.isEmpty() ? ""
				: problems.stream().limit(MAX_PROBLEMS).collect(Collectors.joining("; ", " (", more + ")"));
		return PrintableText.line("There is no fleet%s of this user %s%s. %s".formatted(what, where, found,
				"An application that runs solo has no arbiter; a fleet elsewhere is chosen by --pid or "
						+ "--run-directory."));
	}

	private static String others(List<RunningFleet> fleets, String heading) {
		return fleets.isEmpty() ? "" : "\n" + heading + list(fleets);
	}

	private static String list(List<RunningFleet> fleets) {
		String more = (fleets.size() > MAX_TOLD) ? "\n  and %d more".formatted(fleets.size() - MAX_TOLD) : "";
		return fleets.stream()
			.limit(MAX_TOLD)
			.map((fleet) -> PrintableText
				.line("%s: pid %d%s, in %s".formatted(fleet.name(), fleet.pid(), fleet.place(), fleet.directory())))
			.collect(Collectors.joining("\n  ", "\n  ", more));
	}

	/**
	 * Search a directory that is a run directory, or a parent of run directories.
	 * @return whether it is a run directory
	 */
	private static boolean search(Path directory, List<RunningFleet> fleets, List<String> problems) {
		try {
			Path followed = Ownership.follow(directory);
			if (Files.exists(WorkerIdentity.scoreboard(followed), LinkOption.NOFOLLOW_LINKS)) {
				open(followed, fleets, problems);
				return true;
			}
			searchIn(followed, fleets, problems);
		}
		catch (IOException ex) {
			problems.add(String.valueOf(ex.getMessage()));
		}
		return false;
	}

	/**
	 * Search a parent of run directories. Directories of other users are ignored.
	 */
	private static void searchIn(Path parent, List<RunningFleet> fleets, List<String> problems) {
		try (DirectoryStream<Path> entries = Files.newDirectoryStream(Ownership.follow(parent), "tomcorn-*")) {
			for (Path directory : entries) {
				if (Ownership.isOwnDirectory(directory)
						&& Files.exists(WorkerIdentity.scoreboard(directory), LinkOption.NOFOLLOW_LINKS)
						&& fleets.stream().noneMatch((fleet) -> isSame(fleet.directory(), directory))) {
					open(directory, fleets, problems);
				}
			}
		}
		catch (IOException | DirectoryIteratorException ex) {
			// It has no run directories
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

	private static void open(Path directory, List<RunningFleet> fleets, List<String> problems) {
		try {
			Ownership.requirePrivate(directory);
			Path file = WorkerIdentity.scoreboard(directory);
			Scoreboard scoreboard = Scoreboard.open(file);
			Ownership.requireOwnScoreboard(file);
			fleets.add(RunningFleet.of(directory, scoreboard));
		}
		catch (IOException ex) {
			problems.add(directory + ": " + ex.getMessage());
		}
	}

	/**
	 * Find the fleet of an arbiter by its open scoreboard, which may be anywhere and may
	 * have been removed.
	 */
	private static void openedBy(long pid, List<RunningFleet> fleets, List<String> problems) {
		Path process = PROC.resolve(Long.toString(pid));
		try {
			Ownership.requireOwnProcess(pid);
		}
		catch (IOException ex) {
			problems.add(Files.exists(process) ? String.valueOf(ex.getMessage()) : "there is no such process");
			return;
		}
		try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
			for (Path descriptor : descriptors) {
				Path directory = runDirectory(descriptor);
				if (directory != null && fleets.isEmpty()) {
					openIfOf(pid, descriptor, directory, fleets, problems);
				}
			}
		}
		catch (IOException | DirectoryIteratorException ex) {
			problems.add(String.valueOf(ex.getMessage()));
		}
	}

	/**
	 * A process may also have the scoreboards of other arbiters open, for example as an
	 * arbiter's successor.
	 */
	private static void openIfOf(long pid, Path descriptor, Path named, List<RunningFleet> fleets,
			List<String> problems) {
		try {
			Ownership.requireOwnScoreboard(descriptor);
			Scoreboard scoreboard = Scoreboard.open(WorkerIdentity.scoreboard(named), pid);
			if (scoreboard.arbiterPid() == pid) {
				Path directory = Ownership.follow(named);
				if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
					Ownership.requirePrivate(directory);
				}
				fleets.add(RunningFleet.of(directory, scoreboard));
			}
		}
		catch (IOException ex) {
			problems.add(named + ": " + ex.getMessage());
		}
	}

	/**
	 * Return the run directory of the scoreboard that a descriptor refers to, or
	 * {@code null} if it is not a scoreboard.
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
