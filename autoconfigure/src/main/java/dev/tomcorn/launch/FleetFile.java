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
 * A small file with a value of the fleet, such as its process ID. Another fleet, or the
 * arbiter that replaces this one, may use the same file name.
 */
final class FleetFile {

	private final File file;

	private final Writer writer;

	/**
	 * Whether no other fleet and no other arbiter of this fleet writes the same content.
	 */
	private final boolean unique;

	private byte @Nullable [] before;

	private @Nullable FileTime timeBefore;

	private byte[] written = new byte[0];

	private @Nullable FileTime time;

	private FleetFile(File file, Writer writer, boolean unique) {
		this.file = file;
		this.writer = writer;
		this.unique = unique;
	}

	/**
	 * Return a file with the ID of this process.
	 */
	static FleetFile ofProcess(File file, Writer writer) {
		return new FleetFile(file, writer, true);
	}

	/**
	 * Return a file with a text that other fleets may also write.
	 */
	static FleetFile of(File file, String content) {
		return new FleetFile(file, (target) -> {
			File parent = target.getParentFile();
			if (parent != null) {
				parent.mkdirs();
			}
			Files.write(target.toPath(), content.getBytes(StandardCharsets.UTF_8));
		}, false);
	}

	void write() throws IOException {
		Path path = this.file.toPath();
		boolean exists = Files.isRegularFile(path);
		this.before = exists ? Files.readAllBytes(path) : null;
		this.timeBefore = exists ? Files.getLastModifiedTime(path) : null;
		this.writer.write(this.file);
		this.written = Files.readAllBytes(path);
		this.time = Files.getLastModifiedTime(path);
	}

	/**
	 * Delete the file, unless another process has written it since.
	 */
	void delete() throws IOException {
		if (isOwn()) {
			Files.deleteIfExists(this.file.toPath());
		}
	}

	/**
	 * Restore the previous content, unless another process has written the file since.
	 */
	void restore() throws IOException {
		byte[] earlier = this.before;
		FileTime earlierTime = this.timeBefore;
		if (earlier == null || earlierTime == null) {
			delete();
		}
		else if (isOwn()) {
			Files.write(this.file.toPath(), earlier);
			// The owner compares the time
			Files.setLastModifiedTime(this.file.toPath(), earlierTime);
		}
	}

	private boolean isOwn() throws IOException {
		Path path = this.file.toPath();
		return this.time != null && Files.isRegularFile(path)
				&& (this.unique || this.time.equals(Files.getLastModifiedTime(path)))
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
