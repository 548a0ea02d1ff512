package dev.tomcorn.it;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A packaged application that lacks an entry.
 */
final class IncompleteJar {

	private IncompleteJar() {
	}

	/**
	 * Copy a jar without one of its entries.
	 */
	static Path without(String removed, Path jar, Path copy) throws IOException {
		try (ZipFile source = new ZipFile(jar.toFile());
				OutputStream file = Files.newOutputStream(copy);
				ZipOutputStream target = new ZipOutputStream(file)) {
			assertThat(source.getEntry(removed)).isNotNull();
			for (ZipEntry entry : source.stream()
				.filter((candidate) -> !candidate.getName().equals(removed))
				.toList()) {
				ZipEntry same = new ZipEntry(entry.getName());
				// Boot reads nested jars in place: they are stored, not compressed
				same.setMethod(entry.getMethod());
				if (entry.getMethod() == ZipEntry.STORED) {
					same.setSize(entry.getSize());
					same.setCrc(entry.getCrc());
				}
				target.putNextEntry(same);
				source.getInputStream(entry).transferTo(target);
			}
		}
		return copy;
	}

}
