package dev.tomcorn.request;

import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;

/**
 * Counts requests that failed because memory outside the heap was full. A worker whose
 * heap is full ends itself. A request that succeeds has no extra cost.
 */
public final class MemoryFailures {

	/**
	 * Maximum depth at which causes are examined.
	 */
	private static final int MAX_DEPTH = 16;

	private static final String DIRECT = "direct memory";

	private final AtomicLong count = new AtomicLong();

	private volatile String last = "";

	private volatile long lastAt;

	/**
	 * Record a failed request.
	 * @param method its method
	 * @param uri its path, without a query string
	 * @param failure the cause, if known
	 */
	public void failed(String method, String uri, @Nullable Throwable failure) {
		Throwable cause = failure;
		for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
			if (cause instanceof OutOfMemoryError error) {
				this.count.incrementAndGet();
				String path = uri.contains(";") ? uri.substring(0, uri.indexOf(';')) : uri;
				this.lastAt = System.nanoTime();
				this.last = "%s, the last %s %s".formatted(what(String.valueOf(error.getMessage())), method, path);
				return;
			}
			cause = cause.getCause();
		}
	}

	/**
	 * Return the memory that was exhausted. The JVM's message for direct memory contains
	 * numbers that differ each time, so it is replaced.
	 */
	private static String what(String message) {
		return message.contains("direct") ? DIRECT : message;
	}

	@Override
	public String toString() {
		return this.count + " of " + this.last;
	}

	/**
	 * Return how many requests have failed for lack of memory.
	 * @return their number
	 */
	public long count() {
		return this.count.get();
	}

	/**
	 * Return a description of the last failure.
	 * @return the memory and the request
	 */
	public String last() {
		return this.last;
	}

	/**
	 * Return the time of the last failure, in terms of {@link System#nanoTime()}.
	 */
	public long lastAt() {
		return this.lastAt;
	}

}
