package dev.tomcorn.core;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.List;
import java.util.Set;

import dev.tomcorn.core.process.LockFile;
import org.jspecify.annotations.Nullable;

/**
 * Removes what killed processes of this user have left: directories of Tomcorn, and
 * temporary directories that Boot creates for Tomcat. Removes only directories with a
 * {@link LockFile} that no process locks, never follows a link, and keeps files of the
 * application.
 */
final class Leftovers {

	private static final String OWN_DIRECTORIES = "tomcorn-*";

	private static final String TOMCAT_DIRECTORIES = "tomcat.*";

	private static final String DOCUMENT_ROOT = "tomcat-docbase.";

	/**
	 * Tomcat's working files: parts of uploads, compiled pages.
	 */
	private static final Path WORK = Path.of("work");

	private static final Path LOCK_FILE = Path.of(LockFile.NAME);

	/**
	 * File systems whose locks no other machine can hold.
	 */
	private static final Set<String> LOCAL = Set.of("tmpfs", "overlay", "ext2", "ext3", "ext4", "xfs", "btrfs", "zfs",
			"f2fs");

	private static final int MAX_DEPTH = 100;

	private Leftovers() {
	}

	/**
	 * Remove directories of Tomcorn, which contain only files.
	 * @param parent their parent
	 * @param own the run directory of this process
	 */
	static void removeOwnDirectories(Path parent, Path own) {
		removeFrom(parent, OWN_DIRECTORIES, (directories, name, local) -> {
			if (!name.equals(own.getFileName())) {
				remove(directories, name, local, Leftovers::empty);
			}
		});
	}

	/**
	 * Remove directories that Boot has created for Tomcat.
	 * @param parent their parent
	 */
	static void removeTomcatDirectories(Path parent) {
		removeFrom(parent, TOMCAT_DIRECTORIES, (directories, name, local) -> {
			List<String> notes = remove(directories, name, local, Leftovers::deleteWork);
			for (String note : (notes != null) ? notes : List.<String>of()) {
				if (note.startsWith(DOCUMENT_ROOT) && note.indexOf('/') < 0) {
					deleteIfEmpty(directories, Path.of(note));
				}
			}
		});
	}

	@FunctionalInterface
	private interface Removal {

		void remove(SecureDirectoryStream<Path> directories, Path name, boolean local) throws IOException;

	}

	@FunctionalInterface
	private interface DirectoryAction {

		void empty(SecureDirectoryStream<Path> directory) throws IOException;

	}

	private static void removeFrom(Path parent, String names, Removal removal) {
		try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, names)) {
			if (found instanceof SecureDirectoryStream<Path> directories) {
				boolean local = LOCAL.contains(Files.getFileStore(parent).type());
				for (Path directory : found) {
					try {
						removal.remove(directories, directory.getFileName(), local);
					}
					catch (IOException | DirectoryIteratorException ex) {
						// Another user's, without such a file, or gone by now
					}
				}
			}
		}
		catch (IOException | DirectoryIteratorException ex) {
			// Not readable
		}
	}

	/**
	 * Remove a directory if none of its owners runs.
	 * @return the notes in its file, {@code null} if it stays
	 */
	private static @Nullable List<String> remove(SecureDirectoryStream<Path> parent, Path name, boolean local,
			DirectoryAction emptying) throws IOException {
		List<String> notes;
		try (SecureDirectoryStream<Path> directory = parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
			if (!RunDirectory.isOwn(directory.getFileAttributeView(PosixFileAttributeView.class).readAttributes())) {
				return null;
			}
			// Locked until all is gone: another process may remove it, too
			try (FileChannel file = open(directory)) {
				notes = LockFile.takeIfAbandoned(file, local);
				if (notes == null) {
					return null;
				}
				emptying.empty(directory);
				directory.deleteFile(LOCK_FILE);
			}
		}
		deleteIfEmpty(parent, name);
		return notes;
	}

	private static FileChannel open(SecureDirectoryStream<Path> directory) throws IOException {
		return (FileChannel) directory.newByteChannel(LOCK_FILE,
				Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
	}

	private static void empty(SecureDirectoryStream<Path> directory) throws IOException {
		for (Path file : directory) {
			if (!file.getFileName().equals(LOCK_FILE)) {
				directory.deleteFile(file.getFileName());
			}
		}
	}

	private static void deleteWork(SecureDirectoryStream<Path> directory) throws IOException {
		try {
			deleteTree(directory, WORK, 0);
		}
		catch (NoSuchFileException ex) {
			// Tomcat had not started
		}
	}

	private static void deleteTree(SecureDirectoryStream<Path> parent, Path name, int depth) throws IOException {
		if (depth > MAX_DEPTH
				|| !parent.getFileAttributeView(name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
					.readAttributes()
					.isDirectory()) {
			parent.deleteFile(name);
			return;
		}
		try (SecureDirectoryStream<Path> directory = parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
			for (Path file : directory) {
				deleteTree(directory, file.getFileName(), depth + 1);
			}
		}
		parent.deleteDirectory(name);
	}

	/**
	 * A directory with files of the application stays.
	 */
	private static void deleteIfEmpty(SecureDirectoryStream<Path> parent, Path name) {
		try {
			parent.deleteDirectory(name);
		}
		catch (IOException ex) {
			// Not empty, or gone
		}
	}

}
