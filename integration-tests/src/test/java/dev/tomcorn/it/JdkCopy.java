package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/**
 * A JDK whose files a test may exchange or take away.
 */
final class JdkCopy {

	private JdkCopy() {
	}

	/**
	 * Copy the JDK that runs the tests, by links where that is possible.
	 */
	static Path in(Path copy) throws IOException {
		Path jdk = Path.of(Launch.JAVA).toRealPath().getParent().getParent();
		try (Stream<Path> files = Files.walk(jdk)) {
			for (Path file : files.toList()) {
				Path target = copy.resolve(jdk.relativize(file));
				if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
					Files.createDirectories(target);
				}
				else if (!linked(target, file)) {
					Files.copy(file, target, LinkOption.NOFOLLOW_LINKS, StandardCopyOption.COPY_ATTRIBUTES);
				}
			}
		}
		return copy;
	}

	private static boolean linked(Path target, Path file) {
		try {
			Files.createLink(target, file);
			return true;
		}
		catch (IOException ex) {
			// On another disk, or somebody else's
			return false;
		}
	}

}
