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
 * The requests of one warm-up. Knows what each thread of it does, so that all of it can
 * be stopped at any time.
 */
final class WarmUpRequests implements WarmUpClient {

	private final Sender sender;

	private final Semaphore places;

	private final Executor executor;

	/**
	 * What the threads do that are to be interrupted at the end.
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
	 * Sends a request and waits for the end of its answer.
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
	 * Go on with a request that has become asynchronous. Once the warm-up has been given
	 * up, this is its way to end.
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
	 * Do something in this thread, which is interrupted if it has not ended when
	 * everything is stopped. It may be a part of something else that the thread does.
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
	 * Interrupt what goes on and let nothing new begin.
	 * @return what went on
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
	 * Something that a thread does.
	 */
	@FunctionalInterface
	interface Activity<T> {

		T run() throws InterruptedException;

	}

}
