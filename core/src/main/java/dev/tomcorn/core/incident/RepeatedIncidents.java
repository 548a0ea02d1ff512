package dev.tomcorn.core.incident;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Folds consecutive deaths of the same kind into the folder of the first, so that a crash
 * loop neither fills the disk nor displaces other incidents. A worker that still runs
 * gets a folder of its own for its part. Used by one thread.
 */
final class RepeatedIncidents {

	/**
	 * File of an incident folder that lists its repetitions.
	 */
	static final String FILE = "repeated.txt";

	/**
	 * An incident after a longer time gets a folder of its own.
	 */
	static final Duration WINDOW = Duration.ofMinutes(10);

	private static final int MAX_KINDS = 100;

	private static final int MAX_LISTED = 20;

	private final Map<String, Series> series = new LinkedHashMap<>() {

		@Override
		protected boolean removeEldestEntry(Map.Entry<String, Series> eldest) {
			return size() > MAX_KINDS;
		}

	};

	/**
	 * Incidents of one kind.
	 */
	private static final class Series {

		private final Path folder;

		private final Deque<String> last = new ArrayDeque<>();

		private Instant at;

		private long repeats;

		Series(Path folder, Instant at) {
			this.folder = folder;
			this.at = at;
		}

	}

	/**
	 * Start a series with an incident that has a folder of its own.
	 */
	void begin(Incident incident, Path folder, Instant now) {
		if (!incident.alive()) {
			this.series.put(incident.kind(), new Series(folder, now));
		}
	}

	/**
	 * Fold an incident into the folder of the first of its kind.
	 * @return that folder, or {@code null} if it needs one of its own
	 * @throws IOException if it cannot be written
	 */
	@Nullable Path fold(Incident incident, Instant now) throws IOException {
		Series known = incident.alive() ? null : this.series.get(incident.kind());
		if (known == null || Duration.between(known.at, now).compareTo(WINDOW) > 0
				|| !Files.isDirectory(known.folder, LinkOption.NOFOLLOW_LINKS)) {
			return null;
		}
		known.at = now;
		known.repeats++;
		known.last.addFirst("%s worker %d, pid %d, age %d, generation %d, started %s: %s".formatted(now,
				incident.index(), incident.pid(), incident.age(), incident.generation(), incident.started(),
				incident.cause().lines().findFirst().orElse("")));
		if (known.last.size() > MAX_LISTED) {
			known.last.removeLast();
		}
		Files.writeString(known.folder.resolve(FILE), "%d more of the same kind, the latest first%n%s%n"
			.formatted(known.repeats, String.join(System.lineSeparator(), known.last)));
		return known.folder;
	}

}
