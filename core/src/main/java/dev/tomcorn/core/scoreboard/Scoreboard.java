package dev.tomcorn.core.scoreboard;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

/**
 * The fleet's table: memory that every process maps, with a header the arbiter writes and
 * one slot for each worker. Each field is read and written atomically.
 */
public final class Scoreboard {

	static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

	static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

	private static final VarHandle INT_FIELD = INT.varHandle();

	private static final VarHandle LONG_FIELD = LONG.varHandle();

	private static final long MAGIC = 0x546F6D636F726E03L;

	private static final long MAGIC_OFFSET = 0;

	private static final long ARBITER_PID = 8;

	private static final long STARTED_AT = 16;

	private static final long SLOTS = 24;

	private static final long USED_SLOTS = 28;

	private static final long GENERATION = 32;

	private static final long TARGET_WORKERS = 36;

	private static final long STANDBY = 40;

	private static final long ARBITER_HEARTBEAT = 48;

	/**
	 * Size of the fleet's identity at the end of the notice; 0 with an arbiter of an
	 * older version.
	 */
	private static final long IDENTITY = 56;

	/**
	 * Not 0 if the arbiter accepts facts from workers.
	 */
	private static final long TAKES_FACTS = 60;

	private static final long TOKEN = 64;

	private static final long SECRET = 80;

	/**
	 * Length of the fleet's secret, in bytes.
	 */
	public static final int SECRET_SIZE = 32;

	private static final long QUEUE = 128;

	private static final long TOTALS = 256;

	private static final long HEADER_SIZE = 384;

	/**
	 * Follows the slots and includes the identity, so that scoreboards of all versions
	 * have the same size.
	 */
	static final long NOTICE_SIZE = 192 * 1024;

	private static final long IDENTITY_SIZE = 16 * 1024;

	/**
	 * Longest notice, in bytes.
	 */
	public static final int MAX_NOTICE = (int) (NOTICE_SIZE - IDENTITY_SIZE - VersionedBytes.OVERHEAD);

	/**
	 * Longest identity, in bytes.
	 */
	public static final int MAX_IDENTITY = (int) (IDENTITY_SIZE - VersionedBytes.OVERHEAD);

	/**
	 * More than any arbiter has: a file with more is not a scoreboard.
	 */
	private static final int MAX_SLOTS = 4096;

	private static final byte[] NO_NOTICE = new byte[0];

	/**
	 * Time without a tick after which the arbiter counts as silent. It ticks five times a
	 * second. This is longer than {@link WorkerSlot#SILENCE}, since no other process
	 * takes the arbiter's place, and it may be late on a busy machine.
	 */
	public static final Duration ARBITER_SILENCE = Duration.ofSeconds(5);

	private final MemorySegment header;

	private final List<WorkerSlot> slots;

	private final VersionedBytes notice;

	private final @Nullable VersionedBytes identity;

	private volatile VersionedBytes.@Nullable Reading lastNotice;

	private final ListenerQueue listenerQueue;

	private final EndedWorkers endedWorkers;

	/**
	 * Path by which other processes open the arbiter's memory.
	 */
	private @Nullable Path sealed;

	/**
	 * Lets other processes open the file after its name was removed.
	 */
	private @Nullable FileChannel keptOpen;

	private Scoreboard(MemorySegment memory, int slots, boolean solo) {
		this.header = memory.asSlice(0, HEADER_SIZE);
		this.slots = IntStream.range(0, slots)
			.mapToObj((number) -> new WorkerSlot(number,
					memory.asSlice(HEADER_SIZE + number * WorkerSlot.SIZE, WorkerSlot.SIZE), solo))
			.toList();
		MemorySegment room = memory.asSlice(HEADER_SIZE + slots * WorkerSlot.SIZE, NOTICE_SIZE);
		boolean identified = memory.get(INT, IDENTITY) == IDENTITY_SIZE;
		this.notice = new VersionedBytes(identified ? room.asSlice(0, NOTICE_SIZE - IDENTITY_SIZE) : room);
		this.identity = identified ? new VersionedBytes(room.asSlice(NOTICE_SIZE - IDENTITY_SIZE)) : null;
		this.listenerQueue = new ListenerQueue(memory.asSlice(QUEUE, TOTALS - QUEUE));
		this.endedWorkers = new EndedWorkers(memory.asSlice(TOTALS, HEADER_SIZE - TOTALS));
	}

	private static long size(int slots) {
		return HEADER_SIZE + slots * WorkerSlot.SIZE + NOTICE_SIZE;
	}

