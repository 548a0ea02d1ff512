package dev.tomcorn.core.problem;

import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

import dev.tomcorn.core.arbiter.ProblemKind;
import dev.tomcorn.core.problem.FleetFacts.WorkerView;
import dev.tomcorn.core.scoreboard.Trouble;
import dev.tomcorn.core.scoreboard.WorkerState;

/**
 * Finds problems of one worker.
 */
final class WorkerRules {

	/**
	 * Factor on the time of 99 of 100 requests from which a request is unusual.
	 */
	private static final double UNUSUAL = 10;

	private final ProblemSettings settings;

	WorkerRules(ProblemSettings settings) {
		this.settings = settings;
	}

	/**
	 * The evaluation of one worker.
	 */
	private record Evaluation(WorkerView worker, FleetFacts facts, Predicate<Finding.Key> ongoing,
			List<Finding> findings) {

		void add(ProblemKind kind, long since, String text, String evidence, String remedy) {
			add(kind, since, text, "", evidence, remedy);
		}

		void add(ProblemKind kind, long since, String fact, String outlook, String evidence, String remedy) {
			this.findings
				.add(new Finding(kind, this.worker.index(), this.worker.pid(), since, fact, outlook, evidence, remedy));
		}

		boolean isOngoing(ProblemKind kind) {
			return this.ongoing.test(new Finding.Key(kind, this.worker.index(), this.worker.pid()));
		}

		String name() {
			return "Worker " + this.worker.index();
		}

		long ago(Duration duration) {
			return this.facts.clock() - duration.toMillis();
		}

	}

	void evaluate(WorkerView worker, FleetFacts facts, Predicate<Finding.Key> ongoing, List<Finding> findings) {
		Evaluation evaluation = new Evaluation(worker, facts, ongoing, findings);
		fileDescriptors(evaluation);
		if (!worker.stoppedFor().isZero()) {
			stopped(evaluation);
			if (evaluation.isOngoing(ProblemKind.LONG_REQUEST)) {
				longRequest(evaluation);
			}
			return;
		}
		if (!worker.booted()) {
			return;
		}
		silent(evaluation);
		deadlock(evaluation);
		longRequest(evaluation);
		outOfMemory(evaluation);
		heapFull(evaluation);
		connectionPool(evaluation);
	}

	private void stopped(Evaluation evaluation) {
		WorkerView worker = evaluation.worker();
		if (worker.stoppedFor().compareTo(this.settings.workerStopped()) < 0) {
			return;
		}
		long since = evaluation.ago(worker.stoppedFor());
		evaluation.add(ProblemKind.WORKER_STOPPED, since,
				"%s (pid %d) has been stopped by a signal since %s".formatted(evaluation.name(), worker.pid(),
						ProblemText.time(since)),
				ProblemRules.replacement(worker, evaluation.facts()),
				"/proc/%d/stat: T (stopped)".formatted(worker.pid()),
				"Let it go on with kill -CONT %d, or wait for its replacement.".formatted(worker.pid()));
	}

	private void silent(Evaluation evaluation) {
		WorkerView worker = evaluation.worker();
		if (worker.state() == WorkerState.DRAINING) {
			return;
		}
		if (ProblemRules.carriersHeld(worker)) {
			carriersHeld(evaluation);
		}
		else if (worker.silence().compareTo(this.settings.workerSilent()) >= 0) {
			String span = ProblemText.span(worker.silence());
			String what = (worker.trouble() == Trouble.GARBAGE_COLLECTION)
					? "has done little but collect garbage for " + span
					: worker.answers() ? "has done no useful work for %s, though it answers its arbiter".formatted(span)
							: "has not answered for %s: it gets no CPU, or its JVM stands still".formatted(span);
			evaluation.add(ProblemKind.WORKER_SILENT, evaluation.ago(worker.silence()),
					"%s (pid %d) %s".formatted(evaluation.name(), worker.pid(), what),
					ProblemRules.replacement(worker, evaluation.facts()), "no heartbeat for " + span,
					"See what its threads do: /actuator/workers/%d/threaddump, or jcmd %d Thread.print."
						.formatted(worker.index(), worker.pid()));
		}
		else {
			carriersLent(evaluation);
		}
	}

