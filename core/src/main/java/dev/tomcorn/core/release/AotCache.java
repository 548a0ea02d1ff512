package dev.tomcorn.core.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import dev.tomcorn.core.process.Recording;

/**
 * The AOT cache of a release for some JVM options. A worker records its configuration
 * while it serves. After that worker has ended, the cache is assembled from it. The state
 * is in memory, so reading it does not wait for a disk.
 */
final class AotCache {

	static final String SUFFIX = ".aot";

	/**
	 * Most attempts of an arbiter to create it.
	 */
	private static final int MAX_ATTEMPTS = 3;

	private final KeptRelease release;

	private final Path file;

	private final Path configuration;

	private final Path lock;

	private final List<String> mapping;

	private State state = State.UNKNOWN;

	private long trainer;

	private int attempts;

	private boolean trusted;

	/**
	 * The state of a cache.
	 */
	enum State {

		/** Not checked yet, or another fleet may create it. */
		UNKNOWN,

		/** It does not exist, and this arbiter may create it. */
		MISSING,

		/** A worker records. */
		RECORDING,

		/** A configuration exists, from which it is assembled. */
		RECORDED,

		/** It exists. */
		THERE,

		/** It is no longer used. */
		ASIDE

	}

	/**
	 * Create the view of a cache.
	 * @param release its release
	 * @param key its key
	 * @param mapping options that workers get with it
	 */
	AotCache(KeptRelease release, String key, List<String> mapping) {
		this.release = release;
		this.mapping = List.copyOf(mapping);
		this.file = release.caches().resolve(key + SUFFIX);
		this.configuration = release.caches().resolve(key + ".conf");
		this.lock = release.caches().resolve(key + ".lock");
	}

	KeptRelease release() {
		return this.release;
	}

	Path file() {
		return this.file;
	}

	Path configuration() {
		return this.configuration;
	}

	Path lock() {
		return this.lock;
	}

	synchronized State state() {
		return this.state;
	}

	synchronized void state(State newState) {
		this.state = newState;
		this.trusted &= newState == State.THERE;
	}

	/**
	 * Take note that the file exists, created by this fleet or another. A worker that
	 * records goes on.
	 */
	synchronized void found() {
		if (this.state == State.UNKNOWN || this.state == State.MISSING) {
			this.state = State.THERE;
		}
	}

	/**
	 * Return the options of a worker that is about to be started.
	 * @param age the worker
	 * @param mayRecord whether it may record
	 */
	synchronized List<String> options(long age, boolean mayRecord) {
		if (this.state == State.THERE) {
			return Stream.concat(Stream.of("-XX:AOTCache=" + this.file), this.mapping.stream()).toList();
		}
		if (this.state == State.MISSING && mayRecord && this.attempts < MAX_ATTEMPTS) {
			this.state = State.RECORDING;
			this.attempts++;
			this.trainer = age;
			return List.of(Recording.options(this.configuration));
		}
		return List.of();
	}

	synchronized boolean isTrainer(long age) {
		return this.trainer == age;
	}

	/**
	 * Take note that the recording worker has ended, or could not start.
	 */
	synchronized void trained(State next) {
		this.trainer = 0;
		this.state = next;
	}

	/**
	 * Take note that a worker has booted with the cache.
	 */
	synchronized void trust() {
		this.trusted = true;
	}

	/**
	 * Take note that a worker with the cache has failed to boot. The cache may be the
	 * reason, unless another worker has booted with it.
	 * @return whether the cache is no longer used
	 */
	synchronized boolean doubt() {
		if (this.trusted || this.state != State.THERE) {
			return false;
		}
		this.state = State.ASIDE;
		return true;
	}

	/**
	 * Give up the creation, unless it is under way.
	 * @return whether another fleet may create it
	 */
	synchronized boolean giveUp() {
		if (this.state == State.RECORDING || this.state == State.RECORDED) {
			return false;
		}
		if (this.state == State.MISSING) {
			this.state = State.UNKNOWN;
		}
		return true;
	}

	synchronized boolean mayTryAgain() {
		return this.attempts < MAX_ATTEMPTS;
	}

	boolean isOnDisk() {
		return Files.isRegularFile(this.file);
	}

	/**
	 * Return whether a configuration exists. The JVM creates the file when it begins to
	 * write.
	 */
	boolean isRecorded() {
		try {
			return Files.isRegularFile(this.configuration) && Files.size(this.configuration) > 0;
		}
		catch (IOException ex) {
			return false;
		}
	}

	void removeRecording() {
		PrivateDirectory.delete(this.configuration);
		String marks = Recording.closedMarks(this.configuration);
		PrivateDirectory.files(this.release.caches())
			.stream()
			.filter((file) -> file.getFileName().toString().startsWith(marks))
			.forEach(PrivateDirectory::delete);
	}

}
