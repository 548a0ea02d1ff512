package dev.tomcorn.core.release;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.tomcorn.core.arbiter.ApplicationRelease;
import org.jspecify.annotations.Nullable;

/**
 * The kept releases of this user, in a private directory. The directory of each is named
 * by the digest of its jar. A process that uses a release holds a lock on a file in it,
 * which the kernel releases when the process ends. Used by one thread at a time.
 * <p>
 * Closing any channel of a file releases every lock that the process has on it, so a
 * locked file is opened only once.
 */
final class ReleaseStore implements AutoCloseable {

	static final int MAX_RELEASES = 3;

	/**
	 * Workers may outlive their arbiter by the length of a drain.
	 */
	private static final Duration GRACE = Duration.ofMinutes(10);

	/**
	 * Free disk space that stays available to others.
	 */
	static final long ROOM = 256L * 1024 * 1024;

	private static final long MEGABYTE = 1024 * 1024;

	private static final String RELEASES = "tomcorn-releases";

	private static final String DRAFTS = "tomcorn-drafts";

	private static final String PROPERTIES = "release.properties";

	private static final String LOCK = "in-use.lock";

	/**
	 * Stamp of the file that the release was last started from.
	 */
	private static final String STAMP = "jar.stamp";

	private static final Pattern KEY = Pattern.compile("[0-9a-f]{64}");

	/**
	 * Names of unfinished releases of this store.
	 */
	private static final Pattern DRAFT = Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

	private static final Pattern FILE_NAME = Pattern.compile("[^/\\x00-\\x1f]{1,200}\\.jar");

	private final Path releases;

	private final Path drafts;

	private final long maxSize;

	private final Map<Path, FileChannel> locks = new HashMap<>();

	private ReleaseStore(Path releases, Path drafts, long maxSize) {
		this.releases = releases;
		this.drafts = drafts;
		this.maxSize = maxSize;
	}

	/**
	 * Open the store.
	 * @param directory its path, or {@code null} for the cache directory of this user
	 * @param environment environment variables
	 * @param maxSize its maximum size in bytes
	 * @return the store
	 * @throws IOException if it cannot be used, or not safely
	 */
	static ReleaseStore open(@Nullable Path directory, Map<String, String> environment, long maxSize)
			throws IOException {
		Path root = PrivateDirectory.require((directory != null) ? directory : directory(environment));
		ReleaseStore store = new ReleaseStore(PrivateDirectory.create(root.resolve(RELEASES)),
				PrivateDirectory.create(root.resolve(DRAFTS)), maxSize);
		store.removeDrafts();
		return store;
	}

	/**
	 * Return the cache directory of this user.
	 */
	static Path directory(Map<String, String> environment) throws IOException {
		// systemd names several, separated by colons
		String given = environment.getOrDefault("CACHE_DIRECTORY", "").split(":", 2)[0];
		if (given.startsWith("/")) {
			return followed(Path.of(given));
		}
		for (String path : List.of(below(environment.get("XDG_CACHE_HOME"), "tomcorn"),
				below(environment.get("HOME"), ".cache/tomcorn"))) {
			if (path.startsWith("/")) {
				return Path.of(path);
			}
		}
		throw new IOException("HOME is not set");
	}

	/**
	 * For a dynamic user, systemd provides a link to the directory.
	 */
	private static Path followed(Path directory) throws IOException {
		return Files.exists(directory) ? directory.toRealPath() : directory;
	}

	private static String below(@Nullable String directory, String name) {
		return (directory != null && !directory.isEmpty()) ? directory + "/" + name : "";
	}

	/**
	 * Extracts a jar for the store.
	 */
	@FunctionalInterface
	interface Extractor {

		/**
		 * Extract a jar.
		 * @param jar the jar
		 * @param output takes the output of the tool
		 * @param destination the new jar, which does not exist
		 * @throws IOException if that is not possible
		 */
		void extract(Path jar, Path output, Path destination) throws IOException;

	}

	/**
	 * Return the key of a file that was read before.
	 * @param stamp its stamp
	 * @return its key, or {@code null} if it is unknown
	 */
	@Nullable String keyOf(String stamp) {
		for (Path directory : PrivateDirectory.files(this.releases)) {
			String key = directory.getFileName().toString();
			if (KEY.matcher(key).matches() && stamp.equals(stampOf(directory))) {
				return key;
			}
		}
		return null;
	}

	private static @Nullable String stampOf(Path directory) {
		try {
			PrivateDirectory.check(directory);
			return Files.readString(directory.resolve(STAMP));
		}
		catch (IOException ex) {
			return null;
		}
	}

	/**
	 * Remember a file whose content is that of a release. One that is not kept is
	 * ignored. A stamp that is only partly written is like no other.
	 * @param key the key of the release
	 * @param stamp the stamp of the file
	 */
	void rememberStamp(String key, String stamp) {
		Path directory = this.releases.resolve(key);
		if (stamp.equals(stampOf(directory))) {
			return;
		}
		try {
			Files.writeString(directory.resolve(STAMP), stamp);
		}
		catch (IOException ex) {
			// The next arbiter reads the file
		}
	}