	/**
	 * No virtual thread runs.
	 */
	private void carriersHeld(Evaluation evaluation) {
		WorkerView worker = evaluation.worker();
		carriersHeld(evaluation, worker.silence(),
				ProblemText.count(worker.waiting(), "request queues", "requests queue"),
				ProblemRules.replacement(worker, evaluation.facts()),
				"no virtual thread has run and no request has ended");
	}

	/**
	 * Virtual threads run on lent carriers.
	 */
	private void carriersLent(Evaluation evaluation) {
		WorkerFacts.Carriers carriers = evaluation.worker().reported().carriers();
		if (carriers != null && carriers.lent() > 0) {
			carriersHeld(evaluation, Duration.ofNanos(Math.max(0, evaluation.facts().now() - carriers.since())),
					"it goes on with %d more, which are lent".formatted(carriers.lent()), "",
					"the same virtual threads have them, at the same place, at every look");
		}
	}

	private void carriersHeld(Evaluation evaluation, Duration time, String consequence, String outlook,
			String evidence) {
		if (time.compareTo(this.settings.carriersHeld()) < 0) {
			return;
		}
		WorkerFacts.Carriers carriers = evaluation.worker().reported().carriers();
		String held = (carriers == null) ? "all carrier threads are held"
				: "%d of %d carrier threads are held%s".formatted(carriers.held(), carriers.parallelism(),
						carriers.place().isEmpty() ? "" : " by " + carriers.place());
		evaluation.add(ProblemKind.CARRIERS_HELD, evaluation.ago(time),
				"%s: %s for %s; %s".formatted(evaluation.name(), held, ProblemText.span(time), consequence), outlook,
				evidence, "Run native calls and long computations on platform threads, or use worker-class gthread.");
	}

	private static void deadlock(Evaluation evaluation) {
		String deadlock = evaluation.worker().reported().deadlock();
		if (!deadlock.isEmpty()) {
			evaluation.add(ProblemKind.DEADLOCK, 0, "%s has a %s".formatted(evaluation.name(), deadlock),
					"; it is being replaced", "the JVM's own search for deadlocks",
					"The log has both stacks: have the code take its locks in one order.");
		}
	}

	private void longRequest(Evaluation evaluation) {
		WorkerFacts.LongRequest request = evaluation.worker().reported().longest();
		if (request == null) {
			return;
		}
		Duration age = Duration.ofNanos(Math.max(0, evaluation.facts().now() - request.began()));
		if (age.compareTo(this.settings.longRequest()) < 0) {
			return;
		}
		if (evaluation.worker().endsItself()) {
			exiting(evaluation, age);
			return;
		}
		if (age.toMillis() < UNUSUAL * request.usualMillis()) {
			return;
		}
		if (request.place().startsWith(WorkerFacts.LongRequest.CLIENT_BODY)) {
			evaluation.add(ProblemKind.LONG_REQUEST, evaluation.ago(age),
					"%s: %s %s waits for its client to send the body, %s after it began".formatted(evaluation.name(),
							request.method(), request.path(), ProblemText.span(age)),
					request.place(), "See the client and its network. Tomcat gives up when nothing has come "
							+ "for server.tomcat.connection-timeout.");
			return;
		}
		evaluation.add(ProblemKind.LONG_REQUEST, evaluation.ago(age),
				"%s: %s %s has run for %s%s%s".formatted(evaluation.name(), request.method(), request.path(),
						ProblemText.span(age), request.place().isEmpty() ? "" : " at " + request.place(),
						(request.usualMillis() > 0)
								? "; 99 of 100 take less than " + ProblemText.millis(request.usualMillis()) : ""),
				"",
				"See its stack with the shell command requests. End it: interrupt it, or set tomcorn.request-timeout.");
	}

