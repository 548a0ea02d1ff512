package dev.tomcorn.request;

import java.time.Duration;
import java.util.List;

import dev.tomcorn.core.incident.ApplicationFrames;
import dev.tomcorn.core.scoreboard.WorkerRecord;
import dev.tomcorn.core.scoreboard.WorkerRecord.Stage;
import org.jspecify.annotations.Nullable;

/**
 * A request that this worker has begun and not ended. It keeps no object of Tomcat, which
 * reuses them after the request. A lock excludes an interrupt while the request ends, so
 * an interrupt can never hit other work of the thread.
 */
public final class RequestInFlight {

	private static final int MAX_FRAMES = 3;

	private final RequestsInFlight registry;

	private final Long number;

	private final String method;

	private final String uri;

	private final String contextPath;

	/**
	 * When it began, and how long it had waited until then.
	 */
	private final long began;

	private final long waitedBefore;

	/**
	 * Its row in the worker's record, if it has one.
	 */
	private int row;

	/**
	 * Its frames when it was last located, and the time of that.
	 */
	private List<String> frames = List.of();

	private long lookedAt;

	/**
	 * When it began to run, or when it arrived if it has not run.
	 */
	private long since;

	private boolean ran = true;

	private long suspendedAt;

	private long suspended;

	private @Nullable Thread thread;

	private @Nullable Suspension suspension;

	private @Nullable Thread interrupted;

	private boolean waiting;

	private boolean ended;

	private boolean told;

	private volatile boolean overdue;

	private boolean extended;

	private long extendedUntil;

	private RequestWatch.@Nullable Finding finding;

	RequestInFlight(RequestsInFlight registry, long number, String method, String uri, String contextPath, long began,
			long waitedBefore) {
		this.registry = registry;
		this.number = number;
		this.method = method;
		this.uri = uri;
		this.contextPath = contextPath;
		this.began = began;
		this.waitedBefore = waitedBefore;
		this.since = began;
		this.thread = Thread.currentThread();
		this.row = registry.rows().begin(number, method, RequestPath.stored(uri), came());
	}

	/**
	 * Give the request a row if none was free when it began.
	 * @return whether it has a row or has ended
	 */
	synchronized boolean seen() {
		if (this.row == WorkerRecord.NO_ROW && !this.ended) {
			this.row = this.registry.rows().beginLate(this.number, this.method, RequestPath.stored(uri), came());
			stage(stage());
		}
		return this.ended || this.row != WorkerRecord.NO_ROW;
	}

	/**
	 * Return whether the request has a row.
	 */
	boolean hasRow() {
		return this.row != WorkerRecord.NO_ROW;
	}

	private Stage stage() {
		return this.waiting ? Stage.WAITING : (this.thread != null) ? Stage.RUNNING : Stage.SUSPENDED;
	}

	private void stage(Stage stage) {
		this.registry.rows().stage(this.row, stage);
	}

	/**
	 * A way to end a request that no thread runs.
	 */
	@FunctionalInterface
	public interface Suspension {

		/**
		 * Make the request time out. Must not block or wait for a lock.
		 */
		void timeOut();

	}

	/**
	 * The activity of a request.
	 *
	 * @param thread name of the thread that runs it, or {@code null} if none does
	 * @param stack the stack of that thread
	 * @param waiting whether it waits for others to end
	 */
	public record Activity(@Nullable String thread, StackTraceElement[] stack, boolean waiting) {
	}

	/**
	 * Return the number of the request in this worker.
	 * @return the number
	 */
	public Long number() {
		return this.number;
	}

	/**
	 * Return the HTTP method.
	 * @return the method
	 */
	public String method() {
		return this.method;
	}

	/**
	 * Return the path for display: without parameters, which may contain a session ID,
	 * and without control characters such as line breaks.
	 */
	public String path() {
		return RequestPath.shown(this.uri);
	}

	/**
	 * Return the path within the application, still encoded.
	 */
	String pathInApplication() {
		return this.uri.startsWith(this.contextPath) ? this.uri.substring(this.contextPath.length()) : this.uri;
	}

