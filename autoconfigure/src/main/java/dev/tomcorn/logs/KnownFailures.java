package dev.tomcorn.logs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

import dev.tomcorn.core.arbiter.Placement;
import org.jspecify.annotations.Nullable;

/**
 * The failures that workers have logged in full during a boot that failed. A file of the
 * run directory keeps them for later workers. Two failures are the same if their causes
 * are the same, apart from numbers in the messages.
 */
public final class KnownFailures {

	private static final String FILE = "boot-failures";

	/**
	 * A stack is logged again after this time, because the log may have been rolled.
	 */
	private static final Duration KEPT = Duration.ofHours(1);

	private static final long MAX_SIZE = 64 * 1024;

	private static final int MAX_SEEN = 50;

	private static final int FRAMES = 10;

	/**
	 * Parts that differ from process to process: counts, times, addresses.
	 */
	private static final Pattern VOLATILE = Pattern.compile("0x[0-9a-fA-F]+|\\b[0-9a-fA-F]{6,}\\b|\\d+");

	private final Path file;

	private final int index;

	private final int generation;

	private final long pid;

	private final InstantSource clock;

	private final Map<String, Earlier> earlier;

	private final Set<String> seen = ConcurrentHashMap.newKeySet();

	KnownFailures(Path directory, int index, int generation, long pid, InstantSource clock) {
		this.file = directory.resolve(FILE);
		this.index = index;
		this.generation = generation;
		this.pid = pid;
		this.clock = clock;
		this.earlier = read();
	}

	/**
	 * Return the failures for a worker. Only those of its own generation count, because a
	 * reload may have changed the application.
	 * @param runDirectory the fleet's run directory
	 * @param placement placement of the worker in this JVM
	 * @return the failures
	 */
	public static KnownFailures of(Path runDirectory, Placement placement) {
		return new KnownFailures(runDirectory, placement.index(), placement.generation(), ProcessHandle.current().pid(),
				InstantSource.system());
	}

	/**
	 * The place where a failure was logged in full.
	 *
	 * @param at the time
	 * @param pid process id of the worker
	 * @param index its index
	 */
	public record Earlier(Instant at, long pid, int index) {

		/**
		 * Return the place, for a line of the log.
		 * @return the worker and the time
		 */
		public String where() {
			return "worker %d (pid %d) at %s".formatted(this.index, this.pid,
					this.at.atZone(ZoneId.systemDefault()).toLocalTime().truncatedTo(ChronoUnit.SECONDS));
		}

	}

	/**
	 * Return where another worker has logged the same failure.
	 * @param failure the failure
	 * @return the place, or {@code null} if none has logged it
	 */
	public @Nullable Earlier find(Throwable failure) {
		return this.earlier.get(fingerprint(failure));
	}

	/**
	 * Record a failure that this worker logs in full.
	 * @param failure the failure
	 */
	public void seen(Throwable failure) {
		if (this.seen.size() < MAX_SEEN) {
			this.seen.add(fingerprint(failure));
		}
	}

	/**
	 * Write the recorded failures to the file for later workers, because this one has
	 * failed to boot.
	 */
	public void keep() {
		StringBuilder lines = new StringBuilder();
		for (String fingerprint : this.seen) {
			if (!this.earlier.containsKey(fingerprint)) {
				lines.append("%s %d %d %d%n".formatted(fingerprint, this.clock.millis(), this.pid, this.index));
			}
		}
		if (lines.isEmpty()) {
			return;
		}
		try {
			if (Files.exists(this.file) && Files.size(this.file) > MAX_SIZE) {
				Files.delete(this.file);
			}
			Files.writeString(this.file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
		}
		catch (IOException ex) {
			// The next worker logs the stack again
		}
	}

	private Map<String, Earlier> read() {
		Map<String, Earlier> known = new HashMap<>();
		try {
			if (Files.exists(this.file) && Files.size(this.file) <= 2 * MAX_SIZE) {
				Instant oldest = this.clock.instant().minus(KEPT);
				for (String line : Files.readAllLines(this.file)) {
					String[] words = line.split(" ");
					Earlier found = new Earlier(Instant.ofEpochMilli(Long.parseLong(words[1])),
							Long.parseLong(words[2]), Integer.parseInt(words[3]));
					if (found.at().isAfter(oldest) && found.pid() != this.pid) {
						known.put(words[0], found);
					}
				}
			}
		}
		catch (IOException | RuntimeException ex) {
			// A file of another process may contain anything
		}
		return known;
	}

	private String fingerprint(Throwable failure) {
		List<Throwable> chain = RootCause.chain(failure);
		StringBuilder text = new StringBuilder().append(this.generation);
		for (Throwable cause : chain) {
			text.append('\n').append(cause.getClass().getName()).append(": ").append(stable(cause.getMessage()));
		}
		StackTraceElement[] stack = chain.getLast().getStackTrace();
		for (int i = 0; i < Math.min(FRAMES, stack.length); i++) {
			text.append('\n').append(stable(stack[i].getClassName() + "." + stack[i].getMethodName()));
		}
		return digest(text.toString());
	}

	private static String stable(@Nullable String text) {
		return (text != null) ? VOLATILE.matcher(text).replaceAll("#") : "";
	}

	private static String digest(String text) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
			return HexFormat.of().formatHex(digest, 0, 12);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
