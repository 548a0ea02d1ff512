package dev.tomcorn.core.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * A file that tells whether any owner of its directory still runs: each owner holds a
 * lock on it, which the kernel releases at its end. Process ids would be useless where
 * containers share the directory.
 * <p>
 * A process must open the file once and keep it open: closing any channel of a file
 * releases every lock that the process has on it.
 */
public final class LockFile implements AutoCloseable {

	/**
	 * Name of the file.
	 */
	public static final String NAME = "tomcorn-alive.lock";

	private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

	private static final int MAX_SIZE = 4096;

	private final FileChannel channel;

	private LockFile(FileChannel channel) {
		this.channel = channel;
	}

	/**
	 * Create the file and lock it. It gets its name only once it is locked, so that its
	 * directory never seems abandoned.
	 * @param directory the directory
	 * @param notes lines for the process that removes the directory later
	 * @return the lock
	 * @throws IOException if it cannot be created or locked
	 */
	public static LockFile create(Path directory, String... notes) throws IOException {
		List<String> lines = new ArrayList<>(List.of(bootId()));
		lines.addAll(List.of(notes));
		var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
		Path draft = directory.resolve(NAME + "." + UUID.randomUUID());
		FileChannel channel = FileChannel.open(draft,
				Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE), ownerOnly);
		try {
			ByteBuffer content = ByteBuffer.wrap(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
			while (content.hasRemaining()) {
				channel.write(content);
			}
			LockFile file = lock(channel);
			Files.move(draft, directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
			return file;
		}
		catch (IOException | RuntimeException ex) {
			channel.close();
			Files.deleteIfExists(draft);
			throw ex;
		}
	}

	/**
	 * Lock the file of a directory that another process has created.
	 * @param directory the directory
	 * @return the lock
	 * @throws IOException if it does not exist or cannot be locked
	 */
	public static LockFile share(Path directory) throws IOException {
		FileChannel channel = FileChannel.open(directory.resolve(NAME), StandardOpenOption.READ,
				StandardOpenOption.WRITE);
		try {
			return lock(channel);
		}
		catch (IOException | RuntimeException ex) {
			channel.close();
			throw ex;
		}
	}

	private static LockFile lock(FileChannel channel) throws IOException {
		if (channel.tryLock(0, Long.MAX_VALUE, true) == null) {
			throw new IOException("Somebody removes the directory just now");
		}
		return new LockFile(channel);
	}

	/**
	 * Lock the file exclusively if no owner runs. It stays locked until the channel is
	 * closed.
	 * @param channel the file, opened to read and write
	 * @param local whether the kernel of this machine knows all locks on its disk
	 * @return the notes of the others, or {@code null} if an owner may still run
	 * @throws IOException if that is unknown
	 */
	public static @Nullable List<String> takeIfAbandoned(FileChannel channel, boolean local) throws IOException {
		try {
			if (channel.tryLock() == null) {
				return null;
			}
		}
		catch (OverlappingFileLockException ex) {
			// This process holds the lock
			return null;
		}
		ByteBuffer content = ByteBuffer.allocate(MAX_SIZE);
		while (content.hasRemaining() && channel.read(content, content.position()) > 0) {
			// Read on
		}
		List<String> lines = new String(content.array(), 0, content.position(), StandardCharsets.UTF_8).lines()
			.toList();
		// Another machine may share the disk but not the locks
		boolean dead = !lines.isEmpty() && (local || lines.getFirst().equals(bootId()));
		return dead ? lines.subList(1, lines.size()) : null;
	}

	private static String bootId() throws IOException {
		return Files.readString(BOOT_ID).strip();
	}

	@Override
	public void close() throws IOException {
		this.channel.close();
	}

}
