package dev.tomcorn.core.scoreboard;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

/**
 * The sockets on which a fleet listens, each with its queue: memory that every process
 * maps beside the scoreboard. Only the queues change.
 */
public final class ListenerTable {

	private static final long MAGIC = 0x546F6D636F724C01L;

	private static final long COUNT = 8;

	private static final long HEADER_SIZE = 64;

	private static final long ROW_SIZE = 1024;

	private static final long FOREIGN = 128;

	private static final long NAME_LENGTH = 132;

	private static final long KEY_LENGTH = 136;

	private static final long NAME = 192;

	private static final int MAX_NAME = 512;

	private static final long KEY = NAME + MAX_NAME;

	private static final int MAX_KEY = (int) (ROW_SIZE - KEY);

	/**
	 * Most sockets that a fleet has.
	 */
	public static final int MAX_LISTENERS = 64;

	private final List<Listener> listeners;

	/**
	 * Lets other processes open the file after its name was removed.
	 */
	private final @Nullable FileChannel keptOpen;

	private ListenerTable(MemorySegment memory, int count, @Nullable FileChannel keptOpen) {
		this.listeners = IntStream.range(0, count)
			.mapToObj((number) -> memory.asSlice(HEADER_SIZE + number * ROW_SIZE, ROW_SIZE))
			.map(ListenerTable::read)
			.toList();
		this.keptOpen = keptOpen;
	}

	/**
	 * A socket on which the fleet listens.
	 *
	 * @param name where it listens, in the form of {@code tomcorn.bind}
	 * @param foreign whether it belongs to another process, such as systemd
	 * @param fileKey tells the file of a Unix domain socket, or empty
	 * @param queue its queue in the kernel
	 */
	public record Listener(String name, boolean foreign, String fileKey, ListenerQueue queue) {

		/**
		 * Describe a socket without a queue.
		 * @param name where it listens
		 * @param foreign whether it belongs to another process
		 * @param fileKey tells the file of a Unix domain socket, or empty
		 */
		public Listener(String name, boolean foreign, String fileKey) {
			this(name, foreign, fileKey,
					new ListenerQueue(MemorySegment.ofArray(new long[(int) FOREIGN / Long.BYTES])));
		}

	}

	/**
	 * Create the table and map it for as long as this JVM lives. Only the owner may read
	 * it.
	 * @param file the file, which must not exist
	 * @param listeners the sockets, at most {@link #MAX_LISTENERS}
	 * @return the table
	 * @throws IOException if it cannot be created
	 */
	public static ListenerTable create(Path file, List<Listener> listeners) throws IOException {
		int size = (int) (HEADER_SIZE + listeners.size() * ROW_SIZE);
		Path sealed = SealedMemory.create(file.toAbsolutePath().toString(), size);
		FileChannel channel = (sealed != null)
				? FileChannel.open(sealed, StandardOpenOption.READ, StandardOpenOption.WRITE) : createFile(file, size);
		MemorySegment memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, size, Arena.global());
		for (int i = 0; i < listeners.size(); i++) {
			write(listeners.get(i), memory.asSlice(HEADER_SIZE + i * ROW_SIZE, ROW_SIZE));
		}
		memory.set(ValueLayout.JAVA_INT, COUNT, listeners.size());
		memory.set(ValueLayout.JAVA_LONG, 0, MAGIC);
		return new ListenerTable(memory, listeners.size(), channel);
	}

	private static FileChannel createFile(Path file, int size) throws IOException {
		var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
		FileChannel channel = FileChannel.open(file,
				Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE), ownerOnly);
		SealedMemory.fill(channel, 0, size);
		return channel;
	}

	/**
	 * Map the table of an arbiter for as long as this JVM lives.
	 * @param file the file
	 * @param arbiterPid process id of the arbiter
	 * @return the table
	 * @throws IOException if it cannot be read: an arbiter of another version may have
	 * none, or another format
	 */
	public static ListenerTable open(Path file, long arbiterPid) throws IOException {
		try (FileChannel channel = FileChannel.open(SharedFile.locate(file, arbiterPid), StandardOpenOption.READ,
				StandardOpenOption.WRITE)) {
			long size = channel.size();
			if (size < HEADER_SIZE) {
				throw new IOException(file + " is not a table of listeners");
			}
			MemorySegment memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, size, Arena.global());
			int count = memory.get(ValueLayout.JAVA_INT, COUNT);
			if (memory.get(ValueLayout.JAVA_LONG, 0) != MAGIC || count < 1 || count > MAX_LISTENERS
					|| size != HEADER_SIZE + count * ROW_SIZE) {
				throw new IOException(file + " is not a table of listeners of this version");
			}
			return new ListenerTable(memory, count, null);
		}
	}

	/**
	 * Return an empty table, for an arbiter of an older version, which has one socket,
	 * and for a solo application.
	 * @return a table without any socket
	 */
	public static ListenerTable none() {
		return new ListenerTable(MemorySegment.ofArray(new long[0]), 0, null);
	}

	private static void write(Listener listener, MemorySegment row) {
		byte[] name = bytes(listener.name(), MAX_NAME);
		byte[] key = bytes(listener.fileKey(), MAX_KEY);
		row.set(ValueLayout.JAVA_INT, FOREIGN, listener.foreign() ? 1 : 0);
		row.set(ValueLayout.JAVA_INT, NAME_LENGTH, name.length);
		row.set(ValueLayout.JAVA_INT, KEY_LENGTH, key.length);
		MemorySegment.copy(name, 0, row, ValueLayout.JAVA_BYTE, NAME, name.length);
		MemorySegment.copy(key, 0, row, ValueLayout.JAVA_BYTE, KEY, key.length);
	}

	private static byte[] bytes(String text, int most) {
		byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
		if (bytes.length > most) {
			throw new IllegalArgumentException(text + " is too long");
		}
		return bytes;
	}

	private static Listener read(MemorySegment row) {
		return new Listener(text(row, NAME, row.get(ValueLayout.JAVA_INT, NAME_LENGTH), MAX_NAME),
				row.get(ValueLayout.JAVA_INT, FOREIGN) != 0,
				text(row, KEY, row.get(ValueLayout.JAVA_INT, KEY_LENGTH), MAX_KEY),
				new ListenerQueue(row.asSlice(0, FOREIGN)));
	}

	private static String text(MemorySegment row, long offset, int length, int most) {
		byte[] bytes = new byte[Math.clamp(length, 0, most)];
		MemorySegment.copy(row, ValueLayout.JAVA_BYTE, offset, bytes, 0, bytes.length);
		return new String(bytes, StandardCharsets.UTF_8);
	}

	/**
	 * Return the sockets. The first one is descriptor 0 of every process.
	 * @return the sockets
	 */
	public List<Listener> listeners() {
		return this.listeners;
	}

}
