package dev.tomcorn.core.arbiter;

/**
 * What the workers of a generation start from: a kept copy of the application's jar that
 * never changes, or the files on disk when a worker starts.
 *
 * @param key digest of the jar's content, or empty if no copy is kept
 * @param jar file name of the jar that it was copied from, or empty
 * @param since when that content was first seen, in milliseconds of the epoch, or 0
 */
public record ApplicationRelease(String key, String jar, long since) {

	/**
	 * The files on disk when a worker starts.
	 */
	public static final ApplicationRelease AS_GIVEN = new ApplicationRelease("", "", 0);

	private static final int SHORT = 12;

	/**
	 * Return whether this is a kept copy.
	 * @return whether it is kept
	 */
	public boolean kept() {
		return !this.key.isEmpty();
	}

	/**
	 * Return the first digits of the key, which identify the release.
	 * @return the key for users
	 */
	public String shortKey() {
		return this.key.substring(0, Math.min(SHORT, this.key.length()));
	}

	/**
	 * Return the name of the release in sentences.
	 * @return the first digits of the key, and the jar
	 */
	public String label() {
		return "release %s (%s)".formatted(shortKey(), this.jar);
	}

}
