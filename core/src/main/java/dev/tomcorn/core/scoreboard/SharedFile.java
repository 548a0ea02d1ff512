package dev.tomcorn.core.scoreboard;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * A file of the run directory that an arbiter keeps open for as long as it lives, so that
 * others find it also when its name is gone.
 */
final class SharedFile {

	private SharedFile() {
	}

	/**
	 * Return where the file can be opened.
	 * @param file the file
	 * @param arbiterPid process id of the arbiter
	 * @return its path, or that of the arbiter's descriptor if somebody has removed it
	 * @throws IOException if neither is there
	 */
	static Path locate(Path file, long arbiterPid) throws IOException {
		return Files.exists(file) ? file : descriptor(file, arbiterPid);
	}

	private static Path descriptor(Path file, long arbiterPid) throws IOException {
		Path name = file.getFileName();
		Path removed = Path.of(name + " (deleted)");
		try (DirectoryStream<Path> descriptors = Files
			.newDirectoryStream(Path.of("/proc", Long.toString(arbiterPid), "fd"))) {
			for (Path descriptor : descriptors) {
				if (Files.isSymbolicLink(descriptor)) {
					// The directory may be that of the arbiter before
					Path target = target(descriptor);
					if (removed.equals(target) || name.equals(target)) {
						return descriptor;
					}
				}
			}
		}
		throw new NoSuchFileException(file.toString());
	}

	private static @Nullable Path target(Path descriptor) throws IOException {
		try {
			return Files.readSymbolicLink(descriptor).getFileName();
		}
		catch (NoSuchFileException ex) {
			// Closed meanwhile: arbiters open and close others all the time
			return null;
		}
	}

}
