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
 * A file of the run directory that an arbiter keeps open while it runs, so that other
 * processes can open it after its name was removed. The name may be a link to the
 * arbiter's descriptor of anonymous memory.
 */
public final class SharedFile {

	private static final Path PROC = Path.of("/proc");

	private static final String MEMORY = "/memfd:";

	private static final String DELETED = " (deleted)";

	private SharedFile() {
	}

	/**
	 * Return where the file can be opened. The arbiter's descriptor comes first: the name
	 * may be gone, or belong to another file.
	 * @param file the file
	 * @param arbiterPid process id of the arbiter
	 * @return its path, or that of the arbiter's descriptor
	 * @throws IOException if neither exists
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
			// The directory may belong to the previous arbiter
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
	 * @return its path, or that of the descriptor it links to
	 * @throws IOException if it does not exist, or its arbiter has ended
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
		// Another process may have its process id by now
		if (!target.endsWith(twoNames(file.toAbsolutePath()))) {
			throw new IOException("its arbiter (pid %s) has ended".formatted(descriptor.getName(1)));
		}
		return descriptor;
	}

	/**
	 * Return the unique name of a run directory with the name of a file in it.
	 */
	private static Path twoNames(Path file) throws IOException {
		Path directory = file.getParent();
		return (directory != null) ? directory.toRealPath().getFileName().resolve(file.getFileName()) : file;
	}

	/**
	 * Return the path of an open file of a process, even if it was removed, or is memory
	 * named after it.
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
			// Not ours: the character set of this JVM cannot express its name
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
			// It has ended, or has privileges that this process lacks
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
