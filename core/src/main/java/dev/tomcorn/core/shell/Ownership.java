package dev.tomcorn.core.shell;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Whose files and processes the command deals with: only those of the user that runs it.
 * Root is no exception, for what another user has made may be there to deceive it.
 */
final class Ownership {

	private static final Path PROC = Path.of("/proc");

	private static final int ROOT = 0;

	private static final int MAX_LINKS = 40;

	private static final Set<PosixFilePermission> WRITABLE_BY_OTHERS = PosixFilePermissions.fromString("----w--w-");

	private Ownership() {
	}

	/**
	 * Return where a path leads, which must not be over a link of another user.
	 * @param path the path
	 * @return the path without links
	 * @throws IOException if it cannot be followed
	 */
	static Path follow(Path path) throws IOException {
		return follow(path.toAbsolutePath(), self(), new int[] { MAX_LINKS });
	}

	private static Path follow(Path path, int self, int[] linksLeft) throws IOException {
		Path followed = path.getRoot();
		for (Path name : path) {
			if (name.toString().equals("..")) {
				followed = (followed.getParent() != null) ? followed.getParent() : followed;
			}
			else if (!name.toString().equals(".")) {
				followed = step(followed.resolve(name), self, linksLeft);
			}
		}
		return followed;
	}

	private static Path step(Path path, int self, int[] linksLeft) throws IOException {
		if (!Files.isSymbolicLink(path)) {
			return path;
		}
		int owner = owner(path);
		if (owner != self && owner != ROOT) {
			throw new IOException("%s is a link that belongs to %s".formatted(path, name(path, owner)));
		}
		if (--linksLeft[0] < 0) {
			throw new IOException(path + " is one link too many");
		}
		return follow(path.resolveSibling(Files.readSymbolicLink(path)), self, linksLeft);
	}

	/**
	 * Return whether a directory is this user's, and no link.
	 */
	static boolean isOwnDirectory(Path directory) {
		try {
			return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS) && owner(directory) == self();
		}
		catch (IOException | UnsupportedOperationException ex) {
			return false;
		}
	}

	/**
	 * Require a directory that this user alone can change.
	 * @throws IOException if it is not
	 */
	static void requirePrivate(Path directory) throws IOException {
		if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
			throw new IOException("it is no directory");
		}
		require(owner(directory), directory, "it");
		Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS);
		if (WRITABLE_BY_OTHERS.stream().anyMatch(permissions::contains)) {
			throw new IOException("other users may write into it");
		}
	}

	/**
	 * Require a scoreboard, or what a link to a descriptor stands for, that is this
	 * user's.
	 * @throws IOException if it is not
	 */
	static void requireOwnScoreboard(Path file) throws IOException {
		require((Integer) Files.getAttribute(file, "unix:uid"), null, "its scoreboard");
	}

	/**
	 * Require a process that runs as this user.
	 * @throws IOException if it does not, or has ended
	 */
	static void requireOwnProcess(long pid) throws IOException {
		require(ofProcess(Long.toString(pid)), PROC.resolve(Long.toString(pid)), "process " + pid);
	}

	private static void require(int owner, @Nullable Path named, String what) throws IOException {
		if (owner != self()) {
			throw new IOException(
					"%s belongs to %s: run this command as that user".formatted(what, name(named, owner)));
		}
	}

	private static String name(@Nullable Path file, int owner) throws IOException {
		// A process that the system protects has files of root's
		return "user " + ((file != null && owner(file) == owner) ? Files.getOwner(file, LinkOption.NOFOLLOW_LINKS)
				: Integer.toUnsignedString(owner));
	}

	private static int owner(Path file) throws IOException {
		return (Integer) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
	}

	private static int self() throws IOException {
		return ofProcess("self");
	}

	/**
	 * Return the effective user of a process.
	 */
	private static int ofProcess(String process) throws IOException {
		for (String line : Files.readAllLines(PROC.resolve(process).resolve("status"))) {
			if (line.startsWith("Uid:")) {
				return Integer.parseUnsignedInt(line.split("\\s+")[2]);
			}
		}
		throw new IOException("the system does not say whose process %s is".formatted(process));
	}

}
