package dev.tomcorn.core.scoreboard;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

import org.jspecify.annotations.Nullable;

/**
 * Bytes that one process replaces as a whole and others read: a version that is odd
 * during a change, the length, and the bytes. After a writer dies or freezes in between,
 * they are unreadable.
 */
final class VersionedBytes {

	/**
	 * Size in addition to the bytes themselves.
	 */
	static final long OVERHEAD = 8;

	private static final VarHandle INT_FIELD = ValueLayout.JAVA_INT.varHandle();

	private static final long VERSION = 0;

	private static final long LENGTH = 4;

	private static final int READ_ATTEMPTS = 150;

	private final MemorySegment memory;

	private final int capacity;

	VersionedBytes(MemorySegment memory) {
		this.memory = memory;
		this.capacity = (int) (memory.byteSize() - OVERHEAD);
	}

	/**
	 * Replace the bytes. For one thread at a time.
	 * @throws IllegalArgumentException if they are too many
	 */
	void set(byte[] bytes) {
		if (bytes.length > this.capacity) {
			throw new IllegalArgumentException("%d bytes where %d fit".formatted(bytes.length, this.capacity));
		}
		int version = (int) INT_FIELD.getVolatile(this.memory, VERSION);
		INT_FIELD.setVolatile(this.memory, VERSION, version | 1);
		VarHandle.storeStoreFence();
		INT_FIELD.setVolatile(this.memory, LENGTH, bytes.length);
		MemorySegment.copy(bytes, 0, this.memory, ValueLayout.JAVA_BYTE, OVERHEAD, bytes.length);
		INT_FIELD.setVolatile(this.memory, VERSION, (version | 1) + 1);
	}

	/**
	 * Return the bytes; empty if there are none or they are unreadable.
	 */
	byte[] get() {
		Reading reading = read(null);
		return (reading != null) ? reading.bytes() : new byte[0];
	}

	/**
	 * Return the bytes, or {@code null} if they are unreadable: a writer hangs for some
	 * milliseconds in the middle of a change, or they are corrupt.
	 * @param before an earlier reading, which is returned if nothing has changed since
	 */
	@Nullable Reading read(@Nullable Reading before) {
		for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
			int version = (int) INT_FIELD.getVolatile(this.memory, VERSION);
			if (before != null && before.version() == version) {
				return before;
			}
			int length = (int) INT_FIELD.getVolatile(this.memory, LENGTH);
			if ((version & 1) == 0 && length >= 0 && length <= this.capacity) {
				byte[] bytes = this.memory.asSlice(OVERHEAD, length).toArray(ValueLayout.JAVA_BYTE);
				VarHandle.loadLoadFence();
				if ((int) INT_FIELD.getVolatile(this.memory, VERSION) == version) {
					return new Reading(version, bytes);
				}
			}
			WriterPause.after(attempt);
		}
		return null;
	}

	/**
	 * The bytes as they were at one moment.
	 *
	 * @param version changes with the bytes
	 * @param bytes the bytes, not to be changed
	 */
	record Reading(int version, byte[] bytes) {

	}

}
