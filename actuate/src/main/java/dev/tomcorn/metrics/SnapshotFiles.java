package dev.tomcorn.metrics;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots of a fleet's workers in its run directory, one file a worker, and the
 * base: the counts of ended workers by index. Every file is replaced as a whole, so that
 * readers never wait for writers.
 * <p>
 * The file of an ended worker is folded into the base: a base with its counts replaces
 * the old one, then the file is deleted. In between the worker counts only once, because
 * the base lists the ages that were folded into it. One process folds at a time. The
 * others do not wait for it, because it may be frozen. A reader that finds another base
 * after it has read the files starts again.
 *
 * @param <T> the snapshot
 */
final class SnapshotFiles<T> {

	private static final Log logger = LogFactory.getLog(SnapshotFiles.class);

	private static final int READ_ATTEMPTS = 50;

	/**
	 * A base of this size gets no new series.
	 */
	static final long MAX_BASE = 16 * 1024 * 1024;

	/**
	 * A base may take this fraction of the disk at most. There may be two bases and their
	 * drafts, and a container has 64 MB of shared memory by default.
	 */
	private static final int SHARE_OF_DISK = 16;

	/**
	 * A longer file is not Tomcorn's, and may not fit into the heap.
	 */
	private static final long MAX_FILE = 4 * MAX_BASE;

	private final Path directory;

	private final SnapshotFormat<T> format;

	private final long maxBase;

	/**
	 * File locks belong to processes: threads need a lock of their own.
	 */
	private final ReentrantLock folding = new ReentrantLock();

	/**
	 * Files that the log has already reported as unreadable.
	 */
	private final Set<Path> unreadable = ConcurrentHashMap.newKeySet();

	SnapshotFiles(Path directory, SnapshotFormat<T> format) {
		this(directory, format, maxBase(directory));
	}

	SnapshotFiles(Path directory, SnapshotFormat<T> format, long maxBase) {
		this.directory = directory;
		this.format = format;
		this.maxBase = maxBase;
	}

	private static long maxBase(Path directory) {
		try {
			long space = Files.getFileStore(directory).getTotalSpace();
			return (space > 0) ? Math.min(MAX_BASE, space / SHARE_OF_DISK) : MAX_BASE;
		}
		catch (IOException ex) {
			return MAX_BASE;
		}
	}

	/**
	 * A worker's snapshot.
	 */
	record Stored<T>(int index, long age, T snapshot) {

	}

	/**
	 * The contents of all files.
	 *
	 * @param workers the workers whose snapshot is not in the base
	 * @param retained counts of the workers in the base, by index
	 */
	record Contents<T>(List<Stored<T>> workers, Map<Integer, T> retained) {

	}

	/**
	 * @param version different for each base
	 * @param folded ages whose counts are in the base, though their files may still exist
	 */
	private record Base<T>(long version, Set<Long> folded, Map<Integer, T> retained) {

	}

	/**
	 * Replace a worker's snapshot. The caller writes the snapshots of one worker in
	 * order.
	 */
	void write(Stored<T> stored) throws IOException {
		replace(fileOf(stored.age()), (output) -> {
			output.writeInt(stored.index());
			this.format.write(stored.snapshot(), output);
		});
	}

