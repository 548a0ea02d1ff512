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
 * Restricts the command to files and processes of the user that runs it. This holds for
 * root, too: another user may have made files to deceive it.
 */
final class Ownership {

	private static final Path PROC = Path.of("/proc");

	private static final int ROOT = 0;

	private static final int MAX_LINKS = 40;

	private static final Set<PosixFilePermission> WRITABLE_BY_OTHERS = PosixFilePermissions.fromString("----w--w-");

	private Ownership() {
	}

	/**
	 * Resolve a path, which must not contain a link of another user.
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
			throw new IOException(path + " has too many links");
		}
		return follow(path.resolveSibling(Files.readSymbolicLink(path)), self, linksLeft);
	}

	/**
	 * Return whether a path is a directory of this user and not a link.
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
	 * Require a directory that only this user can change.
	 * @throws IOException if it is not
	 */
	static void requirePrivate(Path directory) throws IOException {
		if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
			throw new IOException("it is not a directory");
		}
		require(owner(directory), directory, "it");
		Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS);
		if (WRITABLE_BY_OTHERS.stream().anyMatch(permissions::contains)) {
			throw new IOException("other users may write into it");
		}
	}

	/**
	 * Require a scoreboard of this user, given by its path or by the link of a
	 * descriptor.
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
		// The files of a protected process belong to root
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
		throw new IOException("the owner of process %s is unknown".formatted(process));
	}

}
