package dev.tomcorn.core.process;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.tomcorn.core.arbiter.ArbiterLog;
import dev.tomcorn.core.arbiter.Command.Level;
import org.jspecify.annotations.Nullable;

/**
 * The directory in which processes of a fleet start, by the name that the user gave it. A
 * process knows its directory but not the name that the user gave. If that is a symbolic
 * link which a deployment has switched, only the name leads to the new directory.
 */
public final class StartDirectory {

	static final Path CURRENT = Path.of("/proc/self/cwd");

	private static final String VARIABLE = "PWD";

	/**
	 * Most entries of a directory that is searched for links.
	 */
	private static final int MOST_ENTRIES = 1000;

	private final Path name;

	private final @Nullable Object identity;

	/**
	 * Links that lead to the directory, where its own name is the only one known.
	 */
	private final List<Path> links;

	private @Nullable Object last;

	private boolean told;

	private StartDirectory(Path name, List<Path> links) {
		this.name = name;
		this.links = List.copyOf(links);
		this.identity = identity(name);
		this.last = this.identity;
	}

	/**
	 * Return a directory that the user has configured.
	 * @param directory the directory
	 * @return the directory
	 */
	static StartDirectory configured(Path directory) {
		return new StartDirectory(directory, List.of());
	}

	/**
	 * Return the directory in which this process was started.
	 * @param environment its environment variables
	 * @param file the jar that it runs, or {@code null}
	 * @return the directory, by the shell's name if that is still right, else by the
	 * directory in the name of the jar, else by its own name
	 */
	public static StartDirectory ofThisProcess(Map<String, String> environment, @Nullable Path file) {
		Path named = path(environment.get(VARIABLE));
		if (named != null && named.isAbsolute() && isCurrent(named)) {
			return new StartDirectory(named, List.of());
		}
		Path parent = (file != null && file.isAbsolute()) ? file.getParent() : null;
		if (parent != null && isCurrent(parent)) {
			return new StartDirectory(parent, List.of());
		}
		Path itself = Path.of("").toAbsolutePath();
		return new StartDirectory(itself, links(itself));
	}

	private static @Nullable Path path(@Nullable String text) {
		try {
			return (text != null && !text.isEmpty()) ? Path.of(text) : null;
		}
		catch (InvalidPathException ex) {
			return null;
		}
	}

	private static boolean isCurrent(Path directory) {
		return isSame(directory, CURRENT);
	}

	private static boolean isSame(Path one, Path other) {
		try {
			return Files.isSameFile(one, other);
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Deployments that switch a link keep it beside the releases or above them.
	 */
	private static List<Path> links(Path directory) {
		List<Path> links = new ArrayList<>();
		Path above = directory.getParent();
		for (int level = 0; level < 2 && above != null; level++) {
			addLinks(above, directory, links);
			above = above.getParent();
		}
		return links;
	}

	private static void addLinks(Path above, Path directory, List<Path> links) {
		try (DirectoryStream<Path> entries = Files.newDirectoryStream(above)) {
			int count = 0;
			for (Path entry : entries) {
				if (count++ == MOST_ENTRIES) {
					return;
				}
				if (Files.isSymbolicLink(entry) && isSame(entry, directory)) {
					links.add(entry);
				}
			}
		}
		catch (IOException | DirectoryIteratorException ex) {
			// An unreadable directory has no known links
		}
	}

	private static @Nullable Object identity(Path directory) {
		try {
			return Files.readAttributes(directory, "unix:dev,ino").toString();
		}
		catch (IOException | UnsupportedOperationException ex) {
			return null;
		}
	}

	/**
	 * Return the directory's name.
	 * @return an absolute path
	 */
	public Path name() {
		return this.name;
	}

	/**
	 * Return whether this is the directory of another name.
	 * @param other the other one
	 * @return whether both are the same directory now
	 */
	boolean isSame(StartDirectory other) {
		return isSame(this.name, other.name);
	}

	/**
	 * Return where to start a process.
	 * @return the directory, or {@code null} if none of that name exists, so that it
	 * starts in the directory of this process
	 */
	@Nullable Path existing() {
		return (PosixSpawn.canChangeDirectory() && Files.isDirectory(this.name)) ? this.name : null;
	}

	/**
	 * Return where to start a process. A JVM needs a directory that exists.
	 * @return the directory, or {@code null} for that of this process
	 * @throws IOException if no process can start
	 */
	@Nullable Path required() throws IOException {
		Path existing = existing();
		if (existing == null && isCurrentDeleted()) {
			throw new IOException("The directory %s does not exist any more".formatted(this.name));
		}
		return existing;
	}

	private static boolean isCurrentDeleted() {
		return target(CURRENT).toString().endsWith(" (deleted)");
	}

	/**
	 * Pass the name of the directory to a process that starts in it.
	 * @param environment the environment of the process
	 */
	void tell(ChildEnvironment environment) {
		if (environment.has(VARIABLE) && existing() != null) {
			environment.putAll(Map.of(VARIABLE, this.name.toString()));
		}
	}

	/**
	 * Report if a generation of workers starts in another directory than the one before,
	 * or probably not where the user expects.
	 * @param log takes the report
	 */
	void report(ArbiterLog log) {
		if (!PosixSpawn.canChangeDirectory()) {
			tellOnce(log);
			return;
		}
		Object now = identity(this.name);
		if (existing() == null && isCurrentDeleted()) {
			log.log(Level.WARN, "The directory %s does not exist any more: no worker can start before it is there again"
				.formatted(this.name));
		}
		else if (existing() == null) {
			log.log(Level.WARN, "The directory %s does not exist any more: workers start in %s, which the arbiter has"
				.formatted(this.name, target(CURRENT)));
		}
		else if (!Objects.equals(now, this.last)) {
			log.log(Level.INFO, "Workers start in %s, which is %s now".formatted(this.name, target(this.name)));
		}
		this.last = now;
		for (Path link : this.links) {
			if (!isSame(link, this.name)) {
				log.log(Level.WARN, ("Workers start in %s, but %s leads to %s now: to start them there, set "
						+ "tomcorn.directory to %2$s and restart")
					.formatted(this.name, link, target(link)));
			}
		}
	}

	private void tellOnce(ArbiterLog log) {
		Path actual = target(CURRENT);
		if (!this.told && !actual.equals(this.name)) {
			log.log(Level.WARN,
					("This C library cannot start a process in a directory by its name: workers start in %s, "
							+ "wherever %s leads")
						.formatted(actual, this.name));
		}
		this.told = true;
	}

	private static Path target(Path directory) {
		try {
			return directory.equals(CURRENT) ? Files.readSymbolicLink(CURRENT) : directory.toRealPath();
		}
		catch (IOException ex) {
			return directory;
		}
	}

	@Override
	public String toString() {
		return this.name.toString();
	}

}
