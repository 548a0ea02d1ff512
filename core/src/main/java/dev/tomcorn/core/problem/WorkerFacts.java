package dev.tomcorn.core.problem;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

import dev.tomcorn.core.arbiter.DataBytes;
import org.jspecify.annotations.Nullable;

/**
 * Facts about possible problems that only the worker itself knows, without judgement.
 * Times are readings of {@link System#nanoTime()}, which all processes of a machine
 * share.
 *
 * @param longest the request that has run for longest, or {@code null} if none is older
 * than a second
 * @param carriers who holds the carriers of virtual threads, {@code null} unless all of
 * them are held, lent ones aside
 * @param deadlock which threads wait for each other forever, or empty
 * @param memoryFailures requests that have failed with an {@code OutOfMemoryError}
 * @param memoryFailure the last of them, or empty
 * @param memoryFailedAt when that was
 * @param heapAfterGc used bytes of the heap after the last collection, at most those in
 * use now
 * @param pool the connection pool for which most wait, or {@code null} if none waits
 */
public record WorkerFacts(@Nullable LongRequest longest, @Nullable Carriers carriers, String deadlock,
		long memoryFailures, String memoryFailure, long memoryFailedAt, long heapAfterGc, @Nullable Pool pool) {

	/**
	 * The facts of a worker that has reported none.
	 */
	public static final WorkerFacts NONE = new WorkerFacts(null, null, "", 0, "", 0, 0, null);

	private static final int MAX_TEXT = 300;

	public WorkerFacts {
		deadlock = limited(deadlock);
		memoryFailure = limited(memoryFailure);
	}

	/**
	 * A running request.
	 *
	 * @param method its method
	 * @param path its path, without a query string
	 * @param began when it began to run
	 * @param place its location in the application's code, or empty; begins with
	 * {@link #CLIENT_BODY} if it waits for the body
	 * @param usualMillis time in which 99 of 100 requests of this worker end, 0 if it has
	 * had too few
	 */
	public record LongRequest(String method, String path, long began, String place, double usualMillis) {

		/**
		 * Place of a request that waits for its client to send the body.
		 */
		public static final String CLIENT_BODY = "the read of its body";

		public LongRequest {
			method = limited(method);
			path = limited(path);
			place = limited(place);
		}

	}

	/**
	 * Carriers of virtual threads that are all held.
	 *
	 * @param held how many are known to be held
	 * @param parallelism how many there are, without lent ones
	 * @param place the code that holds them, or empty
	 * @param lent how many more the worker has lent, so that virtual threads run; 0 if
	 * none runs
	 * @param since when they were taken, if known, while more are lent
	 */
	public record Carriers(int held, int parallelism, String place, int lent, long since) {

		public Carriers {
			place = limited(place);
		}

	}

	/**
	 * A pool of connections for which threads wait.
	 *
	 * @param name its name
	 * @param active connections that are in use
	 * @param limit connections that there may be
	 * @param waiting threads that wait
	 * @param since when the current wait of at least one thread began
	 */
	public record Pool(String name, int active, int limit, int waiting, long since) {

		public Pool {
			name = limited(name);
		}

	}

	private static String limited(String text) {
		return (text.length() <= MAX_TEXT) ? text : text.substring(0, MAX_TEXT);
	}

	/**
	 * Return the facts as bytes.
	 * @return bytes for {@link #ofBytes(byte[])}
	 */
	public byte[] toBytes() {
		return DataBytes.of(this::write);
	}

	private void write(DataOutputStream out) throws IOException {
		out.writeBoolean(this.longest != null);
		if (this.longest != null) {
			out.writeUTF(this.longest.method());
			out.writeUTF(this.longest.path());
			out.writeLong(this.longest.began());
			out.writeUTF(this.longest.place());
			out.writeDouble(this.longest.usualMillis());
		}
		out.writeBoolean(this.carriers != null);
		if (this.carriers != null) {
			out.writeInt(this.carriers.held());
			out.writeInt(this.carriers.parallelism());
			out.writeUTF(this.carriers.place());
			out.writeInt(this.carriers.lent());
			out.writeLong(this.carriers.since());
		}
		out.writeUTF(this.deadlock);
		out.writeLong(this.memoryFailures);
		out.writeUTF(this.memoryFailure);
		out.writeLong(this.memoryFailedAt);
		out.writeLong(this.heapAfterGc);
		out.writeBoolean(this.pool != null);
		if (this.pool != null) {
			out.writeUTF(this.pool.name());
			out.writeInt(this.pool.active());
			out.writeInt(this.pool.limit());
			out.writeInt(this.pool.waiting());
			out.writeLong(this.pool.since());
		}
	}

	/**
	 * Read facts.
	 * @param bytes the bytes of a worker of this or another version
	 * @return the facts; {@link #NONE} if they cannot be read
	 */
	public static WorkerFacts ofBytes(byte[] bytes) {
		try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
			LongRequest longest = in.readBoolean()
					? new LongRequest(in.readUTF(), in.readUTF(), in.readLong(), in.readUTF(), in.readDouble()) : null;
			Carriers carriers = in.readBoolean()
					? new Carriers(in.readInt(), in.readInt(), in.readUTF(), in.readInt(), in.readLong()) : null;
			return new WorkerFacts(longest, carriers, in.readUTF(), in.readLong(), in.readUTF(), in.readLong(),
					in.readLong(), in.readBoolean()
							? new Pool(in.readUTF(), in.readInt(), in.readInt(), in.readInt(), in.readLong()) : null);
		}
		catch (IOException ex) {
			return NONE;
		}
	}

}