	/**
	 * Read everything, each worker counted once.
	 * @param written the snapshot that the caller has just written, which is not read
	 * again; {@code null} if there is none
	 */
	Contents<T> read(@Nullable Stored<T> written) throws IOException {
		for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
			Base<T> base = readBase();
			List<Stored<T>> workers = new ArrayList<>();
			for (long age : ages()) {
				Stored<T> stored = base.folded().contains(age) ? null
						: (written != null && written.age() == age) ? written : read(age);
				if (stored != null) {
					workers.add(stored);
				}
			}
			if (readVersion() == base.version()) {
				return new Contents<>(workers, base.retained());
			}
		}
		throw new IOException("The base changes faster than it can be read");
	}

	/**
	 * Fold the files of ended workers into the base, unless another process or thread is
	 * doing so.
	 * @param living returns the ages of the workers that have not ended; called after the
	 * files were listed, because a worker has its slot before it has a file
	 */
	void fold(Supplier<Set<Long>> living) throws IOException {
		if (gone(living).isEmpty() || !this.folding.tryLock()) {
			return;
		}
		// Closing any channel of the file releases the lock: open no other one
		try (FileChannel channel = FileChannel.open(this.directory.resolve(this.format.name() + ".lock"),
				StandardOpenOption.CREATE, StandardOpenOption.WRITE); FileLock lock = channel.tryLock()) {
			if (lock != null) {
				Set<Long> gone = gone(living);
				if (!gone.isEmpty()) {
					fold(gone);
				}
			}
		}
		catch (OverlappingFileLockException ex) {
			// Another application in this process is folding
		}
		finally {
			this.folding.unlock();
		}
	}

	private Set<Long> gone(Supplier<Set<Long>> living) throws IOException {
		Set<Long> gone = new HashSet<>(ages());
		gone.removeAll(living.get());
		return gone;
	}

	private void fold(Set<Long> gone) throws IOException {
		Base<T> base = readBase();
		boolean grow = size(baseFile()) < this.maxBase;
		Map<Integer, T> retained = new HashMap<>(base.retained());
		Set<Long> fresh = new HashSet<>();
		for (long age : gone) {
			Stored<T> stored = base.folded().contains(age) ? null : read(age);
			if (stored == null) {
				// Already in the base, or unreadable
				delete(age);
				continue;
			}
			T counted = this.format.cumulative(stored.snapshot());
			retained.merge(stored.index(), counted, (total, more) -> this.format.add(total, more, grow));
			fresh.add(age);
		}
		if (!fresh.isEmpty()) {
			replace(new Base<>(base.version() + 1, fresh, retained));
			for (long age : fresh) {
				delete(age);
			}
		}
	}

	void replace(long version, Set<Long> folded, Map<Integer, T> retained) throws IOException {
		replace(new Base<>(version, folded, retained));
	}

	private void replace(Base<T> base) throws IOException {
		replace(baseFile(), (output) -> {
			output.writeLong(base.version());
			output.writeInt(base.folded().size());
			for (long age : base.folded()) {
				output.writeLong(age);
			}
			output.writeInt(base.retained().size());
			for (Map.Entry<Integer, T> entry : base.retained().entrySet()) {
				output.writeInt(entry.getKey());
				this.format.write(entry.getValue(), output);
			}
		});
	}

	private long readVersion() throws IOException {
		try (DataInputStream input = new DataInputStream(Files.newInputStream(baseFile()))) {
			return input.readLong();
		}
		catch (NoSuchFileException | EOFException ex) {
			return 0;
		}
	}

	/**
	 * Return the base. An invalid one counts as empty, and is replaced when the next
	 * worker has ended. Otherwise no worker could read or fold anything any more.
	 */
	private Base<T> readBase() throws IOException {
		try {
			DataInputStream input = open(baseFile());
			long version = input.readLong();
			Set<Long> folded = new HashSet<>();
			for (int left = input.readInt(); left > 0; left--) {
				folded.add(input.readLong());
			}
			Map<Integer, T> retained = new HashMap<>();
			for (int left = input.readInt(); left > 0; left--) {
				retained.put(input.readInt(), this.format.read(input));
			}
			return new Base<>(version, folded, retained);
		}
		catch (NoSuchFileException ex) {
			return new Base<>(0, Set.of(), Map.of());
		}
		catch (IOException | RuntimeException ex) {
			tellUnreadable(baseFile(), "The counts of ended workers", ex);
			return new Base<>(readVersion(), Set.of(), Map.of());
		}
	}

	/**
	 * Return a worker's snapshot, or {@code null} if it was folded meanwhile or is
	 * invalid.
	 */
	private @Nullable Stored<T> read(long age) {
		try {
			DataInputStream input = open(fileOf(age));
			return new Stored<>(input.readInt(), age, this.format.read(input));
		}
		catch (NoSuchFileException ex) {
			return null;
		}
		catch (IOException | RuntimeException ex) {
			tellUnreadable(fileOf(age), "The snapshot of the worker with age " + age, ex);
			return null;
		}
	}

	private static DataInputStream open(Path file) throws IOException {
		long size = Files.size(file);
		if (size > MAX_FILE) {
			throw new IOException("%s has %d bytes".formatted(file, size));
		}
		return new DataInputStream(new ByteArrayInputStream(Files.readAllBytes(file)));
	}

	private void tellUnreadable(Path file, String what, Exception ex) {
		if (this.unreadable.add(file)) {
			logger.warn(what + " cannot be read", ex);
		}
	}

	private interface Content {

		void writeTo(DataOutputStream output) throws IOException;

	}

	private void replace(Path file, Content content) throws IOException {
		Path draft = file.resolveSibling(file.getFileName() + ".new");
		try (DataOutputStream output = new DataOutputStream(
				new BufferedOutputStream(Files.newOutputStream(draft), 64 * 1024))) {
			content.writeTo(output);
		}
		catch (IOException | RuntimeException ex) {
			deleteIfPossible(draft);
			throw ex;
		}
		Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
	}

	/**
	 * Delete an unfinished file, whose space a full disk needs.
	 */
	private static void deleteIfPossible(Path file) {
		try {
			Files.deleteIfExists(file);
		}
		catch (IOException ex) {
			// The next attempt replaces it
		}
	}

	private void delete(long age) throws IOException {
		this.unreadable.remove(fileOf(age));
		Files.deleteIfExists(fileOf(age));
		// The worker may have died while it wrote
		Files.deleteIfExists(fileOf(age).resolveSibling(fileOf(age).getFileName() + ".new"));
	}

	/**
	 * Return the ages of all workers that have left a file, even an unfinished one.
	 */
	private Set<Long> ages() throws IOException {
		Set<Long> ages = new HashSet<>();
		String prefix = this.format.name() + "-";
		try (DirectoryStream<Path> files = Files.newDirectoryStream(this.directory, prefix + "*")) {
			for (Path file : files) {
				String age = file.getFileName().toString().substring(prefix.length()).replace(".new", "");
				if (age.matches("\\d{1,18}")) {
					ages.add(Long.parseLong(age));
				}
			}
		}
		catch (DirectoryIteratorException ex) {
			throw ex.getCause();
		}
		return ages;
	}

	private Path fileOf(long age) {
		return this.directory.resolve(this.format.name() + "-" + age);
	}

	private Path baseFile() {
		return this.directory.resolve(this.format.name() + ".base");
	}

	private static long size(Path file) throws IOException {
		return Files.exists(file) ? Files.size(file) : 0;
	}

}
