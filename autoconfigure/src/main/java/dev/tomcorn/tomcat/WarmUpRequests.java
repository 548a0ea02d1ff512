package dev.tomcorn.tomcat;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

import dev.tomcorn.WarmUp;
import dev.tomcorn.WarmUpClient;
import dev.tomcorn.request.RequestsInFlight;

/**
 * The requests of one warm-up. Tracks the activity of each thread, so that the warm-up
 * can be stopped at any time.
 */
final class WarmUpRequests implements WarmUpClient {

	private final Sender sender;

	private final Semaphore places;

	private final Executor executor;

	/**
	 * Activities of the threads that {@link #stop} interrupts.
	 */
	private final Map<Thread, String> activities = new ConcurrentHashMap<>();

	private final AtomicInteger sent = new AtomicInteger();

	private volatile boolean stopped;

	/**
	 * Create the requests of a warm-up.
	 * @param sender sends them
	 * @param concurrency how many may run at once
	 * @param executor runs each task in a thread of its own
	 */
	WarmUpRequests(Sender sender, int concurrency, Executor executor) {
		this.sender = sender;
		this.places = new Semaphore(concurrency);
		this.executor = executor;
	}

	/**
	 * Sends a request and waits for the end of its response.
	 */
	@FunctionalInterface
	interface Sender {

		int get(String path, Map<String, String> headers, Map<String, Object> attributes, Executor executor)
				throws InterruptedException;

	}

	@Override
	public int get(String path, Map<String, String> headers) throws InterruptedException {
		if (!path.startsWith("/")) {
			throw new IllegalArgumentException("Not a path within the application: " + path);
		}
		Map<String, String> marked = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
		marked.putAll(headers);
		marked.put(WarmUp.HEADER, "true");
		String name = "GET " + path;
		return perform(name, () -> {
			this.places.acquire();
			try {
				check();
				this.sent.incrementAndGet();
				return RequestsInFlight.withoutLimit(() -> this.sender.get(path, marked, Map.of(WarmUp.ATTRIBUTE, true),
						(task) -> continueElsewhere(name, task)));
			}
			finally {
				this.places.release();
			}
		});
	}

	/**
	 * Continue a request that has become asynchronous. This also runs after the warm-up
	 * was stopped, so that the request can end.
	 */
	private void continueElsewhere(String name, Runnable task) {
		this.executor.execute(() -> {
			this.activities.put(Thread.currentThread(), name);
			try {
				RequestsInFlight.withoutLimit(() -> {
					task.run();
					return null;
				});
			}
			finally {
				this.activities.remove(Thread.currentThread());
			}
		});
	}

	/**
	 * Run an action in this thread, which is interrupted if the warm-up stops meanwhile.
	 * Calls may be nested.
	 */
	<T> T perform(String activity, Activity<T> action) throws InterruptedException {
		Thread thread = Thread.currentThread();
		String outer = this.activities.put(thread, activity);
		try {
			check();
			return action.run();
		}
		finally {
			if (outer != null) {
				this.activities.put(thread, outer);
			}
			else {
				this.activities.remove(thread);
			}
		}
	}

	private void check() {
		if (this.stopped) {
			throw new CancellationException("The warm-up is over");
		}
	}

	/**
	 * Interrupt all activities and start no others.
	 * @return the interrupted activities
	 */
	Collection<String> stop() {
		this.stopped = true;
		List<String> stoppedActivities = this.activities.values().stream().distinct().sorted().toList();
		this.activities.keySet().forEach(Thread::interrupt);
		return stoppedActivities;
	}

	boolean isStopped() {
		return this.stopped;
	}

	int sent() {
		return this.sent.get();
	}

	/**
	 * An action that a thread runs.
	 */
	@FunctionalInterface
	interface Activity<T> {

		T run() throws InterruptedException;

	}

}