	/**
	 * Return for how long the request has run.
	 * @param now the time, in terms of {@link RequestsInFlight#now()}
	 * @return nanoseconds
	 */
	public synchronized long age(long now) {
		return now - this.since;
	}

	/**
	 * Record that the request waits until others end.
	 */
	public synchronized void waits() {
		this.waiting = true;
		this.ran = false;
		stage(Stage.WAITING);
	}

	/**
	 * Record that a request that has waited runs. Its time starts again.
	 * @return whether to run it; {@code false} if its time has passed
	 */
	public synchronized boolean runs() {
		this.waiting = false;
		if (this.overdue) {
			return false;
		}
		this.ran = true;
		this.since = this.registry.now();
		stage(Stage.RUNNING);
		return true;
	}

	/**
	 * Record that no thread runs the request for now. Clears an interrupt of the calling
	 * thread that was meant for the request.
	 * @param newSuspension ends the request meanwhile, or {@code null} if that is not
	 * possible
	 */
	public synchronized void suspend(@Nullable Suspension newSuspension) {
		leave();
		if (this.ended) {
			return;
		}
		if (this.thread != null) {
			this.suspendedAt = this.registry.now();
		}
		this.thread = null;
		if (!this.frames.isEmpty()) {
			this.frames = List.of();
			this.registry.rows().stack(this.row, this.frames);
		}
		stage(Stage.SUSPENDED);
		this.suspension = newSuspension;
		if (this.overdue) {
			timeOut();
		}
	}

	/**
	 * Record that the calling thread runs the request again.
	 */
	public synchronized void resume() {
		if (!this.ended) {
			if (this.thread == null) {
				this.suspended += this.registry.now() - this.suspendedAt;
			}
			this.suspension = null;
			this.thread = Thread.currentThread();
			stage(Stage.RUNNING);
		}
	}

	/**
	 * Record that the request has ended. Further calls have no effect. Clears an
	 * interrupt of the calling thread that was meant for the request; none follows.
	 */
	public void end() {
		synchronized (this) {
			leave();
			if (this.ended) {
				return;
			}
			this.ended = true;
			count(this.registry.now());
			this.registry.rows().end(this.row);
			this.thread = null;
			this.suspension = null;
		}
		this.registry.remove(this);
	}

	private void count(long now) {
		if (this.ran) {
			this.registry.figures()
				.ended(this.waitedBefore + this.since - this.began, now - this.since, suspended(now));
		}
		else {
			this.registry.figures().ended(this.waitedBefore + now - this.began, 0, 0);
		}
	}

	/**
	 * Return how long no thread has run the request since it first ran.
	 */
	private long suspended(long now) {
		return (this.thread != null) ? this.suspended : this.suspended + now - this.suspendedAt;
	}

	/**
	 * Return how long threads have run the request so far, 0 once it has ended.
	 */
	synchronized long running(long now) {
		return (this.ended || !this.ran) ? 0 : Math.max(0, now - this.since - suspended(now));
	}

	/**
	 * Return when the request arrived, or when it was queued if it then waited for a
	 * thread.
	 */
	public long came() {
		return this.began - this.waitedBefore;
	}

	/**
	 * Return whether the request has ended.
	 * @return whether it has ended
	 */
	public synchronized boolean hasEnded() {
		return this.ended;
	}

	/**
	 * Return whether the request has exceeded its time limit, so that its response is
	 * replaced.
	 * @return whether the request was interrupted or made to time out
	 */
	public boolean isOverdue() {
		return this.overdue;
	}

	/**
	 * Clear an interrupt of the calling thread that was meant for the request. Otherwise
	 * it would close the connection at the next write.
	 */
	public synchronized void leave() {
		if (this.interrupted == Thread.currentThread()) {
			Thread.interrupted();
			this.interrupted = null;
		}
	}

