package dev.tomcorn.core.incident;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * The user of this process, by number, since it may have no name.
 */
final class Owner {

	private Owner() {
	}

	/**
	 * Return whether a file belongs to the user of this process. A link is not followed.
	 */
	static boolean isOurs(Path file) {
		try {
			return Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS) instanceof Integer uid
					&& uid == effectiveUid();
		}
		catch (IOException | UnsupportedOperationException ex) {
			return false;
		}
	}

	private static int effectiveUid() throws IOException {
		for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
			if (line.startsWith("Uid:")) {
				return Integer.parseUnsignedInt(line.split("\\s+")[2]);
			}
		}
		throw new IOException("The system does not say which user this is");
	}

}
