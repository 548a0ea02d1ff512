package dev.tomcorn.core.scoreboard;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * The records of a fleet's workers, one for each slot of the scoreboard. Every process
 * maps this memory separately, because scoreboards of all versions have the same size.
 * Only records of slots that were ever used take up memory.
 */
public final class WorkerRecords {

	private static final long MAGIC = 0x546F6D636F725201L;

	private static final long HEADER_SIZE = 4096;

	private static final int MAX_SLOTS = 4096;

	private final MemorySegment memory;

	private final int slots;

	/**
	 * Allocates the memory of a record before it is used, so that a lack of memory is an
	 * error and not a fault at a later access. Also lets other processes open the file.
	 */
	private final @Nullable FileChannel channel;

	private WorkerRecords(MemorySegment memory, int slots, @Nullable FileChannel channel) {
		this.memory = memory;
		this.slots = slots;
		this.channel = channel;
	}

	private static long size(int slots) {
		return HEADER_SIZE + slots * WorkerRecord.SIZE;
	}

	/**
	 * Create the records and map them for as long as this JVM lives. They are in sealed
	 * memory that no process can shorten, or in the file if the system has no such
	 * memory. Only the owner may read it.
	 * @param file the file, which must not exist
	 * @param slots number of slots
	 * @return the records
	 * @throws IOException if they cannot be created
	 */
	public static WorkerRecords create(Path file, int slots) throws IOException {
		Path sealed = SealedMemory.reserve(file.toAbsolutePath().toString(), size(slots));
		return (sealed != null)
				? created(FileChannel.open(sealed, StandardOpenOption.READ, StandardOpenOption.WRITE), slots)
				: createFile(file, slots);
	}

	/**
	 * Create the records in an ordinary file.
	 */
	static WorkerRecords createFile(Path file, int slots) throws IOException {
		var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
		FileChannel channel = FileChannel.open(file,
				Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE), ownerOnly);
		SealedMemory.reserve(channel, size(slots));
		return created(channel, slots);
	}

	private static WorkerRecords created(FileChannel channel, int slots) throws IOException {
		SealedMemory.fill(channel, 0, (int) HEADER_SIZE);
		MemorySegment memory = map(channel, size(slots));
		memory.set(ValueLayout.JAVA_INT, Long.BYTES, slots);
		memory.set(ValueLayout.JAVA_LONG, 0, MAGIC);
		return new WorkerRecords(memory, slots, channel);
	}

	private static MemorySegment map(FileChannel channel, long size) throws IOException {
		return channel.map(FileChannel.MapMode.READ_WRITE, 0, size, Arena.global());
	}

	/**
	 * Return empty records.
	 * @return records without any slot
	 */
	public static WorkerRecords none() {
		return new WorkerRecords(MemorySegment.ofArray(new long[0]), 0, null);
	}

	/**
	 * Map the records of an arbiter for as long as this JVM lives.
	 * @param file the file
	 * @param arbiterPid process id of the arbiter
	 * @return the records
	 * @throws IOException if they cannot be read: an arbiter of another version may have
	 * none, or another format
	 */
	public static WorkerRecords open(Path file, long arbiterPid) throws IOException {
		try (FileChannel channel = FileChannel.open(SharedFile.locate(file, arbiterPid), StandardOpenOption.READ,
				StandardOpenOption.WRITE)) {
			ByteBuffer header = ByteBuffer.allocate(Long.BYTES + Integer.BYTES).order(ByteOrder.nativeOrder());
			channel.read(header, 0);
			header.flip();
			long magic = (header.remaining() == header.capacity()) ? header.getLong() : 0;
			int slots = (magic == MAGIC) ? header.getInt() : 0;
			if (slots < 1 || slots > MAX_SLOTS || channel.size() != size(slots)) {
				throw new IOException(file + " has no records of this version");
			}
			return new WorkerRecords(map(channel, size(slots)), slots, null);
		}
	}

	/**
	 * Claim a record for a worker that is about to be spawned. Only for the arbiter.
	 * @param slot number of its slot
	 * @param age its age
	 * @throws IOException if there is no memory for it; the worker runs without one
	 */
	public void claim(int slot, long age) throws IOException {
		if (slot >= this.slots) {
			throw new IOException("There are no records");
		}
		if (this.channel != null) {
			SealedMemory.fill(this.channel, offset(slot), (int) WorkerRecord.SIZE);
		}
		at(slot).claim(age);
	}

	/**
	 * Return the record of a worker.
	 * @param slot number of its slot
	 * @param age its age
	 * @return the record, or {@code null} if it has none
	 */
	public @Nullable WorkerRecord of(int slot, long age) {
		if (slot < 0 || slot >= this.slots) {
			return null;
		}
		WorkerRecord record = at(slot);
		return record.isOf(age) ? record : null;
	}

	private WorkerRecord at(int slot) {
		return new WorkerRecord(this.memory.asSlice(offset(slot), WorkerRecord.SIZE));
	}

	private static long offset(int slot) {
		return HEADER_SIZE + slot * WorkerRecord.SIZE;
	}

}
