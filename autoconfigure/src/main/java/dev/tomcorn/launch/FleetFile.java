package dev.tomcorn.launch;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * A small file that tells others of the fleet, such as its process id. The user may share
 * its name with another fleet, or with the arbiter that replaces this one.
 */
final class FleetFile {

	private final File file;

	private final Writer writer;

	private byte @Nullable [] before;

	private byte[] written = new byte[0];

	private @Nullable FileTime time;

	FleetFile(File file, Writer writer) {
		this.file = file;
		this.writer = writer;
	}

	static FleetFile of(File file, String content) {
		return new FleetFile(file, (target) -> {
			File parent = target.getParentFile();
			if (parent != null) {
				parent.mkdirs();
			}
			Files.write(target.toPath(), content.getBytes(StandardCharsets.UTF_8));
		});
	}

	void write() throws IOException {
		Path path = this.file.toPath();
		this.before = Files.isRegularFile(path) ? Files.readAllBytes(path) : null;
		this.writer.write(this.file);
		this.written = Files.readAllBytes(path);
		this.time = Files.getLastModifiedTime(path);
	}

	/**
	 * Delete the file, unless somebody has written it since.
	 */
	void delete() throws IOException {
		if (isOwn()) {
			Files.deleteIfExists(this.file.toPath());
		}
	}

	/**
	 * Leave what the file had before, unless somebody has written it since.
	 */
	void restore() throws IOException {
		byte[] earlier = this.before;
		if (earlier == null) {
			delete();
		}
		else if (isOwn()) {
			Files.write(this.file.toPath(), earlier);
		}
	}

	private boolean isOwn() throws IOException {
		Path path = this.file.toPath();
		return this.time != null && Files.isRegularFile(path) && this.time.equals(Files.getLastModifiedTime(path))
				&& Arrays.equals(this.written, Files.readAllBytes(path));
	}

	@Override
	public String toString() {
		return this.file.toString();
	}

	/**
	 * Writes a file.
	 */
	@FunctionalInterface
	interface Writer {

		void write(File file) throws IOException;

	}

}
