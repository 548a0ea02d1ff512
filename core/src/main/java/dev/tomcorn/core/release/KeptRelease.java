package dev.tomcorn.core.release;

import java.nio.file.Path;

import dev.tomcorn.core.arbiter.ApplicationRelease;

/**
 * A release in the store.
 *
 * @param release the release
 * @param application name of the application that it is of
 * @param directory its directory
 */
record KeptRelease(ApplicationRelease release, String application, Path directory) {

	private static final String APPLICATION = "app";

	private static final String CACHES = "caches";

	/**
	 * Return the jar to start, which finds the others beside itself.
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
	 * Return where a release that is being made has the application.
	 */
	static Path application(Path directory) {
		return directory.resolve(APPLICATION);
	}

}