	/**
	 * Create the table and map it for as long as this JVM lives. It is in sealed memory
	 * that no process can shorten, and the file is a link to it. Without such memory in
	 * the system, it is the file itself. Only the owner may read it.
	 * @param file the file, which must not exist
	 * @param slots number of slots
	 * @param arbiterPid process id of the arbiter
	 * @return the scoreboard
	 * @throws IOException if the file cannot be created
	 */
	public static Scoreboard create(Path file, int slots, long arbiterPid) throws IOException {
		Path memory = SealedMemory.create(file.toAbsolutePath().toString(), (int) size(slots));
		if (memory == null) {
			return createFile(file, slots, arbiterPid);
		}
		Files.createSymbolicLink(file, memory);
		try (FileChannel channel = FileChannel.open(memory, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
			Scoreboard scoreboard = ofArbiter(map(channel, size(slots)), slots, arbiterPid);
			scoreboard.sealed = memory;
			return scoreboard;
		}
	}

	/**
	 * Create the table in an ordinary file, which its owner can shorten.
	 */
	static Scoreboard createFile(Path file, int slots, long arbiterPid) throws IOException {
		var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
		FileChannel channel = FileChannel.open(file,
				Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE), ownerOnly);
		try {
			// A full disk is an error here, not a fault at a later access
			SealedMemory.fill(channel, 0, (int) size(slots));
			Scoreboard scoreboard = ofArbiter(map(channel, size(slots)), slots, arbiterPid);
			scoreboard.keptOpen = channel;
			return scoreboard;
		}
		catch (IOException ex) {
			channel.close();
			throw ex;
		}
	}

	private static MemorySegment map(FileChannel channel, long size) throws IOException {
		return channel.map(FileChannel.MapMode.READ_WRITE, 0, size, Arena.global());
	}

	/**
	 * Restore the file of the scoreboard after it was removed. If the scoreboard is the
	 * file itself, other processes open it through the arbiter.
	 * @param file the file
	 * @throws IOException if it cannot be created
	 */
	public void restore(Path file) throws IOException {
		Path memory = this.sealed;
		if (memory != null && !Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
			Files.createSymbolicLink(file, memory);
		}
	}

	/**
	 * Map the scoreboard of an arbiter for as long as this JVM lives. If its file was
	 * removed, for example by a cleaner of temporary files, it is opened through the
	 * arbiter.
	 * @param file the file
	 * @param arbiterPid process id of the arbiter
	 * @return the scoreboard
	 * @throws IOException if it cannot be read or is not a scoreboard of this version
	 */
	public static Scoreboard open(Path file, long arbiterPid) throws IOException {
		return map(file, SharedFile.locate(file, arbiterPid));
	}

	/**
	 * Map the scoreboard of an arbiter for as long as this JVM lives.
	 * @param file the file
	 * @return the scoreboard
	 * @throws IOException if it cannot be read or is not a scoreboard of this version
	 */
	public static Scoreboard open(Path file) throws IOException {
		return map(file, SharedFile.locate(file));
	}

