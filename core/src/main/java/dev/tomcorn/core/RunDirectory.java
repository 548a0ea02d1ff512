package dev.tomcorn.core;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

import org.jspecify.annotations.Nullable;

/**
 * The private directory of a fleet, which holds its scoreboard and control socket.
 */
public final class RunDirectory {

	private static final Path MEMORY = Path.of("/dev/shm");

	private RunDirectory() {
	}

	/**
	 * Create the directory. Only its owner can enter it.
	 * @param parent where to create it; {@code null} for memory where possible, so that
	 * no heartbeat ever waits for a disk
	 * @return the directory
	 * @throws IOException if it cannot be created
	 */
	static Path create(@Nullable Path parent) throws IOException {
		var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
		if (parent != null) {
			return Files.createTempDirectory(Files.createDirectories(parent), "tomcorn-", ownerOnly);
		}
		if (Files.isWritable(MEMORY)) {
			return Files.createTempDirectory(MEMORY, "tomcorn-", ownerOnly);
		}
		return Files.createTempDirectory("tomcorn-", ownerOnly);
	}

	/**
	 * Create a directory again that somebody has removed.
	 * @param directory the directory
	 * @throws IOException if it cannot be created, or is not this user's alone
	 */
	static void restore(Path directory) throws IOException {
		var permissions = PosixFilePermissions.fromString("rwx------");
		if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
			Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(permissions));
			return;
		}
		// Where anybody may create files, somebody else may have taken the name
		PosixFileAttributes attributes = Files.readAttributes(directory, PosixFileAttributes.class,
				LinkOption.NOFOLLOW_LINKS);
		if (!attributes.isDirectory() || !attributes.permissions().equals(permissions)
				|| !attributes.owner().equals(Files.getOwner(Path.of("/proc/self")))) {
			throw new IOException("The run directory " + directory + " is not this user's alone any more");
		}
	}

	/**
	 * Delete the directory and what is in it, as far as that is possible. May be called
	 * by the arbiter or, when that was killed, by each of its workers.
	 * @param directory the directory
	 */
	public static void delete(Path directory) {
		try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
			files.forEach(RunDirectory::deleteIfPossible);
		}
		catch (IOException | DirectoryIteratorException ex) {
			// Another process of the fleet deletes it too, or nobody can
		}
		deleteIfPossible(directory);
	}

	private static void deleteIfPossible(Path file) {
		try {
			Files.deleteIfExists(file);
		}
		catch (IOException ex) {
			// It is not empty, or nobody can
		}
	}

}
