package dev.tomcorn.core.scoreboard;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;

import org.jspecify.annotations.Nullable;

/**
 * Exclusive and shared locks of a fleet, on the bytes of a file that all its processes
 * open. The kernel releases a lock when its holder ends, however it ends. An arbiter that
 * replaces another uses the same file, so that both fleets share the locks.
 * <p>
 * A process must open the file once and keep it open: closing any channel of a file
 * releases every lock that the process has on it.
 */
public final class FleetLocks {

	/**
	 * How many processes with one index can have a name at the same time.
	 */
	public static final int NAMES = 8;

	private static final long LEADER = 0;

	private static final long FIRST_NAME = 1;

	/**
	 * First byte after all names.
	 */
	private static final long FIRST_SHARED = 1L << 40;

	private static final Duration INTERVAL = Duration.ofMillis(20);

	private final FileChannel channel;

	private final List<FileLock> names = new CopyOnWriteArrayList<>();

	private FleetLocks(FileChannel channel) {
		this.channel = channel;
	}

	/**
	 * Create the file, in the arbiter. Only the owner may open it.
	 * @param file the file, which must not exist
	 * @return the locks
	 * @throws IOException if the file cannot be created
	 */
	public static FleetLocks create(Path file) throws IOException {
		var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
		return new FleetLocks(FileChannel.open(file,
				Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE), ownerOnly));
	}

	/**
	 * Use the file of the arbiter that this one replaces.
	 * @param file another name for the file, which must not exist
	 * @param before the file in that arbiter's run directory
	 * @param arbiterPid process id of that arbiter
	 * @return the locks
	 * @throws IOException if that arbiter has no such file
	 */
	public static FleetLocks share(Path file, Path before, long arbiterPid) throws IOException {
		try {
			Files.createLink(file, before);
		}
		catch (IOException | UnsupportedOperationException ex) {
			// Removed, or on another disk: the workers open it through this process
		}
		return open(Files.exists(file) ? file : before, arbiterPid);
	}

	/**
	 * Open the file of an arbiter.
	 * @param file the file
	 * @param arbiterPid process id of the arbiter
	 * @return the locks
	 * @throws IOException if the file cannot be opened
	 */
	public static FleetLocks open(Path file, long arbiterPid) throws IOException {
		return new FleetLocks(FileChannel.open(SharedFile.locate(file, arbiterPid), StandardOpenOption.READ,
				StandardOpenOption.WRITE));
	}

	/**
	 * Take the lock of the fleet's leader if it is free. Does not wait.
	 * @return the lock, or {@code null} if another process has it
	 * @throws IOException if the system has no more locks
	 */
	public @Nullable FileLock tryLead() throws IOException {
		return tryLock(LEADER);
	}

	/**
	 * Take the first free name of an index and keep it for life.
	 * @param index a worker's index
	 * @param first where to begin
	 * @return its number, from 0; {@link #NAMES} if none is free
	 * @throws IOException if the system has no more locks
	 */
	public int claimName(int index, int first) throws IOException {
		for (int number = first; number < NAMES; number++) {
			FileLock lock = tryLock(name(index, number));
			if (lock != null) {
				this.names.add(lock);
				return number;
			}
		}
		return (first > 0) ? claimName(index, 0) : NAMES;
	}

	/**
	 * Return the first name of an index that no process has.
	 * @param index a worker's index
	 * @param promised whether a number is promised to a process that has not taken it yet
	 * @return its number, from 0; {@link #NAMES} if none is free
	 * @throws IOException if the system has no more locks
	 */
	public int freeName(int index, IntPredicate promised) throws IOException {
		for (int number = 0; number < NAMES; number++) {
			FileLock lock = promised.test(number) ? null : tryLock(name(index, number));
			if (lock != null) {
				lock.release();
				return number;
			}
		}
		return NAMES;
	}

	/**
	 * Take a shared lock on a resource. Does not wait.
	 * @param what the resource, in any words
	 * @return the lock, or {@code null} if a process has an exclusive one
	 * @throws IOException if the system has no more locks
	 */
	public @Nullable FileLock tryShare(String what) throws IOException {
		return tryLock(shared(what), true);
	}

	/**
	 * Take a shared lock on a resource. Waits while a process has an exclusive one.
	 * @param what the resource, in any words
	 * @param patience how long to wait
	 * @return the lock, or {@code null} if a process still has an exclusive one
	 * @throws IOException if the system has no more locks
	 */
	public @Nullable FileLock awaitShare(String what, Duration patience) throws IOException {
		long start = System.nanoTime();
		FileLock share = tryShare(what);
		while (share == null && System.nanoTime() - start < patience.toNanos()) {
			LockSupport.parkNanos(INTERVAL.toNanos());
			share = tryShare(what);
		}
		return share;
	}

	/**
	 * Take an exclusive lock on a resource. Does not wait.
	 * @param what the resource, in any words
	 * @return the lock, or {@code null} if a process has a lock on it
	 * @throws IOException if the system has no more locks
	 */
	public @Nullable FileLock tryAlone(String what) throws IOException {
		return tryLock(shared(what), false);
	}

	private static long shared(String what) {
		UUID hash = UUID.nameUUIDFromBytes(what.getBytes(StandardCharsets.UTF_8));
		return FIRST_SHARED + (hash.getMostSignificantBits() >>> 24);
	}

	private static long name(int index, int number) {
		return FIRST_NAME + (long) index * NAMES + number;
	}

	private @Nullable FileLock tryLock(long position) throws IOException {
		return tryLock(position, false);
	}

	private @Nullable FileLock tryLock(long position, boolean share) throws IOException {
		try {
			return this.channel.tryLock(position, 1, share);
		}
		catch (OverlappingFileLockException ex) {
			// This process holds the lock
			return null;
		}
	}

}
