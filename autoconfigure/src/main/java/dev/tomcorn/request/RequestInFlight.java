package dev.tomcorn.request;

import java.time.Duration;
import java.util.List;

import dev.tomcorn.core.incident.ApplicationFrames;
import dev.tomcorn.core.scoreboard.WorkerRecord;
import dev.tomcorn.core.scoreboard.WorkerRecord.Stage;
import org.jspecify.annotations.Nullable;

/**
 * A request that this worker has begun and not ended. Nothing of it outlives the request
 * in Tomcat, which uses its objects again. An interrupt and the end of what it is meant
 * for exclude each other, so that it can never hit anything else.
 */
public final class RequestInFlight {

	private static final int MAX_PATH_LENGTH = 500;

	private static final int MAX_FRAMES = 3;

	private final RequestsInFlight registry;

	private final Long number;

	private final String method;

	private final String uri;

	private final String contextPath;

	/**
	 * When it came, and how long it had waited until then.
	 */
	private final long began;

	private final long waitedBefore;

	/**
	 * Where others see it, if they do.
	 */
	private int row;

	/**
	 * Where it stood when it was looked at last, and when that was.
	 */
	private List<String> frames = List.of();

	private long lookedAt;

	/**
	 * When it began to run, or when it came if it has not.
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
		this.row = registry.rows().begin(number, method, uriWithoutParameters(), came());
	}

	private String uriWithoutParameters() {
		return (this.uri.indexOf(';') < 0) ? this.uri : path();
	}

	/**
	 * Have others see the request if there was no room for it when it came.
	 * @return whether they do, or it has ended
	 */
	synchronized boolean seen() {
		if (this.row == WorkerRecord.NO_ROW && !this.ended) {
			this.row = this.registry.rows().beginLate(this.number, this.method, uriWithoutParameters(), came());
			stage(stage());
		}
		return this.ended || this.row != WorkerRecord.NO_ROW;
	}

	/**
	 * Return whether others see the request, or are about to.
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
		 * Have the request time out. Must neither block nor wait for a lock.
		 */
		void timeOut();

	}

	/**
	 * What a request was doing.
	 *
	 * @param thread name of the thread that runs it, or {@code null} if none does
	 * @param stack what that does
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
	 * Return the path for people: without parameters, which may hold a session, and
	 * without anything that could be taken for another line.
	 */
	public String path() {
		StringBuilder path = new StringBuilder(Math.min(this.uri.length(), MAX_PATH_LENGTH));
		boolean parameter = false;
		for (int i = 0; i < this.uri.length() && path.length() < MAX_PATH_LENGTH; i++) {
			char character = this.uri.charAt(i);
			parameter = (character == ';') || (parameter && character != '/');
			if (!parameter) {
				path.append(Character.isISOControl(character) ? '?' : character);
			}
		}
		return path.toString();
	}

	/**
	 * Return the path within the application, as it was sent.
	 */
	String pathInApplication() {
		return this.uri.startsWith(this.contextPath) ? this.uri.substring(this.contextPath.length()) : this.uri;
	}

	/**
	 * Return for how long the request has run.
	 * @param now the time, as {@link RequestsInFlight#now()} has it
	 * @return nanoseconds
	 */
	public synchronized long age(long now) {
		return now - this.since;
	}

	/**
	 * Note that the request waits until others end.
	 */
	public synchronized void waits() {
		this.waiting = true;
		this.ran = false;
		stage(Stage.WAITING);
	}

	/**
	 * Note that a request which has waited runs; its time begins anew.
	 * @return whether to run it, rather than to refuse it since its time has passed
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
	 * Note that no thread runs the request for now. The calling thread is free of an
	 * interrupt that was meant for the request.
	 * @param newSuspension what ends the request meanwhile, or {@code null} if nothing
	 * can
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
	 * Note that the calling thread runs the request again.
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
	 * Note that the request has ended; more than once does no harm. The calling thread is
	 * free of an interrupt that was meant for the request, and none comes any more.
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
	 * Return when the request came, or was handed over if it then waited for a thread.
	 */
	public long came() {
		return this.began - this.waitedBefore;
	}

	/**
	 * Return whether the end of the request has been told.
	 * @return whether it has ended
	 */
	public synchronized boolean hasEnded() {
		return this.ended;
	}

	/**
	 * Return whether the limit on the request's time has passed, so that what it answers
	 * is of no interest any more.
	 * @return whether the request was interrupted or told to time out
	 */
	public boolean isOverdue() {
		return this.overdue;
	}

	/**
	 * Free the calling thread, which runs the request, of an interrupt that was meant for
	 * it. An interrupt that is left over would close the connection at the next write.
	 */
	public synchronized void leave() {
		if (this.interrupted == Thread.currentThread()) {
			Thread.interrupted();
			this.interrupted = null;
		}
	}

	/**
	 * Return whether a thread runs the request, so that what it begins belongs to it.
	 * @param candidate the thread
	 * @return whether it runs the request
	 */
	public synchronized boolean runsOn(Thread candidate) {
		return this.thread == candidate;
	}

	/**
	 * Give the request more time from now on.
	 * @return whether it is not too late for that
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
	 * End the time of the request if its limit has passed: interrupt its thread, or have
	 * it time out if none runs it.
	 * @return what it was doing, or {@code null} if it has ended or time left
	 */
	synchronized @Nullable Activity expire(long now, long limit) {
		if (this.ended || this.overdue || now - this.since < limit || (this.extended && now - this.extendedUntil < 0)) {
			return null;
		}
		this.overdue = true;
		return tell();
	}

	/**
	 * End the time of the request now, whatever it was given: the same happens as at its
	 * limit.
	 * @return what it was doing, or {@code null} if it has ended
	 */
	synchronized @Nullable Activity endNow() {
		if (this.ended) {
			return null;
		}
		this.overdue = true;
		return tell();
	}

	/**
	 * Tell the request that its time has ended, if it can be told and has not been.
	 * @return what it was doing, or {@code null} if no thread can be told
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
				// It ends by itself
			}
			this.suspension = null;
		}
	}

	/**
	 * Return whether a thread runs the request, rather than that it waits to be run or is
	 * asynchronous.
	 */
	public synchronized boolean isRun() {
		return !this.ended && !this.waiting && this.thread != null;
	}

	/**
	 * Return what the request is doing, or {@code null} if it has ended.
	 */
	public synchronized @Nullable Activity currentActivity() {
		return this.ended ? null : activity();
	}

	/**
	 * Find out where the request stands, and let others see it.
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
	 * Return when the request was last looked at, if it was.
	 */
	synchronized long locatedAt(long otherwise) {
		return this.frames.isEmpty() ? otherwise : this.lookedAt;
	}

	/**
	 * Return where the request stood when it was looked at last.
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