	/**
	 * The exit waits for requests. A request that called the exit waits for itself.
	 */
	private static void exiting(Evaluation evaluation, Duration age) {
		WorkerView worker = evaluation.worker();
		long until = evaluation.ago(worker.inState()) + evaluation.facts().gracefulTimeout().toMillis();
		evaluation.add(ProblemKind.LONG_REQUEST, evaluation.ago(age),
				"%s (pid %d) is ending: %s called System.exit".formatted(evaluation.name(), worker.pid(),
						worker.exitCaller()),
				"; it waits for %s until %s".formatted(
						ProblemText.count(Math.max(1, worker.running()), "request", "requests"),
						ProblemText.time(until)),
				"", "A request that calls System.exit waits for itself, until graceful-timeout: have it fail instead.");
	}

	private void outOfMemory(Evaluation evaluation) {
		WorkerFacts reported = evaluation.worker().reported();
		if (reported.memoryFailures() < this.settings.outOfMemory()
				|| evaluation.facts().now() - reported.memoryFailedAt() > this.settings.deaths().toNanos()) {
			return;
		}
		evaluation.add(ProblemKind.OUT_OF_MEMORY, 0,
				"%s: %s with OutOfMemoryError: %s".formatted(evaluation.name(),
						ProblemText.count(reported.memoryFailures(), "request failed", "requests failed"),
						reported.memoryFailure()),
				"counted since the worker's start",
				"Raise -XX:MaxDirectMemorySize or the limit that it names, or recycle the worker to release it.");
	}

	private void heapFull(Evaluation evaluation) {
		WorkerView worker = evaluation.worker();
		double percent = (worker.heapMax() > 0) ? 100.0 * worker.reported().heapAfterGc() / worker.heapMax() : 0;
		if (percent < ProblemRules.limit(this.settings.heapAfterGc(), evaluation.isOngoing(ProblemKind.HEAP_FULL))) {
			return;
		}
		evaluation.add(ProblemKind.HEAP_FULL, 0,
				"%s: %s of its heap is in use after a collection, %s of %s".formatted(evaluation.name(),
						ProblemText.percent(percent), ProblemText.megabytes(worker.reported().heapAfterGc()),
						ProblemText.megabytes(worker.heapMax())),
				"", "Give it a larger heap, set tomcorn.max-heap-after-gc, or see what fills it with a heap dump.");
	}

	private void fileDescriptors(Evaluation evaluation) {
		FleetFacts.Level level = evaluation.worker().descriptors();
		if (level.percent() < ProblemRules.limit(this.settings.fileDescriptors(),
				evaluation.isOngoing(ProblemKind.FILE_DESCRIPTORS)) || level.limit() == 0) {
			return;
		}
		evaluation.add(ProblemKind.FILE_DESCRIPTORS, 0,
				"%s has %d files and connections open, of at most %d%s".formatted(evaluation.name(), level.used(),
						level.limit(),
						(evaluation.worker().connections() > 0) ? "; %s of clients".formatted(ProblemText
							.count(evaluation.worker().connections(), "is a connection", "are connections")) : ""),
				"/proc/%d/fd".formatted(evaluation.worker().pid()),
				"Look for what is not closed with ls -l /proc/%d/fd, or raise the limit (ulimit -n, LimitNOFILE)."
					.formatted(evaluation.worker().pid()));
	}

	private void connectionPool(Evaluation evaluation) {
		WorkerFacts.Pool pool = evaluation.worker().reported().pool();
		if (pool == null) {
			return;
		}
		Duration waited = Duration.ofNanos(Math.max(0, evaluation.facts().now() - pool.since()));
		if (waited.compareTo(this.settings.connectionPool()) < 0) {
			return;
		}
		evaluation.add(ProblemKind.CONNECTION_POOL, evaluation.ago(waited),
				"%s: %s for a connection of %s, which has had none free for %s: %d of %d are in use".formatted(
						evaluation.name(), ProblemText.count(pool.waiting(), "thread waits", "threads wait"),
						pool.name(), ProblemText.span(waited), pool.active(), pool.limit()),
				"the pool's own figures",
				"Look for slow statements and for connections that are not returned, before you enlarge the pool.");
	}

}
