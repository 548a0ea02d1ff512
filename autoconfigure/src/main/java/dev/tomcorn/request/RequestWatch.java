package dev.tomcorn.request;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * Checks the requests in flight regularly and acts on those that take too long. It has a
 * thread only if there is a limit.
 */
public final class RequestWatch implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(RequestWatch.class);

	/**
	 * How often to check requests that are older than the shortest limit.
	 */
	private static final long INTERVAL = Duration.ofMillis(100).toNanos();

	/**
	 * Extra time for asynchronous requests, since Tomcat checks their timeouts once a
	 * second.
	 */
	private static final long TIMEOUT_DELAY = Duration.ofSeconds(2).toNanos();

	/**
	 * Package whose frames show that a request waits for its client. Tomcat limits that
	 * time itself.
	 */
	private static final String CONNECTION_PACKAGE = "org.apache.tomcat.util.net.";

	private static final long NO_LIMIT = 0;

	private final RequestsInFlight requests;

	private final int worker;

	private final @Nullable Consumer<String> replacement;

	private final LongSupplier nanoTime;

	private final List<PathTimeout> overrides;

	private final long timeout;

	private final long grace;

	private final long slow;

	private final long shortest;

	private volatile boolean closed;

	private @Nullable Thread thread;

	RequestWatch(RequestsInFlight requests, RequestLimits limits, int worker, @Nullable Consumer<String> replacement,
			LongSupplier nanoTime) {
		this.requests = requests;
		this.worker = worker;
		this.replacement = replacement;
		this.nanoTime = nanoTime;
		this.overrides = limits.overrides()
			.stream()
			.map((limit) -> new PathTimeout(PathPatternParser.defaultInstance.parse(limit.pattern()),
					limit.timeout().toNanos()))
			.toList();
		this.timeout = limits.timeout().toNanos();
		this.grace = limits.grace().toNanos();
		this.slow = limits.slowThreshold().toNanos();
		this.shortest = LongStream
			.concat(LongStream.of(this.timeout, this.slow), this.overrides.stream().mapToLong(PathTimeout::limit))
			.filter((limit) -> limit != NO_LIMIT)
			.min()
			.orElse(NO_LIMIT);
	}

	/**
	 * Start to watch, if there is a limit.
	 * @param requests the requests in flight
	 * @param limits limits on their time
	 * @param worker the worker's index
	 * @param recycle asks for a replacement of the worker when a request cannot be ended,
	 * or {@code null} if there is no arbiter
	 * @return the watch
	 */
	public static RequestWatch start(RequestsInFlight requests, RequestLimits limits, int worker,
			@Nullable Consumer<String> recycle) {
		RequestWatch watch = new RequestWatch(requests, limits, worker, recycle, System::nanoTime);
		if (watch.shortest != NO_LIMIT) {
			watch.thread = Thread.ofPlatform().daemon().name("tomcorn-request-watch").start(watch::run);
		}
		return watch;
	}

	/**
	 * A limit for some paths.
	 */
	private record PathTimeout(PathPattern pattern, long limit) {

	}

	/**
	 * What the watch knows about a request that exceeds the shortest limit.
	 */
	static final class Finding {

		private final long limit;

		private boolean slowLogged;

		private boolean overdue;

		private long nextLook;

		private boolean clientLogged;

		private boolean ignoredLogged;

		private Finding(long limit) {
			this.limit = limit;
		}

	}

	private void run() {
		while (!this.closed) {
			long wait = INTERVAL;
			try {
				wait = check();
			}
			catch (RuntimeException | Error ex) {
				logger.error("The check of the requests has failed. It continues", ex);
			}
			LockSupport.parkNanos(wait);
		}
	}

	/**
	 * Check every request once.
	 * @return nanoseconds until the next check; a request needs none before the shortest
	 * limit has passed
	 */
	long check() {
		long now = this.nanoTime.getAsLong();
		long wait = this.shortest;
		for (RequestInFlight request : this.requests.all()) {
			long age = request.age(now);
			if (age >= this.shortest) {
				check(request, now);
			}
			wait = Math.min(wait, this.shortest - age);
		}
		return Math.max(wait, INTERVAL);
	}

	private void check(RequestInFlight request, long now) {
		Finding finding = request.finding();
		if (finding == null) {
			finding = new Finding(limit(request));
			request.setFinding(finding);
		}
		if (finding.overdue) {
			checkOverdue(request, finding, now);
			return;
		}
		if (finding.limit != NO_LIMIT) {
			RequestInFlight.Activity activity = request.expire(now, finding.limit);
			if (activity != null) {
				finding.overdue = true;
				grant(finding, activity, now);
				logger.warn(overdue(request, finding, activity, now));
				return;
			}
		}
		if (this.slow != NO_LIMIT && !finding.slowLogged && request.age(now) >= this.slow) {
			checkSlow(request, finding, now);
		}
	}

	private long limit(RequestInFlight request) {
		if (!this.overrides.isEmpty()) {
			PathContainer path = PathContainer.parsePath(request.pathInApplication());
			for (PathTimeout override : this.overrides) {
				if (override.pattern().matches(path)) {
					return override.limit();
				}
			}
		}
		return this.timeout;
	}

	private void checkSlow(RequestInFlight request, Finding finding, long now) {
		RequestInFlight.Activity activity = request.currentActivity();
		if (activity != null && !activity.waiting()) {
			finding.slowLogged = true;
			logger.warn("%s is slow: it has run for %s%s".formatted(describe(request), seconds(request.age(now)),
					stack(activity)));
		}
	}

	private void grant(Finding finding, RequestInFlight.Activity activity, long now) {
		finding.nextLook = now + this.grace + ((activity.thread() != null) ? 0 : TIMEOUT_DELAY);
	}

	/**
	 * Check a request after its limit. If no thread ran it at its limit, it has not been
	 * interrupted, and a thread may run it now.
	 */
	private void checkOverdue(RequestInFlight request, Finding finding, long now) {
		if (finding.ignoredLogged || now - finding.nextLook < 0) {
			return;
		}
		RequestInFlight.Activity told = request.tellNow();
		if (told != null) {
			grant(finding, told, now);
			logger.warn(overdue(request, finding, told, now));
			return;
		}
		RequestInFlight.Activity activity = request.currentActivity();
		if (activity == null) {
			return;
		}
		if (waitsForClient(activity)) {
			grant(finding, activity, now);
			if (!finding.clientLogged) {
				finding.clientLogged = true;
				logger.warn("%s has run for %s and waits for its client, which no interrupt ends%s"
					.formatted(describe(request), seconds(request.age(now)), stack(activity)));
			}
			return;
		}
		finding.ignoredLogged = true;
		ignored(request, activity, now);
	}

	private void ignored(RequestInFlight request, RequestInFlight.Activity activity, long now) {
		String what = "has run for %s and ignores %s".formatted(seconds(request.age(now)),
				(activity.thread() != null) ? "its interrupt" : "its timeout");
		logger.warn("%s %s%s%s".formatted(describe(request), what,
				(this.replacement != null) ? ": asking for another worker" : "", stack(activity)));
		if (this.replacement != null) {
			this.replacement.accept("request %s %s %s".formatted(request.method(), request.path(), what));
		}
	}

	private static boolean waitsForClient(RequestInFlight.Activity activity) {
		for (StackTraceElement frame : activity.stack()) {
			String name = frame.getClassName();
			if (!name.startsWith("java.") && !name.startsWith("jdk.") && !name.startsWith("sun.")) {
				return name.startsWith(CONNECTION_PACKAGE);
			}
		}
		return false;
	}

	private String overdue(RequestInFlight request, Finding finding, RequestInFlight.Activity activity, long now) {
		String age = seconds(request.age(now));
		String limit = seconds(finding.limit);
		if (activity.waiting()) {
			return "%s has waited for %s for others to end, longer than its limit of %s: refusing it"
				.formatted(describe(request), age, limit);
		}
		if (activity.thread() == null) {
			return "%s has taken %s, longer than its limit of %s, and no thread runs it: ending it"
				.formatted(describe(request), age, limit);
		}
		return "%s has run for %s, longer than its limit of %s: interrupting %s%s".formatted(describe(request), age,
				limit, activity.thread(), stack(activity));
	}

	private String describe(RequestInFlight request) {
		return "Request %s %s of worker %d".formatted(request.method(), request.path(), this.worker);
	}

	private static String seconds(long nanos) {
		return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
	}

	private static String stack(RequestInFlight.Activity activity) {
		StringBuilder lines = new StringBuilder();
		for (StackTraceElement frame : activity.stack()) {
			lines.append(System.lineSeparator()).append("\tat ").append(frame);
		}
		return lines.toString();
	}

	/**
	 * Stop watching.
	 */
	@Override
	public void close() {
		this.closed = true;
		LockSupport.unpark(this.thread);
	}

}
