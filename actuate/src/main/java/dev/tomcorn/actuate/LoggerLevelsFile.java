package dev.tomcorn.actuate;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.logging.LogLevel;

/**
 * The file that the workers share. It has a line for each logger that was ever set: a
 * number that grows with each change, the level or {@code -}, and the name. Each change
 * replaces the whole file, so that no worker reads half of it. Invalid lines are skipped.
 */
final class LoggerLevelsFile {

	private static final int MAX_ENTRIES = 1000;

	private static final int MAX_NAME = 500;

	private static final int MAX_SIZE = MAX_ENTRIES * (MAX_NAME * 4 + 64);

	/**
	 * A worker that was stopped while it held the lock must not block the others.
	 */
	private static final Duration LOCK_LIMIT = Duration.ofSeconds(2);

	private static final Duration LOCK_INTERVAL = Duration.ofMillis(10);

	private static final String RESET = "-";

	private final Path file;

	private final Path lock;

	LoggerLevelsFile(Path runDirectory) {
		this.file = runDirectory.resolve("loggers");
		this.lock = runDirectory.resolve("loggers.lock");
	}

	/**
	 * A level that was set.
	 *
	 * @param number number of the change: a later one has a higher number
	 * @param name name of the logger or group
	 * @param level its level, {@code null} if it was reset
	 */
	record Entry(long number, String name, @Nullable LogLevel level) {

		static @Nullable Entry of(String line) {
			String[] fields = line.split(" ", 3);
			if (fields.length != 3 || !isName(fields[2])) {
				return null;
			}
			try {
				long number = Long.parseLong(fields[0]);
				LogLevel level = fields[1].equals(RESET) ? null : LogLevel.valueOf(fields[1]);
				return (number > 0) ? new Entry(number, fields[2], level) : null;
			}
			catch (IllegalArgumentException ex) {
				return null;
			}
		}

		@Override
		public String toString() {
			return "%d %s %s".formatted(this.number, (this.level != null) ? this.level.name() : RESET, this.name)
				.strip();
		}

	}

	/**
	 * Return whether this is a name that the file can hold.
	 */
	static boolean isName(String name) {
		return !name.isBlank() && name.length() <= MAX_NAME && name.equals(name.strip())
				&& name.chars().noneMatch(Character::isISOControl);
	}

	/**
	 * Return an object that is not equal after a change, {@code null} while there is no
	 * file.
	 */
	@Nullable Object version() throws IOException {
		try {
			BasicFileAttributes attributes = Files.readAttributes(this.file, BasicFileAttributes.class);
			return List.of(String.valueOf(attributes.fileKey()), attributes.lastModifiedTime(), attributes.size());
		}
		catch (NoSuchFileException ex) {
			return null;
		}
	}

	/**
	 * Return the levels that were set, the latest change last.
	 */
	List<Entry> read() throws IOException {
		if (!Files.exists(this.file)) {
			return List.of();
		}
		byte[] bytes;
		try (var in = Files.newInputStream(this.file)) {
			bytes = in.readNBytes(MAX_SIZE);
		}
		List<Entry> entries = new ArrayList<>();
		for (String line : new String(bytes, StandardCharsets.UTF_8).split("\n")) {
			Entry entry = Entry.of(line);
			if (entry != null && (entries.isEmpty() || entries.getLast().number() < entry.number())) {
				entries.add(entry);
			}
		}
		return entries;
	}

	/**
	 * Add a change.
	 * @param after the last number that this worker knows, in case the file was removed
	 * @return its number
	 */
	long put(String name, @Nullable LogLevel level, long after) throws IOException {
		var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
		try (FileChannel channel = FileChannel.open(this.lock,
				Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), ownerOnly)) {
			lock(channel);
			List<Entry> entries = new ArrayList<>(read());
			long number = Math.max(after, entries.isEmpty() ? 0 : entries.getLast().number()) + 1;
			entries.removeIf((entry) -> entry.name().equalsIgnoreCase(name));
			if (entries.size() >= MAX_ENTRIES) {
				entries.removeFirst();
			}
			entries.add(new Entry(number, name, level));
			replace(entries, Files.createTempFile(this.file.getParent(), "loggers-", ".tmp", ownerOnly));
			return number;
		}
	}

	private void replace(List<Entry> entries, Path next) throws IOException {
		try {
			Files.writeString(next, String.join("\n", entries.stream().map(Entry::toString).toList()) + "\n");
			Files.move(next, this.file, StandardCopyOption.ATOMIC_MOVE);
		}
		finally {
			Files.deleteIfExists(next);
		}
	}

	/**
	 * Wait for the lock, which the channel's end releases. If it does not come, go on
	 * without it: the file is still replaced as a whole.
	 */
	private static void lock(FileChannel channel) throws IOException {
		long start = System.nanoTime();
		while (channel.tryLock() == null && System.nanoTime() - start < LOCK_LIMIT.toNanos()) {
			LockSupport.parkNanos(LOCK_INTERVAL.toNanos());
		}
	}

}