	/**
	 * Return a kept release and lock it until the store is closed or {@link #letGo}
	 * releases it.
	 * @param key its key
	 * @return the release, or {@code null} if it is not kept
	 */
	@Nullable KeptRelease take(String key) {
		Path directory = this.releases.resolve(key);
		if (!Files.isDirectory(directory)) {
			return null;
		}
		try {
			PrivateDirectory.check(directory);
			if (!lock(directory.resolve(LOCK), true)) {
				return null;
			}
			KeptRelease release = read(directory);
			if (release == null) {
				unlock(directory.resolve(LOCK));
				return null;
			}
			touch(directory.resolve(LOCK));
			return release;
		}
		catch (IOException ex) {
			return null;
		}
	}

	/**
	 * Record that a release is used now, through the open file: setting its time by path
	 * would open and close it and so release the lock.
	 */
	private void touch(Path lock) throws IOException {
		FileChannel channel = this.locks.get(lock);
		if (channel != null) {
			channel.write(ByteBuffer.wrap(new byte[] { '\n' }), 0);
		}
	}

	/**
	 * Release all releases except some.
	 * @param keys the keys of those that are still used
	 */
	void letGo(Set<String> keys) {
		List<Path> kept = keys.stream().map((key) -> this.releases.resolve(key).resolve(LOCK)).toList();
		List<Path> idle = this.locks.keySet()
			.stream()
			.filter((lock) -> lock.endsWith(LOCK) && !kept.contains(lock))
			.toList();
		idle.forEach(this::unlock);
	}

	/**
	 * Return the releases of an application, the last used first.
	 * @param application name of the application
	 */
	List<KeptRelease> kept(String application) {
		return byUse().stream().filter((release) -> release.application().equals(application)).toList();
	}

	private List<KeptRelease> byUse() {
		List<KeptRelease> all = new ArrayList<>();
		for (Path directory : PrivateDirectory.files(this.releases)) {
			KeptRelease release = read(directory);
			if (release != null) {
				all.add(release);
			}
		}
		all.sort(Comparator.comparing((KeptRelease release) -> lastUse(release.directory())).reversed());
		return all;
	}

	private static Instant lastUse(Path directory) {
		try {
			return Files.getLastModifiedTime(directory.resolve(LOCK)).toInstant();
		}
		catch (IOException ex) {
			return Instant.EPOCH;
		}
	}

	private static @Nullable KeptRelease read(Path directory) {
		String key = String.valueOf(directory.getFileName());
		Properties properties = new Properties();
		try (InputStream in = Files.newInputStream(directory.resolve(PROPERTIES))) {
			properties.load(in);
			KeptRelease release = new KeptRelease(
					new ApplicationRelease(key, properties.getProperty("jar", ""),
							Long.parseLong(properties.getProperty("since", ""))),
					properties.getProperty("application", ""), directory);
			boolean whole = KEY.matcher(key).matches() && FILE_NAME.matcher(release.release().jar()).matches()
					&& Files.isRegularFile(release.jar());
			return whole ? release : null;
		}
		catch (IOException | IllegalArgumentException ex) {
			return null;
		}
	}

	/**
	 * Keep a jar.
	 * @param jar the jar
	 * @param application name of the application
	 * @param extractor extracts it
	 * @return the locked release
	 * @throws IOException if that is not possible
	 */
	KeptRelease add(Path jar, String application, Extractor extractor) throws IOException {
		String name = String.valueOf(jar.getFileName());
		if (!FILE_NAME.matcher(name).matches()) {
			throw new IOException("%s does not have the name of a jar".formatted(jar));
		}
		requireRoom(Files.size(jar));
		Path draft = this.drafts.resolve(UUID.randomUUID().toString());
		Path lock = this.drafts.resolve(draft.getFileName() + ".lock");
		lock(lock, false);
		try {
			PrivateDirectory.create(draft);
			Path source = PrivateDirectory.create(draft.resolve("source")).resolve(name);
			// The jar may be replaced meanwhile
			String key = JarContent.copy(jar, source);
			Path made = PrivateDirectory.create(draft.resolve("release"));
			extractor.extract(source, draft.resolve("output"), KeptRelease.application(made));
			PrivateDirectory.create(made.resolve("caches"));
			Properties properties = new Properties();
			properties.setProperty("jar", name);
			properties.setProperty("application", application);
			properties.setProperty("since", Long.toString(System.currentTimeMillis()));
			try (OutputStream out = Files.newOutputStream(made.resolve(PROPERTIES))) {
				properties.store(out, null);
			}
			if (!Files.isRegularFile(KeptRelease.application(made).resolve(name))) {
				throw new IOException("the extracted jar does not exist");
			}
			Files.createFile(made.resolve(LOCK));
			force(made);
			return moveIntoPlace(made, key);
		}
		finally {
			PrivateDirectory.delete(draft);
			unlock(lock);
			PrivateDirectory.delete(lock);
		}
	}

