package dev.tomcorn.core.scoreboard;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

import org.jspecify.annotations.Nullable;

/**
 * Some bytes that one process replaces as a whole and others read: a number that is odd
 * while they change, their length, and the bytes. A writer that dies or freezes in
 * between leaves nothing to be read.
 */
final class VersionedBytes {

	/**
	 * What it takes beside the bytes themselves.
	 */
	static final long OVERHEAD = 8;

	private static final VarHandle INT_FIELD = ValueLayout.JAVA_INT.varHandle();

	private static final long VERSION = 0;

	private static final long LENGTH = 4;

	private static final int READ_ATTEMPTS = 1000;

	private final MemorySegment memory;

	private final int capacity;

	VersionedBytes(MemorySegment memory) {
		this.memory = memory;
		this.capacity = (int) (memory.byteSize() - OVERHEAD);
	}

	/**
	 * Replace the bytes. One thread at a time does.
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
	 * Return the bytes; none when there were none, or when they cannot be read.
	 */
	byte[] get() {
		Reading reading = read(null);
		return (reading != null) ? reading.bytes() : new byte[0];
	}

	/**
	 * Return the bytes, or {@code null} when they cannot be read: they are replaced just
	 * now by a writer that does not get on, or make no sense.
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
			Thread.onSpinWait();
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
