package dev.tomcorn.metrics;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/**
 * The counts of a worker are read once while its file is merged into the base, and while
 * its successor writes.
 */
@JCStressTest
@Outcome(id = { "5, 12", "12, 12" }, expect = Expect.ACCEPTABLE, desc = "once")
@Outcome(expect = Expect.FORBIDDEN, desc = "twice, or not at all")
@State
public class SnapshotFilesStress {

	private static final Path SHARED_MEMORY = Path.of("/dev/shm");

	/**
	 * Locks of this JVM, for as long as it lives.
	 */
	private static final Path PARENT = directory();

	private static final AtomicLong NUMBERS = new AtomicLong();

	private final Path directory = PARENT.resolve(Long.toString(NUMBERS.incrementAndGet()));

	private final SnapshotFiles<Long> files = new SnapshotFiles<>(this.directory, new Numbers(),
			SnapshotFiles.MAX_BASE);

	public SnapshotFilesStress() {
		io(() -> {
			Files.createDirectory(this.directory);
			this.files.write(new SnapshotFiles.Stored<>(0, 1, 5L));
			return null;
		});
	}

	private static Path directory() {
		return io(() -> {
			Path directory = Files.isDirectory(SHARED_MEMORY) ? Files.createTempDirectory(SHARED_MEMORY, "jcstress")
					: Files.createTempDirectory("jcstress");
			Runtime.getRuntime().addShutdownHook(new Thread(() -> io(() -> {
				delete(directory);
				return null;
			})));
			return directory;
		});
	}

	private static void delete(Path file) throws IOException {
		if (Files.isDirectory(file)) {
			try (DirectoryStream<Path> inside = Files.newDirectoryStream(file)) {
				for (Path child : inside) {
					delete(child);
				}
			}
		}
		Files.delete(file);
	}

	/**
	 * An actor may not throw checked exceptions.
	 */
	private static <T> T io(Callable<T> action) {
		try {
			return action.call();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Actor
	public void fold() {
		io(() -> {
			this.files.fold(() -> Set.of(2L));
			this.files.write(new SnapshotFiles.Stored<>(0, 2, 7L));
			return null;
		});
	}

	@Actor
	public void read(JJ_Result result) {
		result.r1 = total();
	}

	@Arbiter
	public void end(JJ_Result result) {
		result.r2 = total();
		io(() -> {
			delete(this.directory);
			return null;
		});
	}

	private long total() {
		SnapshotFiles.Contents<Long> contents = io(() -> this.files.read(null));
		return contents.workers().stream().mapToLong(SnapshotFiles.Stored::snapshot).sum()
				+ contents.retained().values().stream().mapToLong(Long::longValue).sum();
	}

	private static final class Numbers implements SnapshotFormat<Long> {

		@Override
		public String name() {
			return "numbers";
		}

		@Override
		public void write(Long snapshot, DataOutput output) throws IOException {
			output.writeLong(snapshot);
		}

		@Override
		public Long read(DataInput input) throws IOException {
			return input.readLong();
		}

		@Override
		public Long cumulative(Long snapshot) {
			return snapshot;
		}

		@Override
		public Long add(Long total, Long more, boolean grow) {
			return total + more;
		}

		@Override
		public Long keep(Long before, Long now) {
			return before + now;
		}

	}

}