	/**
	 * Return whether a thread runs the request.
	 * @param candidate the thread
	 * @return whether it runs the request
	 */
	public synchronized boolean runsOn(Thread candidate) {
		return this.thread == candidate;
	}

	/**
	 * Give the request more time from now on.
	 * @return whether the request is not yet overdue
	 */
	public synchronized boolean extend(long nanos) {
		long until = this.registry.now() + nanos;
		if (!this.extended || until - this.extendedUntil > 0) {
			this.extended = true;
			this.extendedUntil = until;
		}
		return !this.overdue;
	}

	/**
	 * End the time of the request if its limit has passed: interrupt its thread, or make
	 * it time out if none runs it.
	 * @return its activity, or {@code null} if it has ended or has time left
	 */
	synchronized @Nullable Activity expire(long now, long limit) {
		if (this.ended || this.overdue || now - this.since < limit || (this.extended && now - this.extendedUntil < 0)) {
			return null;
		}
		this.overdue = true;
		return tell();
	}

	/**
	 * End the time of the request now, whatever its limit. The effect is the same as at
	 * its limit.
	 * @return its activity, or {@code null} if it has ended
	 */
	synchronized @Nullable Activity endNow() {
		if (this.ended) {
			return null;
		}
		this.overdue = true;
		return tell();
	}

	/**
	 * Interrupt an overdue request if a thread runs it and has not been interrupted.
	 * @return its activity, or {@code null} if nothing was interrupted
	 */
	synchronized @Nullable Activity tellNow() {
		return (this.ended || this.told || this.thread == null) ? null : tell();
	}

	private Activity tell() {
		Activity activity = activity();
		if (this.thread != null) {
			this.told = true;
			this.interrupted = this.thread;
			this.thread.interrupt();
		}
		else {
			timeOut();
		}
		return activity;
	}

	private void timeOut() {
		if (this.suspension != null) {
			try {
				this.suspension.timeOut();
			}
			catch (RuntimeException ex) {
				// The request ends by itself
			}
			this.suspension = null;
		}
	}

	/**
	 * Return whether a thread runs the request. It does not if the request waits to run
	 * or is asynchronous.
	 */
	public synchronized boolean isRun() {
		return !this.ended && !this.waiting && this.thread != null;
	}

	/**
	 * Return the activity of the request, or {@code null} if it has ended.
	 */
	public synchronized @Nullable Activity currentActivity() {
		return this.ended ? null : activity();
	}

	/**
	 * Find the code that the request runs, and write it to its row.
	 * @return the application's first frames; none if no thread runs it
	 */
	synchronized List<String> locate(ApplicationFrames finder, long now) {
		Thread current = this.thread;
		if (this.ended || current == null || this.waiting) {
			return List.of();
		}
		this.frames = finder.first(current.getStackTrace(), MAX_FRAMES);
		this.lookedAt = now;
		this.registry.rows().stack(this.row, this.frames);
		return this.frames;
	}

	/**
	 * Return when the request was last located, if it was.
	 */
	synchronized long locatedAt(long otherwise) {
		return this.frames.isEmpty() ? otherwise : this.lookedAt;
	}

	/**
	 * Return the frames of the request when it was last located.
	 */
	public synchronized List<String> frames() {
		return this.frames;
	}

	private Activity activity() {
		Thread current = this.thread;
		return (current != null) ? new Activity(name(current), current.getStackTrace(), this.waiting)
				: new Activity(null, new StackTraceElement[0], this.waiting);
	}

	private static String name(Thread thread) {
		return thread.getName().isEmpty() ? "#" + thread.threadId() : thread.getName();
	}

	synchronized RequestSnapshot snapshot(long now) {
		return new RequestSnapshot(this.number, this.method, path(), Duration.ofNanos(Math.max(0, now - this.since)),
				stage(), (this.thread != null) ? name(this.thread) : "asynchronous", this.frames);
	}

	RequestWatch.@Nullable Finding finding() {
		return this.finding;
	}

	void setFinding(RequestWatch.Finding newFinding) {
		this.finding = newFinding;
	}

}
