package dev.tomcorn.core.scoreboard;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The data that remains of a worker after any kind of end: its requests in flight, each
 * in a row, and a few notes. The worker writes it, all processes read it. A row is
 * claimed when a request begins and released when it ends, without a lock and without
 * garbage. Its version shows whether it is claimed and changes with each write, so that
 * no half-written row is read.
 */
public final class WorkerRecord {

	/**
	 * The row of a request that has none.
	 */
	public static final int NO_ROW = -1;

	/**
	 * Most requests that have a row at a time.
	 */
	public static final int ROWS = 128;

	private static final long ROW_SIZE = 640;

	private static final long NOTES = 64;

	private static final long NOTE_SIZE = 240;

	private static final long FIRST_ROW = 1024;

	static final long SIZE = 21 * 4096;

	private static final VarHandle INT_FIELD = ValueLayout.JAVA_INT.varHandle();

	private static final VarHandle LONG_FIELD = ValueLayout.JAVA_LONG.varHandle();

	/**
	 * Age of the worker that may write.
	 */
	private static final long AGE = 0;

	/**
	 * A row's version: the lowest bits show whether it is claimed and whether it is being
	 * written, the others change with each request.
	 */
	private static final long VERSION = 0;

	private static final int TAKEN = 1;

	private static final int WRITING = 2;

	private static final int NEXT = 4;

	private static final long STAGE = 4;

	private static final long NUMBER = 8;

	private static final long BEGAN = 16;

	private static final long METHOD = 24;

	private static final int METHOD_ROOM = 40;

	private static final long PATH = 64;

	private static final int PATH_ROOM = 256;

	private static final long STACK = PATH + PATH_ROOM;

	private static final int STACK_ROOM = (int) (ROW_SIZE - STACK);

	/**
	 * Rows tried for a request, which must not wait.
	 */
	private static final int TRIES = 16;

	/**
	 * Scatters requests over the rows, because many consecutive rows may stay claimed.
	 */
	private static final long SCATTER = 0x9E3779B97F4A7C15L;

	private static final int ROW_BITS = Integer.numberOfTrailingZeros(ROWS);

	/**
	 * Distance between two rows that are tried: an odd number reaches all of them.
	 */
	private static final int STRIDE = 37;

	private static final int READ_ATTEMPTS = 100;

	private static final Stage[] STAGES = Stage.values();

	private final MemorySegment memory;

	/**
	 * Age of the worker that had the record when this view was created.
	 */
	private final long age;

	private final VersionedBytes[] notes;

	WorkerRecord(MemorySegment memory) {
		this.memory = memory;
		this.age = (long) LONG_FIELD.getVolatile(memory, AGE);
		this.notes = Arrays.stream(Note.values())
			.map((note) -> new VersionedBytes(memory.asSlice(NOTES + note.ordinal() * NOTE_SIZE, NOTE_SIZE)))
			.toArray(VersionedBytes[]::new);
	}

	/**
	 * The stage of a request.
	 */
	public enum Stage {

		/** A thread runs it. */
		RUNNING,

		/** It waits for the worker's limit. */
		WAITING,

		/** It is asynchronous, and no thread runs it. */
		SUSPENDED

	}

	/**
	 * A note of a worker about itself.
	 */
	public enum Note {

		/** Code that ended it, such as {@code PaymentJob.java:41}. */
		EXIT_CALLER,

		/** What holds the carriers of its virtual threads, in a clause. */
		CARRIERS,

		/** Memory other than the heap that is nearly full. */
		MEMORY

	}

	/**
	 * A request in flight.
	 *
	 * @param number its number in the worker
	 * @param method its method
	 * @param path its path, without a query string, cut if it is long
	 * @param began when it began, a reading of {@link System#nanoTime()}
	 * @param stage its stage
	 * @param stack the application's first frames in its thread, as last seen; empty if
	 * not sampled yet
	 */
	public record InFlight(long number, String method, String path, long began, Stage stage, List<String> stack) {

		public InFlight {
			stack = List.copyOf(stack);
		}

		/**
		 * Return the time since the request began.
		 * @return its age in nanoseconds, never negative
		 */
		public long ageNanos() {
			return Math.max(0, System.nanoTime() - this.began);
		}

	}

