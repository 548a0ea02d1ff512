package dev.tomcorn.core.release;

import java.nio.file.Path;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Whether releases and AOT caches are kept, and how.
 *
 * @param enabled whether they are
 * @param directory where they are kept, or {@code null} for this user's caches
 * @param maxSize most bytes that are kept
 * @param trainingRequests requests after which a recording worker is replaced
 * @param trainingTime time after which it is replaced at the latest
 */
public record PreloadSettings(boolean enabled, @Nullable Path directory, long maxSize, int trainingRequests,
		Duration trainingTime) {

	/**
	 * Nothing is kept.
	 */
	public static final PreloadSettings OFF = new PreloadSettings(false, null, 0, 0, Duration.ZERO);

}
