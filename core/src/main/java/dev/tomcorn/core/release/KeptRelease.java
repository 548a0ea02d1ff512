package dev.tomcorn.core.release;

import java.nio.file.Path;

import dev.tomcorn.core.arbiter.ApplicationRelease;

/**
 * A release in the store.
 *
 * @param release the release
 * @param application name of its application
 * @param directory its directory
 */
record KeptRelease(ApplicationRelease release, String application, Path directory) {

	private static final String APPLICATION = "app";

	private static final String CACHES = "caches";

	/**
	 * Return the jar to start, beside the libraries it needs.
	 */
	Path jar() {
		return this.directory.resolve(APPLICATION).resolve(this.release.jar());
	}

	/**
	 * Return the directory of its AOT caches.
	 */
	Path caches() {
		return this.directory.resolve(CACHES);
	}

	/**
	 * Return the directory of the application in an unfinished release.
	 */
	static Path application(Path directory) {
		return directory.resolve(APPLICATION);
	}

}
