package dev.tomcorn.core.scoreboard;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Predicate;

import dev.tomcorn.core.foreign.CFunction;
import org.jspecify.annotations.Nullable;

/**
 * An anonymous file in memory with a sealed size. Access to a mapped page of a file that
 * was shortened ends the thread; no process can shorten this file. Processes that may
 * inspect this one open it through its descriptor.
 */
final class SealedMemory {

	private static final int MFD_CLOEXEC = 1;

	private static final int MFD_ALLOW_SEALING = 2;

	/**
	 * A flag since Linux 6.3. Systems that allow no code in such files require it.
	 */
	private static final int MFD_NOEXEC_SEAL = 8;

	private static final int F_ADD_SEALS = 1033;

	private static final int F_SEAL_SEAL = 1;

	private static final int F_SEAL_SHRINK = 2;

	private static final int F_SEAL_GROW = 4;

	private static final int PR_GET_DUMPABLE = 3;

	private SealedMemory() {
	}

	/**
	 * Create the file and keep it open for as long as this JVM lives.
	 * @param name the name of its descriptor
	 * @param size its size in bytes
	 * @return its path, or {@code null} if the system has no such files, or other
	 * processes cannot open it
	 */
	static @Nullable Path create(String name, int size) {
		return create(name, (path) -> fill(path, size));
	}

	/**
	 * Create the file like {@link #create}, but allocate no memory yet.
	 * @param name the name of its descriptor
	 * @param size its size in bytes
	 * @return its path, or {@code null}
	 */
	static @Nullable Path reserve(String name, long size) {
		return create(name, (path) -> reserve(path, size));
	}

	private static @Nullable Path create(String name, Predicate<Path> lengthen) {
		try {
			if (!isOpenToOthers()) {
				return null;
			}
			int fd = descriptor(name);
			Path path = (fd >= 0)
					? Path.of("/proc", Long.toString(ProcessHandle.current().pid()), "fd", Integer.toString(fd)) : null;
			if (path != null && lengthen.test(path) && seal(fd)) {
				return path;
			}
			if (fd >= 0) {
				close(fd);
			}
			return null;
		}
		catch (IOException | RuntimeException ex) {
			// The caller uses an ordinary file instead
			return null;
		}
	}

	/**
	 * Return whether other processes of this user may open the descriptors of this one.
	 * They may not if it has privileges that they lack.
	 */
	private static boolean isOpenToOthers() throws IOException {
		CFunction prctl = CFunction.find("prctl", int.class, int.class, long.class, long.class, long.class, long.class);
		if (prctl == null || prctl.call(PR_GET_DUMPABLE, 0, 0, 0, 0) != 1) {
			return false;
		}
		return Files.readAllLines(Path.of("/proc/self/status"))
			.stream()
			.noneMatch((line) -> line.matches("CapPrm:\\s*0*[1-9a-f][0-9a-f]*"))
				|| Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
	}

	private static int descriptor(String name) {
		CFunction create = CFunction.find("memfd_create", int.class, MemorySegment.class, int.class);
		if (create == null) {
			return -1;
		}
		int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
		try (Arena arena = Arena.ofConfined()) {
			long path = arena.allocateFrom(name).address();
			int fd = (int) create.call(path, flags | MFD_NOEXEC_SEAL);
			return (fd >= 0) ? fd : (int) create.call(path, flags);
		}
	}

	/**
	 * Allocate the memory now: a lack of memory is an error here, but a fault at a later
	 * access.
	 */
	private static boolean fill(Path path, int size) {
		try (FileChannel channel = openForOwner(path)) {
			fill(channel, 0, size);
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

	private static boolean reserve(Path path, long size) {
		try (FileChannel channel = openForOwner(path)) {
			reserve(channel, size);
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

	private static FileChannel openForOwner(Path path) throws IOException {
		Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
		return FileChannel.open(path, StandardOpenOption.WRITE);
	}

	/**
	 * Write all zeros: a single write may be incomplete.
	 */
	static void fill(FileChannel channel, long offset, int size) throws IOException {
		ByteBuffer zeros = ByteBuffer.allocate(size);
		while (zeros.hasRemaining()) {
			channel.write(zeros, offset + zeros.position());
		}
	}

	/**
	 * Extend a file sparsely.
	 */
	static void reserve(FileChannel channel, long size) throws IOException {
		channel.write(ByteBuffer.allocate(1), size - 1);
	}

	private static boolean seal(int fd) {
		CFunction fcntl = CFunction.find("fcntl", int.class, int.class, int.class, int.class);
		return fcntl != null && fcntl.call(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW) == 0;
	}

	private static void close(int fd) {
		CFunction close = CFunction.find("close", int.class, int.class);
		if (close != null) {
			close.call(fd);
		}
	}

}
