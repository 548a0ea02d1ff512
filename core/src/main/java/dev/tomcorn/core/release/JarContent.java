package dev.tomcorn.core.release;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * The content of a jar, by its digest. A file that has not changed is not read again,
 * also not by the next arbiter: to read 32 MB takes a third of a second in a JVM that has
 * just started, and the first worker waits for it.
 */
final class JarContent {

	private static final int BUFFER_SIZE = 256 * 1024;

	/**
	 * Age from which a change has another time than any later one. Some file systems
	 * count in steps of two seconds.
	 */
	private static final Duration OLD = Duration.ofSeconds(3);

	private final InstantSource clock;

	private @Nullable Stamp stamp;

	private @Nullable Stamp seen;

	private String key = "";

	/**
	 * What the file system says about a file, which changes with its content.
	 *
	 * @param text its device, number, size and times
	 * @param old whether a later change has other times
	 */
	private record Stamp(String text, boolean old) {

		boolean isOfSame(@Nullable Stamp other) {
			return other != null && this.text.equals(other.text);
		}

	}

	JarContent(InstantSource clock) {
		this.clock = clock;
	}

	private Stamp stampOf(Path jar) throws IOException {
		Instant old = this.clock.instant().minus(OLD);
		Map<String, Object> attributes = Files.readAttributes(jar, "unix:dev,ino,size,lastModifiedTime,ctime");
		return new Stamp(new TreeMap<>(attributes).toString(),
				attributes.get("ctime") instanceof FileTime changed && changed.toInstant().isBefore(old));
	}

	/**
	 * Return the key of a jar's content.
	 * @param jar the jar
	 * @param known returns the key of a file that was read before, by its
	 * {@link #stamp()}
	 * @return the key
	 * @throws IOException if it cannot be read
	 */
	String key(Path jar, Function<String, @Nullable String> known) throws IOException {
		Stamp now = stampOf(jar);
		if (this.stamp == null || !now.isOfSame(this.stamp) || (now.old() && !this.stamp.old())) {
			String before = now.old() ? known.apply(now.text()) : null;
			this.key = (before != null) ? before : copy(jar, Channels.newChannel(OutputStream.nullOutputStream()));
			// Otherwise it was replaced while it was read
			this.stamp = now.isOfSame(stampOf(jar)) ? now : null;
		}
		return this.key;
	}

	/**
	 * Return the stamp of the file whose key was returned last. Another file, or another
	 * content of the same file, has another stamp.
	 * @return the stamp, or {@code null} if the file had just changed when it was read
	 */
	@Nullable String stamp() {
		return (this.stamp != null && this.stamp.old()) ? this.stamp.text() : null;
	}

	/**
	 * Return the key of a jar's content, unless the file has changed since the last call,
	 * because it may still be written.
	 * @param jar the jar
	 * @return the key, or {@code null} if it is unknown
	 * @throws IOException if it cannot be read
	 */
	@Nullable String keyIfSettled(Path jar) throws IOException {
		Stamp now = stampOf(jar);
		boolean settled = now.isOfSame(this.seen);
		this.seen = now;
		return settled ? key(jar, (stamp) -> null) : null;
	}

	/**
	 * Copy a jar.
	 * @param jar the jar
	 * @param copy the copy, which must not exist
	 * @return the key of the copied content
	 * @throws IOException if that is not possible
	 */
	static String copy(Path jar, Path copy) throws IOException {
		try (FileChannel target = FileChannel.open(copy, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
			return copy(jar, target);
		}
	}

	private static String copy(Path jar, WritableByteChannel target) throws IOException {
		MessageDigest digest = sha256();
		try (FileChannel source = FileChannel.open(jar, StandardOpenOption.READ)) {
			ByteBuffer buffer = ByteBuffer.allocate(BUFFER_SIZE);
			while (source.read(buffer) >= 0) {
				digest.update(buffer.flip());
				buffer.rewind();
				while (buffer.hasRemaining()) {
					target.write(buffer);
				}
				buffer.clear();
			}
		}
		return HexFormat.of().formatHex(digest.digest());
	}

	static MessageDigest sha256() {
		try {
			return MessageDigest.getInstance("SHA-256");
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every JDK has SHA-256", ex);
		}
	}

}
