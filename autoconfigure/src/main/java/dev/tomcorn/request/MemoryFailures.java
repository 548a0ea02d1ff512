package dev.tomcorn.request;

import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;

/**
 * Requests that have failed because memory other than the heap was full. A worker whose
 * heap is full ends itself. A request that succeeds costs nothing.
 */
public final class MemoryFailures {

	/**
	 * Deeper causes are not looked at.
	 */
	private static final int MAX_DEPTH = 16;

	private static final String DIRECT = "direct memory";

	private final AtomicLong count = new AtomicLong();

	private volatile String last = "";

	private volatile long lastAt;

	/**
	 * Note that a request has failed.
	 * @param method its method
	 * @param uri its path, without a query string
	 * @param failure what it failed of, if that is known
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
	 * Return what there was too little of: the JVM's message for direct memory has all
	 * its numbers, which are other ones each time.
	 */
	private static String what(String message) {
		return message.contains("direct") ? DIRECT : message;
	}

	@Override
	public String toString() {
		return this.count + " of " + this.last;
	}

	/**
	 * Return how many requests have failed for want of memory.
	 * @return their number
	 */
	public long count() {
		return this.count.get();
	}

	/**
	 * Return what the last of them said.
	 * @return its message
	 */
	public String last() {
		return this.last;
	}

	/**
	 * Return when the last was, a reading of {@link System#nanoTime()}.
	 */
	public long lastAt() {
		return this.lastAt;
	}

}
