package dev.tomcorn.core.arbiter;

/**
 * What the workers of a generation start from: a copy of the application's jar, which
 * nothing changes, or what is on disk when a worker starts.
 *
 * @param key digest of the jar's content, or empty if no copy is kept
 * @param jar file name of the jar that it was copied from, or empty
 * @param since when that content was first seen, in milliseconds of the epoch, or 0
 */
public record ApplicationRelease(String key, String jar, long since) {

	/**
	 * What is on disk when a worker starts.
	 */
	public static final ApplicationRelease AS_GIVEN = new ApplicationRelease("", "", 0);

	private static final int SHORT = 12;

	/**
	 * Return whether a copy is kept.
	 * @return whether it is
	 */
	public boolean kept() {
		return !this.key.isEmpty();
	}

	/**
	 * Return the beginning of the key, which identifies the release.
	 * @return what people read and write
	 */
	public String shortKey() {
		return this.key.substring(0, Math.min(SHORT, this.key.length()));
	}

	/**
	 * Return how sentences name it.
	 * @return the beginning of the key, and the jar
	 */
	public String label() {
		return "release %s (%s)".formatted(shortKey(), this.jar);
	}

}
