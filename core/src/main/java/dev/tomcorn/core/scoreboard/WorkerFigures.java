package dev.tomcorn.core.scoreboard;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * A worker's measurements of itself, as of its last sample. Windows cover about the last
 * ten seconds, or the time since the worker's start if that is less.
 *
 * @param requestsPerSecond requests that ended per second
 * @param latency time of the requests that ended in the window, or {@code null} if none
 * did
 * @param queueTime the part of it in which they waited in the worker, or {@code null} if
 * none ended
 * @param busyRatio share of its capacity that requests took up, from 0 to 1
 * @param cpuRatio CPU time per second, in seconds; 0 where it is not known
 * @param gcRatio share of the last five seconds in which garbage collection paused it
 * @param virtualThreads the JDK's scheduler of virtual threads, or {@code null} where it
 * provides no figures
 * @param oldestRequest the request that was in flight for longest, or {@code null} if
 * there was none
 */
public record WorkerFigures(double requestsPerSecond, @Nullable Latency latency, @Nullable QueueTime queueTime,
		double busyRatio, double cpuRatio, double gcRatio, @Nullable VirtualThreads virtualThreads,
		@Nullable OldestRequest oldestRequest) {

	/**
	 * The figures of a worker without a measurement.
	 */
	public static final WorkerFigures NONE = new WorkerFigures(0, null, null, 0, 0, 0, null, null);

	/**
	 * Longest method and longest path that are kept, in bytes.
	 */
	static final int MAX_METHOD = 32;

	static final int MAX_PATH = 400;

	/**
	 * Longest frame that is kept, in bytes.
	 */
	static final int MAX_FRAME = 140;

	/**
	 * Most bytes of {@link #toBytes()}.
	 */
	static final int MAX_BYTES = 4 * Integer.BYTES + 20 * Long.BYTES + MAX_METHOD + MAX_PATH + Short.BYTES + MAX_FRAME;

	private static final int LATENCY = 1;

	private static final int QUEUE_TIME = 2;

	private static final int VIRTUAL_THREADS = 4;

	private static final int OLDEST_REQUEST = 8;

	/**
	 * Flag of the frame, which comes last, where readers of older versions ignore it.
	 */
	private static final int FRAME = 16;

	/**
	 * Time of requests, from their arrival in the worker to their end.
	 *
	 * @param meanMillis mean in milliseconds
	 * @param p50Millis median in milliseconds, at most 5 % off
	 * @param p99Millis 99th percentile in milliseconds, at most 5 % off
	 * @param maxMillis longest in milliseconds
	 */
	public record Latency(double meanMillis, double p50Millis, double p99Millis, double maxMillis) {
	}

	/**
	 * Time that requests waited in the worker: for a thread, and for the worker's limit.
	 *
	 * @param meanMillis mean in milliseconds
	 * @param maxMillis longest in milliseconds
	 */
	public record QueueTime(double meanMillis, double maxMillis) {
	}

	/**
	 * The JDK's scheduler of virtual threads.
	 *
	 * @param mounted virtual threads that have a carrier
	 * @param queued virtual threads that wait for one
	 * @param parallelism target number of carriers
	 * @param pinned times that a virtual thread has blocked its carrier for 20 ms or more
	 * since the worker's start, -1 if not counted
	 */
	public record VirtualThreads(int mounted, long queued, int parallelism, long pinned) {
	}

	/**
	 * A request in flight.
	 *
	 * @param id its number in the worker
	 * @param method its method
	 * @param path its path, without a query string
	 * @param began when it began, a reading of {@link System#nanoTime()}
	 * @param frame the application's first frame in the last sample, such as
	 * {@code OrderController.list(OrderController.java:31)}; empty without a sample
	 */
	public record OldestRequest(long id, String method, String path, long began, String frame) {

		/**
		 * Return the age of the request, if it still runs.
		 * @return its age, never negative
		 */
		public Duration age() {
			return Duration.ofNanos(Math.max(0, System.nanoTime() - this.began));
		}

	}

	byte[] toBytes() {
		ByteBuffer buffer = ByteBuffer.allocate(MAX_BYTES);
		buffer.putInt(((this.latency != null) ? LATENCY : 0) | ((this.queueTime != null) ? QUEUE_TIME : 0)
				| ((this.virtualThreads != null) ? VIRTUAL_THREADS : 0)
				| ((this.oldestRequest != null) ? OLDEST_REQUEST | FRAME : 0));
		buffer.putDouble(this.requestsPerSecond).putDouble(this.busyRatio);
		buffer.putDouble(this.cpuRatio).putDouble(this.gcRatio);
		if (this.latency != null) {
			buffer.putDouble(this.latency.meanMillis()).putDouble(this.latency.p50Millis());
			buffer.putDouble(this.latency.p99Millis()).putDouble(this.latency.maxMillis());
		}
		if (this.queueTime != null) {
			buffer.putDouble(this.queueTime.meanMillis()).putDouble(this.queueTime.maxMillis());
		}
		if (this.virtualThreads != null) {
			buffer.putInt(this.virtualThreads.mounted()).putLong(this.virtualThreads.queued());
			buffer.putInt(this.virtualThreads.parallelism()).putLong(this.virtualThreads.pinned());
		}
		if (this.oldestRequest != null) {
			buffer.putLong(this.oldestRequest.id()).putLong(this.oldestRequest.began());
			putText(buffer, this.oldestRequest.method(), MAX_METHOD);
			putText(buffer, this.oldestRequest.path(), MAX_PATH);
			putText(buffer, this.oldestRequest.frame(), MAX_FRAME);
		}
		byte[] bytes = new byte[buffer.position()];
		buffer.flip().get(bytes);
		return bytes;
	}

	private static void putText(ByteBuffer buffer, String text, int limit) {
		byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
		int length = Math.min(bytes.length, limit);
		// Not in the middle of a character
		while (length < bytes.length && length > 0 && (bytes[length] & 0xc0) == 0x80) {
			length--;
		}
		buffer.putShort((short) length).put(bytes, 0, length);
	}

	static WorkerFigures ofBytes(byte[] bytes) {
		try {
			ByteBuffer buffer = ByteBuffer.wrap(bytes);
			int parts = buffer.getInt();
			double requestsPerSecond = buffer.getDouble();
			double busyRatio = buffer.getDouble();
			double cpuRatio = buffer.getDouble();
			double gcRatio = buffer.getDouble();
			Latency latency = ((parts & LATENCY) == 0) ? null
					: new Latency(buffer.getDouble(), buffer.getDouble(), buffer.getDouble(), buffer.getDouble());
			QueueTime queueTime = ((parts & QUEUE_TIME) == 0) ? null
					: new QueueTime(buffer.getDouble(), buffer.getDouble());
			VirtualThreads virtualThreads = ((parts & VIRTUAL_THREADS) == 0) ? null
					: new VirtualThreads(buffer.getInt(), buffer.getLong(), buffer.getInt(), buffer.getLong());
			OldestRequest oldestRequest = null;
			if ((parts & OLDEST_REQUEST) != 0) {
				long id = buffer.getLong();
				long began = buffer.getLong();
				oldestRequest = new OldestRequest(id, text(buffer), text(buffer), began,
						((parts & FRAME) != 0) ? text(buffer) : "");
			}
			return new WorkerFigures(requestsPerSecond, latency, queueTime, busyRatio, cpuRatio, gcRatio,
					virtualThreads, oldestRequest);
		}
		catch (BufferUnderflowException | NegativeArraySizeException ex) {
			return NONE;
		}
	}

	private static String text(ByteBuffer buffer) {
		byte[] bytes = new byte[buffer.getShort()];
		buffer.get(bytes);
		return new String(bytes, StandardCharsets.UTF_8);
	}

}