	/**
	 * Extraction needs space for the jar twice.
	 */
	private void requireRoom(long size) throws IOException {
		if (size > this.maxSize) {
			throw new IOException("it is larger than tomcorn.preload.max-size");
		}
		long free = Files.getFileStore(this.drafts).getUsableSpace();
		if (free < 2 * size + ROOM) {
			throw new IOException("the disk of %s has only %d MB free".formatted(this.drafts, free / MEGABYTE));
		}
	}

	private KeptRelease moveIntoPlace(Path made, String key) throws IOException {
		Path target = this.releases.resolve(key);
		if (Files.exists(target, LinkOption.NOFOLLOW_LINKS) && take(key) == null) {
			replaceDamaged(target);
		}
		try {
			Files.move(made, target, StandardCopyOption.ATOMIC_MOVE);
		}
		catch (FileSystemException ex) {
			// Another fleet was faster, or it cannot be stored
			if (!Files.isDirectory(target)) {
				throw ex;
			}
		}
		KeptRelease release = take(key);
		if (release == null) {
			throw new IOException(target + " cannot be used");
		}
		return release;
	}

	/**
	 * A damaged release that another fleet uses stays.
	 */
	private void replaceDamaged(Path target) throws IOException {
		Path lock = target.resolve(LOCK);
		boolean link = Files.isSymbolicLink(target);
		if (!link && Files.exists(lock) && !lock(lock, false)) {
			throw new IOException(target + " is in use, and cannot be read");
		}
		PrivateDirectory.delete(target);
		unlock(lock);
	}

	/**
	 * Force a file to disk: a power failure must not leave an empty one.
	 */
	static void force(Path file) throws IOException {
		if (Files.isDirectory(file)) {
			for (Path inside : PrivateDirectory.files(file)) {
				force(inside);
			}
		}
		try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
			channel.force(true);
		}
	}

	/**
	 * Remove surplus releases: those beyond the number per application, and the least
	 * recently used ones beyond the size. Releases in use stay.
	 */
	void removeSurplus() {
		Map<String, Integer> counts = new HashMap<>();
		long size = 0;
		for (KeptRelease release : byUse()) {
			long bytes = PrivateDirectory.size(release.directory());
			size += bytes;
			int count = counts.merge(release.application(), 1, Integer::sum);
			if ((count > MAX_RELEASES || size > this.maxSize) && remove(release.directory())) {
				counts.merge(release.application(), -1, Integer::sum);
				size -= bytes;
			}
		}
		for (Path directory : PrivateDirectory.files(this.releases)) {
			if (KEY.matcher(directory.getFileName().toString()).matches() && read(directory) == null) {
				remove(directory);
			}
		}
	}

	/**
	 * Remove a release that no process uses.
	 */
	private boolean remove(Path directory) {
		Path lock = directory.resolve(LOCK);
		if (this.locks.containsKey(lock) || lastUse(directory).isAfter(Instant.now().minus(GRACE))) {
			return false;
		}
		try {
			if (!lock(lock, false)) {
				return false;
			}
		}
		catch (IOException ex) {
			// It has no lock file, or is not a directory
		}
		Path removed = this.drafts.resolve(UUID.randomUUID().toString());
		try {
			// Other processes see all of it or nothing
			Files.move(directory, removed, StandardCopyOption.ATOMIC_MOVE);
			PrivateDirectory.delete(removed);
			return true;
		}
		catch (IOException ex) {
			return false;
		}
		finally {
			unlock(lock);
		}
	}

	/**
	 * Remove unfinished releases of killed processes.
	 */
	private void removeDrafts() {
		for (Path draft : PrivateDirectory.files(this.drafts)) {
			String name = draft.getFileName().toString();
			if (!DRAFT.matcher(name).matches()) {
				continue;
			}
			Path lock = draft.resolveSibling(name + ".lock");
			try {
				if (lock(lock, false)) {
					PrivateDirectory.delete(draft);
					unlock(lock);
					PrivateDirectory.delete(lock);
				}
			}
			catch (IOException ex) {
				// The next start tries again
			}
		}
	}

	/**
	 * Lock a file and create it if missing.
	 * @return whether it is locked now
	 */
	boolean lock(Path file, boolean shared) throws IOException {
		if (this.locks.containsKey(file)) {
			return true;
		}
		FileChannel channel = FileChannel.open(file,
				Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
				PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
		boolean locked = false;
		try {
			locked = channel.tryLock(0, Long.MAX_VALUE, shared) != null;
		}
		catch (OverlappingFileLockException ex) {
			// Another store of this JVM holds the lock
		}
		finally {
			if (locked) {
				this.locks.put(file, channel);
			}
			else {
				channel.close();
			}
		}
		return locked;
	}

	void unlock(Path file) {
		FileChannel channel = this.locks.remove(file);
		if (channel != null) {
			try {
				channel.close();
			}
			catch (IOException ex) {
				// The kernel releases the lock in any case
			}
		}
	}

	@Override
	public void close() {
		Stream.of(this.locks.keySet().toArray(Path[]::new)).forEach(this::unlock);
	}

}