	/**
	 * Clear the data of the previous worker. Versions keep counting for readers of it.
	 */
	void claim(long newAge) {
		LONG_FIELD.setVolatile(this.memory, AGE, 0);
		for (int row = 0; row < ROWS; row++) {
			end(row);
		}
		for (VersionedBytes note : this.notes) {
			note.set(new byte[0]);
		}
		LONG_FIELD.setVolatile(this.memory, AGE, newAge);
	}

	boolean isOf(long expected) {
		return this.age == expected && (long) LONG_FIELD.getVolatile(this.memory, AGE) == expected;
	}

	private static long offset(int row) {
		return FIRST_ROW + row * ROW_SIZE;
	}

	/**
	 * Record a request.
	 * @param number its number in the worker
	 * @param method its method
	 * @param path its path, without a query string
	 * @param began when it began, a reading of {@link System#nanoTime()}
	 * @return its row, or {@link #NO_ROW} if none was found at once
	 */
	public int begin(long number, String method, String path, long began) {
		return begin(number, method, path, began, TRIES);
	}

	/**
	 * Record a request that found no row when it began.
	 * @param number its number in the worker
	 * @param method its method
	 * @param path its path, without a query string
	 * @param began when it began, a reading of {@link System#nanoTime()}
	 * @return its row, or {@link #NO_ROW} if there is none
	 */
	public int beginLate(long number, String method, String path, long began) {
		return begin(number, method, path, began, ROWS);
	}

	private int begin(long number, String method, String path, long began, int tries) {
		int first = (int) ((number * SCATTER) >>> (Long.SIZE - ROW_BITS));
		for (int attempt = 0; attempt < tries; attempt++) {
			int row = (first + attempt * STRIDE) & (ROWS - 1);
			long offset = offset(row);
			int version = (int) INT_FIELD.getOpaque(this.memory, offset + VERSION);
			if ((version & TAKEN) == 0
					&& INT_FIELD.compareAndSet(this.memory, offset + VERSION, version, version | TAKEN | WRITING)) {
				this.memory.set(ValueLayout.JAVA_INT, offset + STAGE, 0);
				this.memory.set(ValueLayout.JAVA_LONG, offset + NUMBER, number);
				this.memory.set(ValueLayout.JAVA_LONG, offset + BEGAN, began);
				put(offset + METHOD, METHOD_ROOM, method);
				put(offset + PATH, PATH_ROOM, path);
				this.memory.set(ValueLayout.JAVA_BYTE, offset + STACK, (byte) 0);
				INT_FIELD.setRelease(this.memory, offset + VERSION, version | TAKEN);
				return row;
			}
		}
		return NO_ROW;
	}

	/**
	 * Set the stage of a request.
	 * @param row its row
	 * @param stage its stage
	 */
	public void stage(int row, Stage stage) {
		INT_FIELD.setOpaque(this.memory, offset(row) + STAGE, stage.ordinal());
	}

	/**
	 * Set the stack of a request. Do not call this after its row is released.
	 * @param row its row
	 * @param stack the application's first frames
	 */
	public void stack(int row, List<String> stack) {
		long offset = offset(row);
		int version = (int) INT_FIELD.getOpaque(this.memory, offset + VERSION);
		INT_FIELD.setOpaque(this.memory, offset + VERSION, version | WRITING);
		VarHandle.storeStoreFence();
		put(offset + STACK, STACK_ROOM, String.join("\n", stack));
		INT_FIELD.setRelease(this.memory, offset + VERSION, (version + NEXT) & ~WRITING);
	}

	/**
	 * Release a row.
	 * @param row the row
	 */
	public void end(int row) {
		long offset = offset(row);
		int version = (int) INT_FIELD.getOpaque(this.memory, offset + VERSION);
		INT_FIELD.setRelease(this.memory, offset + VERSION, (version + NEXT) & ~(TAKEN | WRITING));
	}

