package dev.tomcorn.core.release;

import java.nio.file.Path;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Settings of kept releases and AOT caches.
 *
 * @param enabled whether they are kept
 * @param directory their directory, or {@code null} for this user's cache directory
 * @param maxSize most bytes that are kept
 * @param trainingRequests requests after which a recording worker is replaced
 * @param trainingTime longest time until it is replaced
 */
public record PreloadSettings(boolean enabled, @Nullable Path directory, long maxSize, int trainingRequests,
		Duration trainingTime) {

	/**
	 * Nothing is kept.
	 */
	public static final PreloadSettings OFF = new PreloadSettings(false, null, 0, 0, Duration.ZERO);

}