	private static Scoreboard map(Path file, Path located) throws IOException {
		try (FileChannel channel = FileChannel.open(located, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
			long length = channel.size();
			if (length < HEADER_SIZE) {
				throw new IOException(file + " is not a scoreboard: it has " + length + " bytes");
			}
			MemorySegment memory = map(channel, length);
			int slots = memory.get(INT, SLOTS);
			if (memory.get(LONG, MAGIC_OFFSET) != MAGIC || slots < 1 || slots > MAX_SLOTS || size(slots) != length) {
				throw new IOException(file + " is not a scoreboard of this version");
			}
			return new Scoreboard(memory, slots, false);
		}
	}

	/**
	 * Create a scoreboard with a single slot that only this JVM sees: an application that
	 * runs solo.
	 * @return the scoreboard
	 */
	public static Scoreboard solo() {
		Scoreboard scoreboard = initialize(MemorySegment.ofArray(new long[(int) size(1) / Long.BYTES]), 1, 0, true);
		scoreboard.publish(1, 1, 0);
		return scoreboard;
	}

	private static Scoreboard ofArbiter(MemorySegment memory, int slots, long arbiterPid) {
		Scoreboard scoreboard = initialize(memory, slots, arbiterPid, false);
		scoreboard.arbiterBeat();
		return scoreboard;
	}

	private static Scoreboard initialize(MemorySegment memory, int slots, long arbiterPid, boolean solo) {
		memory.set(INT, SLOTS, slots);
		memory.set(LONG, ARBITER_PID, arbiterPid);
		memory.set(LONG, STARTED_AT, System.currentTimeMillis());
		memory.set(INT, IDENTITY, (int) IDENTITY_SIZE);
		LONG_FIELD.setVolatile(memory, MAGIC_OFFSET, MAGIC);
		return new Scoreboard(memory, slots, solo);
	}

	/**
	 * Claim a slot for a worker that is about to be spawned.
	 * @param slot number of the slot
	 * @param index the worker's place in the fleet
	 * @param age the worker's age
	 * @param generation the worker's generation
	 * @return the slot
	 */
	public WorkerSlot claim(int slot, int index, long age, int generation) {
		WorkerSlot claimed = this.slots.get(slot);
		claimed.claim(index, age, generation);
		if (slot >= usedSlots()) {
			INT_FIELD.setVolatile(this.header, USED_SLOTS, slot + 1);
		}
		return claimed;
	}

	/**
	 * Publish the target number of workers.
	 * @param generation the current generation
	 * @param targetWorkers number of serving workers
	 * @param standby number of standbys
	 */
	public void publish(int generation, int targetWorkers, int standby) {
		INT_FIELD.setVolatile(this.header, GENERATION, generation);
		INT_FIELD.setVolatile(this.header, TARGET_WORKERS, targetWorkers);
		INT_FIELD.setVolatile(this.header, STANDBY, standby);
	}

	/**
	 * Replace the notice that all processes read. Only for the arbiter.
	 * @param bytes the notice, at most {@link #MAX_NOTICE} long
	 * @throws IllegalArgumentException if it is longer
	 */
	public void post(byte[] bytes) {
		this.notice.set(bytes);
	}

	/**
	 * Return the last notice that could be read: counters must not fall to zero while the
	 * arbiter is frozen in the middle of writing one.
	 * @return the notice, which callers must not change, as it is the same array until
	 * another is posted; empty when there was none
	 */
	public byte[] notice() {
		VersionedBytes.Reading before = this.lastNotice;
		VersionedBytes.Reading now = this.notice.read(before);
		if (now != null) {
			this.lastNotice = now;
			return now.bytes();
		}
		return (before != null) ? before.bytes() : NO_NOTICE;
	}

	/**
	 * Publish the identity of the fleet. Only for the arbiter.
	 * @param bytes the identity, at most {@link #MAX_IDENTITY} long
	 * @throws IllegalArgumentException if it is longer
	 */
	public void identify(byte[] bytes) {
		if (this.identity != null) {
			this.identity.set(bytes);
		}
	}

	/**
	 * Return the identity of the fleet.
	 * @return the identity; empty with an arbiter of an older version
	 */
	public byte[] identity() {
		return (this.identity != null) ? this.identity.get() : new byte[0];
	}

	/**
	 * Announce that the arbiter accepts facts from workers. Only for the arbiter, before
	 * it spawns a worker. An older arbiter would reject such messages.
	 */
	public void takeFacts() {
		INT_FIELD.setVolatile(this.header, TAKES_FACTS, 1);
	}

	/**
	 * Return whether the arbiter accepts facts from workers.
	 * @return whether it does
	 */
	public boolean takesFacts() {
		return (int) INT_FIELD.getVolatile(this.header, TAKES_FACTS) != 0;
	}

	/**
	 * Set the token for the control socket. Only for the arbiter, before it spawns a
	 * worker. Only users who may enter the run directory can read it.
	 * @param token the token
	 */
	public void setToken(UUID token) {
		LONG_FIELD.setVolatile(this.header, TOKEN, token.getMostSignificantBits());
		LONG_FIELD.setVolatile(this.header, TOKEN + Long.BYTES, token.getLeastSignificantBits());
	}

	/**
	 * Set the secret that the workers of the fleet share. Only for the arbiter, before it
	 * spawns a worker. It reveals nothing about the token.
	 * @param secret the secret, {@link #SECRET_SIZE} bytes
	 */
	public void setSecret(byte[] secret) {
		for (int number = 0; number < SECRET_SIZE; number++) {
			this.header.set(ValueLayout.JAVA_BYTE, SECRET + number, secret[number]);
		}
	}

	/**
	 * Return the secret that the workers of the fleet share.
	 * @return the secret; all zeros with an arbiter of an older version
	 */
	public byte[] secret() {
		return this.header.asSlice(SECRET, SECRET_SIZE).toArray(ValueLayout.JAVA_BYTE);
	}

	/**
	 * Return the token for the control socket.
	 * @return the token; empty with an arbiter of an older version, which passes it on in
	 * another way
	 */
	public String token() {
		long most = (long) LONG_FIELD.getVolatile(this.header, TOKEN);
		long least = (long) LONG_FIELD.getVolatile(this.header, TOKEN + Long.BYTES);
		return (most != 0 || least != 0) ? new UUID(most, least).toString() : "";
	}

	/**
	 * Return a slot.
	 * @param number its number
	 * @return the slot
	 */
	public WorkerSlot slot(int number) {
		return this.slots.get(number);
	}

	/**
	 * Return the slots that have ever been used, vacant ones included.
	 * @return the slots
	 */
	public List<WorkerSlot> slots() {
		return this.slots.subList(0, Math.clamp(usedSlots(), 0, this.slots.size()));
	}

	/**
	 * Return the slots of workers that have not ended, as they are shown.
	 * @return the slots by index and age
	 */
	public List<WorkerSlot> workers() {
		return slots().stream()
			.filter((slot) -> slot.state() != WorkerState.VACANT)
			.sorted(Comparator.comparingInt(WorkerSlot::index).thenComparingLong(WorkerSlot::age))
			.toList();
	}

	/**
	 * Return whether a worker is the only one of its fleet, booting and draining ones
	 * included.
	 * @param slot the worker's row
	 * @return whether every other row is vacant
	 */
	public boolean isOnly(WorkerSlot slot) {
		return slots().stream()
			.noneMatch((other) -> other.number() != slot.number() && other.state() != WorkerState.VACANT);
	}

	private int usedSlots() {
		return (int) INT_FIELD.getVolatile(this.header, USED_SLOTS);
	}

	/**
	 * Return the arbiter's process id.
	 * @return the process id, 0 when there is no arbiter
	 */
	public long arbiterPid() {
		return (long) LONG_FIELD.getVolatile(this.header, ARBITER_PID);
	}

	/**
	 * Record a heartbeat of the arbiter, which calls this at every tick.
	 */
	public void arbiterBeat() {
		LONG_FIELD.setVolatile(this.header, ARBITER_HEARTBEAT, System.nanoTime());
	}

	/**
	 * Return whether the arbiter is silent: it is frozen or gone.
	 * @return whether its last tick is longer ago than {@link #ARBITER_SILENCE}; never
	 * without an arbiter, or with one of a version without heartbeats
	 */
	public boolean isArbiterSilent() {
		long beat = (long) LONG_FIELD.getVolatile(this.header, ARBITER_HEARTBEAT);
		return beat != 0 && System.nanoTime() - beat > ARBITER_SILENCE.toNanos();
	}

	/**
	 * Return the time since the arbiter's last heartbeat.
	 * @return the time, zero without an arbiter that has one
	 */
	public Duration arbiterSilence() {
		long beat = (long) LONG_FIELD.getVolatile(this.header, ARBITER_HEARTBEAT);
		return (beat != 0) ? Duration.ofNanos(Math.max(0, System.nanoTime() - beat)) : Duration.ZERO;
	}

	/**
	 * Return when the arbiter started.
	 * @return the time
	 */
	public Instant startedAt() {
		return Instant.ofEpochMilli((long) LONG_FIELD.getVolatile(this.header, STARTED_AT));
	}

	/**
	 * Return the current generation.
	 * @return the generation, from 1
	 */
	public int generation() {
		return (int) INT_FIELD.getVolatile(this.header, GENERATION);
	}

	/**
	 * Return the target number of workers.
	 * @return the number of workers
	 */
	public int targetWorkers() {
		return (int) INT_FIELD.getVolatile(this.header, TARGET_WORKERS);
	}

	/**
	 * Return the target number of standbys.
	 * @return the number of workers
	 */
	public int standby() {
		return (int) INT_FIELD.getVolatile(this.header, STANDBY);
	}

	/**
	 * Return the queue of the shared listening socket.
	 * @return the queue
	 */
	public ListenerQueue listenerQueue() {
		return this.listenerQueue;
	}

	/**
	 * Release the slot of a worker that has ended and add its counts to those of the
	 * fleet.
	 * @param slot the slot
	 */
	public void retire(WorkerSlot slot) {
		this.endedWorkers.add(slot);
	}

	/**
	 * Return the fleet's totals since its arbiter started, including ended workers.
	 * @return the totals
	 */
	public Totals totals() {
		return this.endedWorkers.plus(slots());
	}

	/**
	 * Return the share of the serving workers' capacity that is in use.
	 * @return the share, from 0 to 1
	 */
	public double saturation() {
		long capacity = 0;
		long running = 0;
		for (WorkerSlot slot : slots()) {
			if (slot.state() == WorkerState.READY) {
				capacity += slot.capacity();
				running += slot.runningRequests();
			}
		}
		return (capacity > 0) ? Math.min(1, (double) running / capacity) : 0;
	}

	/**
	 * Totals of the fleet since its arbiter started.
	 *
	 * @param handledRequests requests that have ended
	 * @param failedRequests those among them that have failed
	 */
	public record Totals(long handledRequests, long failedRequests) {
	}

}
