package dev.tomcorn.core.scoreboard;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * A file of the run directory that an arbiter keeps open for as long as it lives, so that
 * others find it also when its name is gone. The name may be a link to the arbiter's
 * descriptor of memory that has no other name.
 */
public final class SharedFile {

	private static final Path PROC = Path.of("/proc");

	private static final String MEMORY = "/memfd:";

	private static final String DELETED = " (deleted)";

	private SharedFile() {
	}

	/**
	 * Return where the file can be opened. What the arbiter has open comes first: the
	 * name may be gone, or that of another file.
	 * @param file the file
	 * @param arbiterPid process id of the arbiter
	 * @return its path, or that of the arbiter's descriptor
	 * @throws IOException if neither is there
	 */
	static Path locate(Path file, long arbiterPid) throws IOException {
		Path opened = descriptor(arbiterPid, file.toAbsolutePath()::equals);
		if (opened != null) {
			return opened;
		}
		try {
			return locate(file);
		}
		catch (IOException ex) {
			// The directory may be that of the arbiter before
			Path shared = descriptor(arbiterPid, (name) -> file.getFileName().equals(name.getFileName()));
			if (shared != null) {
				return shared;
			}
			throw ex;
		}
	}

	/**
	 * Return where the file can be opened.
	 * @param file the file
	 * @return its path, or that of the descriptor that it is a link to
	 * @throws IOException if it is not there, or its arbiter has ended
	 */
	static Path locate(Path file) throws IOException {
		if (!Files.isSymbolicLink(file)) {
			if (!Files.exists(file)) {
				throw new NoSuchFileException(file.toString());
			}
			return file;
		}
		Path descriptor = Files.readSymbolicLink(file);
		if (descriptor.getNameCount() != 4 || !descriptor.startsWith(PROC)) {
			throw new IOException(file + " is a link to " + descriptor);
		}
		Path target;
		try {
			target = nameOf(descriptor);
		}
		catch (NoSuchFileException ex) {
			throw new IOException("its arbiter (pid %s) has ended".formatted(descriptor.getName(1)), ex);
		}
		catch (FileSystemException ex) {
			throw new IOException(
					"its arbiter (pid %s) cannot be looked into (%s)".formatted(descriptor.getName(1), ex), ex);
		}
		// Another process may have got its number
		if (!target.endsWith(twoNames(file.toAbsolutePath()))) {
			throw new IOException("its arbiter (pid %s) has ended".formatted(descriptor.getName(1)));
		}
		return descriptor;
	}

	/**
	 * Return the name of a run directory, which only one has, and of a file in it.
	 */
	private static Path twoNames(Path file) throws IOException {
		Path directory = file.getParent();
		return (directory != null) ? directory.toRealPath().getFileName().resolve(file.getFileName()) : file;
	}

	/**
	 * Return the path of the file that a process has open, be that removed, or memory
	 * that is called after it.
	 * @param descriptor the descriptor of the process, below {@code /proc}
	 * @return the path
	 * @throws IOException if the process has ended or has closed it
	 */
	public static Path nameOf(Path descriptor) throws IOException {
		Path target = Files.readSymbolicLink(descriptor);
		String text = target.toString();
		int begin = text.startsWith(MEMORY) ? MEMORY.length() : 0;
		int end = text.length() - (text.endsWith(DELETED) ? DELETED.length() : 0);
		try {
			return (begin > 0 || end < text.length()) ? Path.of(text.substring(Math.min(begin, end), end)) : target;
		}
		catch (InvalidPathException ex) {
			// Not of ours: its name cannot be written in the character set of this JVM
			return target;
		}
	}

	private static @Nullable Path descriptor(long pid, Predicate<Path> isWanted) {
		try (DirectoryStream<Path> descriptors = Files
			.newDirectoryStream(PROC.resolve(Long.toString(pid)).resolve("fd"))) {
			for (Path descriptor : descriptors) {
				if (Files.isSymbolicLink(descriptor) && isOpen(descriptor, isWanted)) {
					return descriptor;
				}
			}
		}
		catch (IOException | DirectoryIteratorException ex) {
			// It has ended, or has privileges that this process does not have
		}
		return null;
	}

	private static boolean isOpen(Path descriptor, Predicate<Path> isWanted) throws IOException {
		try {
			return isWanted.test(nameOf(descriptor));
		}
		catch (NoSuchFileException ex) {
			// Closed meanwhile: arbiters open and close others all the time
			return false;
		}
	}

}
