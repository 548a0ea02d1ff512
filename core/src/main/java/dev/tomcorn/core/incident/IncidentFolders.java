package dev.tomcorn.core.incident;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The incident folders of an application: private, limited in number and size. Other
 * files are neither counted nor deleted, and links are never followed.
 */
final class IncidentFolders {

	/**
	 * File of an incident folder that describes the incident.
	 */
	static final String SUMMARY = "incident.txt";

	/**
	 * The heap dump, which is deleted first if a folder is too large.
	 */
	static final String HEAP_DUMP = "heap.hprof";

	private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

	private static final FileAttribute<?> PRIVATE = PosixFilePermissions.asFileAttribute(OWNER_ONLY);

	private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'", Locale.ROOT)
		.withZone(ZoneOffset.UTC);

	private static final Pattern NAME = Pattern.compile(
			"\\d{8}T\\d{6}\\.\\d{3}Z-(?:(?<application>[a-z0-9-]{1,50})-)?worker\\d{1,9}-pid\\d{1,19}-[a-z0-9-]{1,50}");

	private static final int MOST_OF_ONE_NAME = 100;

	private final IncidentSettings settings;

	private final String application;

	private final Path temporary;

	private final String usualName;

	private @Nullable Path substitute;

	/**
	 * Create the folders.
	 * @param settings their directory and limits
	 * @param application the application whose incidents they keep, as a part of a name
	 * @param temporary directory of temporary files
	 * @param user name of the user, for the directory among the temporary files
	 */
	IncidentFolders(IncidentSettings settings, String application, Path temporary, String user) {
		this.settings = settings;
		this.application = application;
		this.temporary = temporary.toAbsolutePath();
		this.usualName = "tomcorn-incidents-" + user.replaceAll("[^A-Za-z0-9._-]", "_");
	}

	/**
	 * Return the directory of the folders. Create it if missing.
	 * @return the absolute path
	 * @throws IOException if it cannot be created
	 */
	Path directory() throws IOException {
		Path configured = this.settings.directory();
		if (configured != null) {
			Path directory = configured.toAbsolutePath();
			if (!Files.isDirectory(directory)) {
				Files.createDirectories(directory, PRIVATE);
			}
			return directory;
		}
		Path usual = this.temporary.resolve(this.usualName);
		if (!Files.exists(usual, LinkOption.NOFOLLOW_LINKS)) {
			createUnlessThere(usual);
		}
		if (isPrivate(usual)) {
			return usual;
		}
		// Another user may have created it as a trap
		if (this.substitute == null || !isPrivate(this.substitute)) {
			this.substitute = Files.createTempDirectory(this.temporary, "tomcorn-incidents-", PRIVATE);
		}
		return this.substitute;
	}

	private static void createUnlessThere(Path directory) throws IOException {
		try {
			Files.createDirectory(directory, PRIVATE);
		}
		catch (FileAlreadyExistsException ex) {
			// Another process was faster: the directory is checked like any other
		}
	}

	private static boolean isPrivate(Path directory) {
		try {
			return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS) && Owner.isOurs(directory)
					&& Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS).equals(OWNER_ONLY);
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Create the folder of an incident.
	 * @return the absolute path
	 * @throws IOException if it cannot be created
	 */
	Path create(Incident incident, Instant now) throws IOException {
		Path directory = directory();
		String name = "%s-%s-worker%d-pid%d-%s".formatted(TIME.format(now), this.application, incident.index(),
				incident.pid(), incident.slug());
		for (int number = 1;; number++) {
			Path folder = directory.resolve((number > 1) ? name + "-" + number : name);
			try {
				return Files.createDirectory(folder, PRIVATE);
			}
			catch (FileAlreadyExistsException ex) {
				if (number == MOST_OF_ONE_NAME) {
					throw ex;
				}
			}
		}
	}

	/**
	 * Make a folder fit into the total size: delete the heap dump first, then the largest
	 * files, but never the summary.
	 * @return names of the files that were deleted
	 */
	List<String> fit(Path folder) throws IOException {
		Map<Path, Long> files = new HashMap<>();
		Files.walkFileTree(folder, new Sizes(files));
		long size = files.values().stream().mapToLong(Long::longValue).sum();
		Comparator<Path> heapDumpFirst = Comparator.comparing((file) -> !file.endsWith(HEAP_DUMP));
		List<Path> candidates = files.keySet()
			.stream()
			.filter((file) -> !file.endsWith(SUMMARY))
			.sorted(heapDumpFirst.thenComparing(files::get, Comparator.reverseOrder()))
			.toList();
		List<String> deleted = new ArrayList<>();
		for (Path file : candidates) {
			if (size <= this.settings.maxSize()) {
				break;
			}
			Files.deleteIfExists(file);
			size -= files.getOrDefault(file, 0L);
			deleted.add(folder.relativize(file).toString());
		}
		return deleted;
	}

	/**
	 * Delete the oldest folders until number and size are within their limits.
	 * @param spared folders that are in use
	 */
	void prune(Set<Path> spared) throws IOException {
		Map<Path, Long> sizes = new HashMap<>();
		List<Path> oldestFirst = list();
		for (Path folder : oldestFirst) {
			Map<Path, Long> files = new HashMap<>();
			Files.walkFileTree(folder, new Sizes(files));
			sizes.put(folder, files.values().stream().mapToLong(Long::longValue).sum());
		}
		int count = oldestFirst.size();
		long size = sizes.values().stream().mapToLong(Long::longValue).sum();
		for (Path folder : oldestFirst) {
			if (count <= this.settings.maxCount() && size <= this.settings.maxSize()) {
				return;
			}
			if (!spared.contains(folder)) {
				delete(folder);
				count--;
				size -= sizes.getOrDefault(folder, 0L);
			}
		}
	}

	/**
	 * Return whether a folder belongs to this application, or to an older version without
	 * names of applications.
	 */
	private boolean isOwn(String name) {
		Matcher matcher = NAME.matcher(name);
		String owner = matcher.matches() ? matcher.group("application") : "";
		return owner == null || owner.equals(this.application);
	}

	private List<Path> list() throws IOException {
		List<Path> folders = new ArrayList<>();
		try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory())) {
			for (Path entry : entries) {
				if (isOwn(entry.getFileName().toString()) && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)
						&& Owner.isOurs(entry)) {
					folders.add(entry);
				}
			}
		}
		catch (DirectoryIteratorException ex) {
			throw ex.getCause();
		}
		// The name begins with the time
		folders.sort(Comparator.comparing((folder) -> folder.getFileName().toString()));
		return folders;
	}

	/**
	 * Delete a folder and what is in it.
	 */
	static void delete(Path folder) throws IOException {
		Files.walkFileTree(folder, new SimpleFileVisitor<>() {

			@Override
			public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
				Files.deleteIfExists(file);
				return FileVisitResult.CONTINUE;
			}

			@Override
			public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException ex) throws IOException {
				Files.deleteIfExists(directory);
				return FileVisitResult.CONTINUE;
			}

		});
	}

	/**
	 * Collects the sizes of files. A worker may write or rename them meanwhile.
	 */
	private static final class Sizes extends SimpleFileVisitor<Path> {

		private final Map<Path, Long> files;

		Sizes(Map<Path, Long> files) {
			this.files = files;
		}

		@Override
		public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
			this.files.put(file, attributes.size());
			return FileVisitResult.CONTINUE;
		}

		@Override
		public FileVisitResult visitFileFailed(Path file, IOException ex) {
			return FileVisitResult.CONTINUE;
		}

	}

}
