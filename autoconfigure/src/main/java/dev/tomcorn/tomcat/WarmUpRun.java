package dev.tomcorn.tomcat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

import dev.tomcorn.WarmUp;
import dev.tomcorn.WorkerModel;
import dev.tomcorn.settings.WarmUpPlan;
import org.apache.catalina.connector.Connector;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * One warm-up of a worker. It always ends in time, and the worker goes on even if it
 * fails. It has its own threads, so a warm-up that hangs does not block a thread that
 * serves.
 */
final class WarmUpRun {

	private static final Log logger = LogFactory.getLog(WarmUpRun.class);

	private static final Duration LOOK_INTERVAL = Duration.ofMillis(20);

	private static final int NOT_FOUND = 404;

	private static final int SERVER_ERROR = 500;

	/**
	 * How many unfinished activities the log names.
	 */
	private static final int NAMED = 3;

	private final WarmUpPlan plan;

	private final Map<String, WarmUp> beans;

	private final WarmUpRequests requests;

	private final int threads;

	private final ThreadFactory threadFactory;

	private final LongSupplier nanoTime;

	private final CountDownLatch ended = new CountDownLatch(1);

	/**
	 * Failed paths, which are not requested again.
	 */
	private final Set<String> failed = ConcurrentHashMap.newKeySet();

	WarmUpRun(WarmUpPlan plan, Map<String, WarmUp> beans, WarmUpRequests.Sender sender, int concurrency,
			boolean virtualThreads, LongSupplier nanoTime) {
		this.plan = plan;
		this.beans = beans;
		this.nanoTime = nanoTime;
		this.threads = Math.min(plan.concurrency(), concurrency);
		this.threadFactory = virtualThreads ? Thread.ofVirtual().name("tomcorn-warm-up-", 0).factory()
				: Thread.ofPlatform().daemon().name("tomcorn-warm-up-", 0).factory();
		this.requests = new WarmUpRequests(sender, concurrency, (task) -> this.threadFactory.newThread(task).start());
	}

	/**
	 * Create a warm-up.
	 * @param plan what to request
	 * @param beans beans to run first, by name and in this order
	 * @param connector the application's connector, already started
	 * @param contextPath context path of the application
	 * @param model the worker class
	 * @return the warm-up
	 */
	static WarmUpRun of(WarmUpPlan plan, Map<String, WarmUp> beans, Connector connector, String contextPath,
			WorkerModel model) {
		InMemoryRequests requests = new InMemoryRequests(connector);
		return new WarmUpRun(plan, beans, (path, headers, attributes, executor) -> requests.get(contextPath + path,
				headers, attributes, executor), model.concurrency(), model.virtualThreads(), System::nanoTime);
	}

	/**
	 * Warm up. Returns when the warm-up is done, takes too long, or is no longer useful.
	 * @param limit longest time for it
	 * @param ending whether the worker is about to end
	 */
	void run(Duration limit, BooleanSupplier ending) {
		long start = this.nanoTime.getAsLong();
		try {
			this.threadFactory.newThread(this::warmUp).start();
			while (!this.ended.await(LOOK_INTERVAL.toNanos(), TimeUnit.NANOSECONDS)) {
				if (ending.getAsBoolean()) {
					this.requests.stop();
					return;
				}
				if (this.nanoTime.getAsLong() - start >= limit.toNanos()) {
					giveUp(limit);
					return;
				}
			}
			logger.info("Warmed up in %s with %d request(s)".formatted(seconds(this.nanoTime.getAsLong() - start),
					this.requests.sent()));
		}
		catch (InterruptedException ex) {
			this.requests.stop();
			Thread.currentThread().interrupt();
		}
		catch (OutOfMemoryError ex) {
			// No further thread can start
			logger.warn("No warm-up: " + ex);
		}
	}

	private void giveUp(Duration limit) {
		Collection<String> activities = this.requests.stop();
		String names = String.join(", ", activities.stream().limit(NAMED).toList())
				+ ((activities.size() > NAMED) ? ", …" : "");
		logger.warn("Gave up the warm-up after %s%s and %d request(s)%s".formatted(seconds(limit.toNanos()),
				(limit.compareTo(this.plan.timeout()) < 0) ? ", since tomcorn.boot-timeout leaves no more time," : "",
				this.requests.sent(), names.isEmpty() ? "" : ". Unfinished: " + names));
	}

	private static String seconds(long nanos) {
		return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
	}

	private void warmUp() {
		try {
			for (Map.Entry<String, WarmUp> bean : this.beans.entrySet()) {
				run(bean.getKey(), bean.getValue());
			}
			requestPaths();
		}
		catch (InterruptedException | OutOfMemoryError ex) {
			logger.debug("The warm-up ends early", ex);
		}
		finally {
			this.ended.countDown();
		}
	}

	private void run(String name, WarmUp bean) throws InterruptedException {
		try {
			this.requests.perform("bean " + name, () -> {
				try {
					bean.warmUp(this.requests);
				}
				catch (InterruptedException | RuntimeException ex) {
					throw ex;
				}
				catch (Exception ex) {
					throw new IllegalStateException(ex);
				}
				return true;
			});
		}
		catch (InterruptedException | RuntimeException | LinkageError ex) {
			tell("Warm-up bean " + name + " has failed: ", ex);
		}
	}

	private void requestPaths() throws InterruptedException {
		AtomicInteger next = new AtomicInteger();
		List<Thread> others = new ArrayList<>();
		for (int number = 1; number < Math.min(this.threads, requestCount()); number++) {
			Thread thread = this.threadFactory.newThread(() -> requestPaths(next));
			others.add(thread);
			thread.start();
		}
		requestPaths(next);
		for (Thread thread : others) {
			thread.join();
		}
	}

	private int requestCount() {
		return this.plan.paths().size() * this.plan.requests();
	}

	/**
	 * Request all paths in turn, so that the last ones get their share even if the time
	 * runs out.
	 */
	private void requestPaths(AtomicInteger next) {
		int number;
		while (!this.requests.isStopped() && (number = next.getAndIncrement()) < requestCount()) {
			String path = this.plan.paths().get(number % this.plan.paths().size());
			if (!this.failed.contains(path)) {
				request(path);
			}
		}
	}

	private void request(String path) {
		try {
			int status = this.requests.get(path);
			if ((status == NOT_FOUND || status >= SERVER_ERROR) && this.failed.add(path)) {
				tell("The warm-up skips " + path + ", which returned status " + status, null);
			}
		}
		catch (InterruptedException | RuntimeException | LinkageError ex) {
			if (this.failed.add(path)) {
				tell("The warm-up skips " + path + ", which has failed: ", ex);
			}
		}
	}

	private void tell(String what, @Nullable Throwable cause) {
		if (this.requests.isStopped()) {
			// An interrupted request fails as a consequence
			return;
		}
		logger.warn((cause != null) ? what + cause : what);
		if (cause != null) {
			logger.debug(what, cause);
		}
	}

}
