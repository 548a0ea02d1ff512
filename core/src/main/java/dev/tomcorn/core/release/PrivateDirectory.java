package dev.tomcorn.core.release;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Directories to which only this user may write, because their files are executed.
 */
final class PrivateDirectory {

	private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

	private static final int STICKY = 01000;

	private PrivateDirectory() {
	}

	/**
	 * Create a directory and its parents if missing, and check that only this user may
	 * write to it.
	 * @param directory the directory
	 * @return its path without links
	 * @throws IOException if it cannot be created, or others may write there
	 */
	static Path require(Path directory) throws IOException {
		Path absolute = directory.toAbsolutePath().normalize();
		Path parent = absolute.getParent();
		Path name = absolute.getFileName();
		if (parent == null || name == null) {
			throw new IOException(absolute + " cannot be a private directory");
		}
		createParents(parent);
		Path real = parent.toRealPath();
		for (Path above = real; above != null; above = above.getParent()) {
			checkAbove(above);
		}
		return create(real.resolve(name));
	}

	private static void createParents(Path directory) throws IOException {
		Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
	}

	/**
	 * Create a directory in a private one if missing, and check that only this user may
	 * write to it.
	 * @param directory the directory
	 * @return the directory
	 * @throws IOException if it cannot be created, or others may write there
	 */
	static Path create(Path directory) throws IOException {
		try {
			Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
		}
		catch (FileAlreadyExistsException ex) {
			// Checked like one that was created
		}
		check(directory);
		return directory;
	}

	/**
	 * Check that a file or a directory belongs to this user, and that no other user may
	 * write to it.
	 * @param file the file, which must not be a link
	 * @throws IOException if the check fails
	 */
	static void check(Path file) throws IOException {
		PosixFileAttributes attributes = attributes(file);
		if (attributes.isSymbolicLink()) {
			throw new IOException(file + " is a symbolic link");
		}
		if (!isOwn(attributes)) {
			throw new IOException("%s belongs to %s".formatted(file, attributes.owner().getName()));
		}
		if (attributes.permissions().contains(PosixFilePermission.GROUP_WRITE)
				|| attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
			throw new IOException("others than its owner may write to " + file);
		}
	}

	/**
	 * Check the parents: a user who may write to a parent may replace the directory.
	 */
	private static void checkAbove(Path directory) throws IOException {
		PosixFileAttributes attributes = attributes(directory);
		boolean sticky = (((Integer) Files.getAttribute(directory, "unix:mode")) & STICKY) != 0;
		if (!isOwn(attributes) && !isRoots(directory)) {
			throw new IOException("%s belongs to %s".formatted(directory, attributes.owner().getName()));
		}
		Set<PosixFilePermission> permissions = attributes.permissions();
		boolean group = permissions.contains(PosixFilePermission.GROUP_WRITE)
				// A private group, named like its only member
				&& !attributes.group().getName().equals(attributes.owner().getName());
		if (!sticky && (group || permissions.contains(PosixFilePermission.OTHERS_WRITE))) {
			throw new IOException("others may write to " + directory);
		}
	}

	private static PosixFileAttributes attributes(Path file) throws IOException {
		return Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
	}

	private static boolean isOwn(PosixFileAttributes attributes) throws IOException {
		return attributes.owner().equals(Files.getOwner(Path.of("/proc/self")));
	}

	private static boolean isRoots(Path directory) throws IOException {
		return ((Integer) Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS)) == 0;
	}

	/**
	 * Return the files in a directory.
	 * @param directory the directory
	 * @return the files, none if it cannot be read
	 */
	static List<Path> files(Path directory) {
		List<Path> files = new ArrayList<>();
		try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
			stream.forEach(files::add);
		}
		catch (IOException | DirectoryIteratorException ex) {
			// Return what could be read
		}
		return files;
	}

	/**
	 * Delete a file or a directory and what is in it, as far as that is possible, never
	 * through a link.
	 * @param file the file
	 */
	static void delete(Path file) {
		if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
			files(file).forEach(PrivateDirectory::delete);
		}
		try {
			Files.deleteIfExists(file);
		}
		catch (IOException ex) {
			// It stays until the next attempt
		}
	}

	/**
	 * Return how many bytes a file or a directory takes.
	 * @param file the file
	 * @return its size
	 */
	static long size(Path file) {
		if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
			return files(file).stream().mapToLong(PrivateDirectory::size).sum();
		}
		try {
			return attributes(file).size();
		}
		catch (NoSuchFileException ex) {
			return 0;
		}
		catch (IOException ex) {
			return 0;
		}
	}

}
