package dev.tomcorn.core;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * The private directory of a fleet, which holds its scoreboard and control socket.
 */
public final class RunDirectory {

	private static final Path MEMORY = Path.of("/dev/shm");

	/**
	 * Space for the meters of a fleet. Other programs use the shared memory, too, of
	 * which a container has 64 MB.
	 */
	private static final long ROOM = 8 * 1024 * 1024;

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
		if (Files.isWritable(MEMORY) && hasRoom(MEMORY)) {
			return Files.createTempDirectory(MEMORY, "tomcorn-", ownerOnly);
		}
		return Files.createTempDirectory("tomcorn-", ownerOnly);
	}

	/**
	 * Return the parent for a run directory.
	 * @param configured the configured directory, if any
	 * @param environment environment variables of the process
	 * @return the configured directory, else the unit's {@code RuntimeDirectory=} if this
	 * user can write there; {@code null} for the default
	 */
	static @Nullable Path parent(@Nullable Path configured, Map<String, String> environment) {
		// systemd names several, separated by colons
		String given = environment.getOrDefault("RUNTIME_DIRECTORY", "").split(":", 2)[0];
		if (configured == null && given.startsWith("/")) {
			Path path = Path.of(given);
			return (Files.isDirectory(path) && Files.isWritable(path) && hasRoom(path)) ? path : null;
		}
		return configured;
	}

	private static boolean hasRoom(Path directory) {
		try {
			return Files.getFileStore(directory).getUsableSpace() >= ROOM;
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Return the possible parents of this user's run directories.
	 * @param parent the parent, as for {@link #create}
	 * @return the directories
	 */
	static Set<Path> parents(@Nullable Path parent) {
		return (parent != null) ? Set.of(parent) : Set.of(MEMORY, temporary());
	}

	/**
	 * Return the directory for temporary files.
	 * @return the directory
	 */
	static Path temporary() {
		return Path.of(System.getProperty("java.io.tmpdir"));
	}

	/**
	 * Restore a removed directory.
	 * @param directory the directory
	 * @return whether it was missing
	 * @throws IOException if it cannot be created, or is not this user's alone
	 */
	static boolean restore(Path directory) throws IOException {
		var permissions = PosixFilePermissions.fromString("rwx------");
		if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
			Files.createDirectories(directory.toAbsolutePath().getParent());
			Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(permissions));
			return true;
		}
		// In a public directory another user may have taken the name
		PosixFileAttributes attributes = Files.readAttributes(directory, PosixFileAttributes.class,
				LinkOption.NOFOLLOW_LINKS);
		if (!attributes.isDirectory() || !attributes.permissions().equals(permissions) || !isOwn(attributes)) {
			throw new IOException("The run directory " + directory + " is not this user's alone any more");
		}
		return false;
	}

	/**
	 * Delete the directory and what is in it, as far as that is possible. Called by the
	 * arbiter or, after it was killed, by each of its workers. The name may belong to
	 * another user by then, or be a link.
	 * @param directory the directory
	 */
	public static void delete(Path directory) {
		Path path = directory.toAbsolutePath();
		Path name = path.getFileName();
		try (DirectoryStream<Path> parent = Files.newDirectoryStream(path.getParent())) {
			if (parent instanceof SecureDirectoryStream<Path> secure && deleteFiles(secure, name)) {
				secure.deleteDirectory(name);
			}
		}
		catch (IOException | DirectoryIteratorException ex) {
			// Another process of the fleet deletes it, too, or no process can
		}
	}

	/**
	 * Return whether the directory belongs to this user.
	 */
	private static boolean deleteFiles(SecureDirectoryStream<Path> parent, Path name) throws IOException {
		try (SecureDirectoryStream<Path> files = parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
			if (!isOwn(files.getFileAttributeView(PosixFileAttributeView.class).readAttributes())) {
				return false;
			}
			for (Path file : files) {
				deleteIfPossible(files, file.getFileName());
			}
			return true;
		}
	}

	private static void deleteIfPossible(SecureDirectoryStream<Path> directory, Path file) {
		try {
			directory.deleteFile(file);
		}
		catch (IOException ex) {
			// Another process of the fleet has deleted it, or no process can
		}
	}

	static boolean isOwn(PosixFileAttributes attributes) throws IOException {
		return attributes.owner().equals(Files.getOwner(Path.of("/proc/self")));
	}

}
