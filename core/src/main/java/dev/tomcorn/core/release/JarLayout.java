package dev.tomcorn.core.release;

import java.io.IOException;
import java.nio.file.Path;
import java.util.jar.JarFile;
import java.util.jar.Manifest;

import org.jspecify.annotations.Nullable;

/**
 * Detects the layout of a jar.
 */
final class JarLayout {

	private JarLayout() {
	}

	/**
	 * Return whether a jar is a packaged Spring Boot application that its own tool can
	 * extract.
	 * @param jar the jar
	 * @return whether it has the layout
	 * @throws IOException if it cannot be read
	 */
	static boolean isPackaged(Path jar) throws IOException {
		try (JarFile file = new JarFile(jar.toFile())) {
			return "BOOT-INF/lib/".equals(attribute(file, "Spring-Boot-Lib")) && file.getEntry("BOOT-INF/lib/") != null;
		}
	}

	private static @Nullable String attribute(JarFile file, String name) throws IOException {
		Manifest manifest = file.getManifest();
		return (manifest != null) ? manifest.getMainAttributes().getValue(name) : null;
	}

}
