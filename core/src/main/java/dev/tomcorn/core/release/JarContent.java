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
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

import org.jspecify.annotations.Nullable;

/**
 * The content of a jar, by its digest. A file that has not changed is not read again.
 */
final class JarContent {

	private static final int BUFFER_SIZE = 256 * 1024;

	private @Nullable Object stamp;

	private @Nullable Object seen;

	private String key = "";

	/**
	 * Return the key of a jar's content.
	 * @param jar the jar
	 * @return the key
	 * @throws IOException if it cannot be read
	 */
	String key(Path jar) throws IOException {
		Object now = stamp(jar);
		if (!now.equals(this.stamp)) {
			this.key = copy(jar, Channels.newChannel(OutputStream.nullOutputStream()));
			// Otherwise it was replaced while it was read
			this.stamp = now.equals(stamp(jar)) ? now : null;
		}
		return this.key;
	}

	/**
	 * Return the key of a jar's content, unless the file has changed since the last call,
	 * because it may still be written.
	 * @param jar the jar
	 * @return the key, or {@code null} if it is unknown
	 * @throws IOException if it cannot be read
	 */
	@Nullable String keyIfSettled(Path jar) throws IOException {
		Object now = stamp(jar);
		boolean settled = now.equals(this.seen);
		this.seen = now;
		return settled ? key(jar) : null;
	}

	private static Object stamp(Path jar) throws IOException {
		return Files.readAttributes(jar, "unix:dev,ino,size,lastModifiedTime,ctime").toString();
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