	private void put(long offset, int room, String text) {
		// A char has at most three bytes
		if (3 * text.length() < room) {
			this.memory.setString(offset, text);
			return;
		}
		byte[] bytes = text.substring(0, Math.min(text.length(), room)).getBytes(StandardCharsets.UTF_8);
		int length = fitting(bytes, room - 1);
		MemorySegment.copy(bytes, 0, this.memory, ValueLayout.JAVA_BYTE, offset, length);
		this.memory.set(ValueLayout.JAVA_BYTE, offset + length, (byte) 0);
	}

	/**
	 * Return how many bytes fit without a part of a character at the end.
	 */
	private static int fitting(byte[] bytes, int most) {
		int length = Math.min(bytes.length, most);
		while (length < bytes.length && length > 0 && (bytes[length] & 0xc0) == 0x80) {
			length--;
		}
		return length;
	}

	/**
	 * Return the requests in flight that have a row. Whatever the memory holds, texts are
	 * bounded and without control characters.
	 * @return the requests, the oldest first; none once another worker has the record
	 */
	public List<InFlight> inFlight() {
		List<InFlight> requests = new ArrayList<>();
		for (int row = 0; row < ROWS; row++) {
			InFlight request = read(offset(row));
			if (request != null) {
				requests.add(request);
			}
		}
		long now = System.nanoTime();
		requests.sort(Comparator.comparingLong((request) -> request.began() - now));
		return isOf(this.age) ? requests : List.of();
	}

	private @Nullable InFlight read(long offset) {
		for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
			int version = (int) INT_FIELD.getVolatile(this.memory, offset + VERSION);
			if ((version & TAKEN) == 0) {
				return null;
			}
			if ((version & WRITING) == 0) {
				byte[] row = this.memory.asSlice(offset, ROW_SIZE).toArray(ValueLayout.JAVA_BYTE);
				VarHandle.loadLoadFence();
				if ((int) INT_FIELD.getVolatile(this.memory, offset + VERSION) == version) {
					return decode(MemorySegment.ofArray(row), row);
				}
			}
			Thread.onSpinWait();
		}
		return null;
	}

	private static InFlight decode(MemorySegment row, byte[] bytes) {
		int stage = row.get(ValueLayout.JAVA_INT_UNALIGNED, STAGE);
		String stack = text(bytes, STACK, STACK_ROOM);
		return new InFlight(row.get(ValueLayout.JAVA_LONG_UNALIGNED, NUMBER),
				printable(text(bytes, METHOD, METHOD_ROOM)), printable(text(bytes, PATH, PATH_ROOM)),
				row.get(ValueLayout.JAVA_LONG_UNALIGNED, BEGAN),
				(stage >= 0 && stage < STAGES.length) ? STAGES[stage] : Stage.RUNNING,
				stack.isEmpty() ? List.of() : Arrays.stream(stack.split("\n")).map(WorkerRecord::printable).toList());
	}

	private static String text(byte[] bytes, long offset, int room) {
		int begin = (int) offset;
		int length = 0;
		while (length < room && bytes[begin + length] != 0) {
			length++;
		}
		return new String(bytes, begin, length, StandardCharsets.UTF_8);
	}

	private static String printable(String text) {
		return printable(text, false);
	}

	private static String printable(String text, boolean blanks) {
		return text.codePoints()
			.map((character) -> ((character != ' ' || !blanks) && (Character.isISOControl(character)
					|| Character.getType(character) == Character.FORMAT || Character.isWhitespace(character))) ? '?'
							: character)
			.collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
			.toString();
	}

	/**
	 * Replace a note about this worker. For one thread at a time.
	 * @param note the kind of note
	 * @param text the text, or empty
	 */
	public void setNote(Note note, String text) {
		byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
		this.notes[note.ordinal()]
			.set(Arrays.copyOf(bytes, fitting(bytes, (int) (NOTE_SIZE - VersionedBytes.OVERHEAD))));
	}

	/**
	 * Return a note of the worker.
	 * @param note the kind of note
	 * @return its text; empty if there is none or another worker has the record
	 */
	public String note(Note note) {
		byte[] bytes = this.notes[note.ordinal()].get();
		return isOf(this.age) ? printable(new String(bytes, StandardCharsets.UTF_8), true) : "";
	}

}
