package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.Comparator;

import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.FleetState.Dump;
import dev.tomcorn.core.arbiter.FleetState.Pending;
import dev.tomcorn.core.arbiter.FleetState.Phase;
import dev.tomcorn.core.arbiter.FleetState.Replacement;
import dev.tomcorn.core.arbiter.WorkerHandle.Lifecycle;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the operations of operators. Each gets exactly one answer: at once, or at
 * the operation's end if the requester waits for the outcome.
 */
final class Operations {

	/**
	 * Time for a dump beyond the limit for the diagnostics of a worker that is killed.
	 */
	static final Duration DUMP_MARGIN = Duration.ofSeconds(10);

	/**
	 * Most operations that may be pending at a time, reloads aside.
	 */
	static final int MAX_PENDING = 64;

	static final String RECYCLE_REASON = "an operator asked for it";

	private static final String REQUESTED = "asked for by an operator";

	/**
	 * Order in which an operation chooses among several workers of an index.
	 */
	private static final Comparator<WorkerHandle> SERVING_FIRST = Comparator
		.comparing((WorkerHandle worker) -> !worker.is(Lifecycle.READY))
		.thenComparing((worker) -> !worker.is(Lifecycle.STANDBY))
		.thenComparing(WorkerHandle::age);

	private final FleetDraft draft;

	private final Staffing staffing;

	private final Reloads reloads;

	private final Ending ending;

	Operations(FleetDraft draft, Staffing staffing, Reloads reloads, Ending ending) {
		this.draft = draft;
		this.staffing = staffing;
		this.reloads = reloads;
		this.ending = ending;
	}

	void take(Requester requester, Operation operation) {
		switch (operation) {
			case Operation.Scale(int workers, boolean awaitEnd) -> scale(requester, workers, awaitEnd);
			case Operation.Reload(boolean awaitEnd, String release) -> reload(requester, awaitEnd, release);
			case Operation.Recycle(int index, boolean awaitEnd) -> recycle(requester, index, awaitEnd);
			case Operation.Dump(int index) -> dump(requester, index);
			case Operation.Stop(boolean fast) -> stop(requester, fast);
			case Operation.Pause(boolean awaitEnd) -> pause(requester, awaitEnd);
			case Operation.Resume(boolean awaitEnd) -> resume(requester, awaitEnd);
		}
	}

	private void scale(Requester requester, int workers, boolean awaitEnd) {
		int most = ArbiterSettings.MAX_WORKERS - this.draft.settings.standby();
		if (workers < 1 || workers > most) {
			this.draft.answer(requester,
					new Answer(Answer.Outcome.INVALID, "Not scaling to %d workers: the limits are 1 and %d%s"
						.formatted(workers, most, (most < ArbiterSettings.MAX_WORKERS) ? ", standbys aside" : "")));
			return;
		}
		String obstacle = obstacle(awaitEnd);
		if (obstacle != null) {
			refuse(requester, "Not scaling to %d workers: %s".formatted(workers, obstacle));
			return;
		}
		int from = this.draft.target;
		if (awaitEnd) {
			this.draft.await(new Pending.Scaling(requester, this.draft.now, workers));
		}
		else if (workers == from) {
			this.draft.answer(requester,
					Answer.succeeded("The fleet already has a target of %d workers".formatted(workers)));
		}
		else {
			this.draft.answer(requester, Answer.started("Scaling from %d to %d workers".formatted(from, workers)));
		}
		if (workers != from) {
			this.staffing.scaleTo(workers);
		}
	}

	/**
	 * Return why an operation on workers is refused now, or {@code null}.
	 */
	private @Nullable String obstacle(boolean awaitEnd) {
		String obstacle = obstacleToAll(awaitEnd);
		return (obstacle == null && this.draft.paused) ? "the fleet is paused, until it is resumed or reloaded"
				: obstacle;
	}

	/**
	 * Return why any operation is refused now, or {@code null}.
	 */
	private @Nullable String obstacleToAll(boolean awaitEnd) {
		String end = this.draft.end();
		if (end != null) {
			return end;
		}
		if (this.draft.phase == Phase.BOOTING) {
			return "the first worker has not booted yet";
		}
		if (this.draft.replacement == Replacement.STARTING) {
			return "the arbiter is being replaced";
		}
		return (awaitEnd && this.draft.pending().size() >= MAX_PENDING) ? "too many clients wait for an outcome" : null;
	}

	private void refuse(Requester requester, String message) {
		this.draft.announce(Level.WARN, "%s", message);
		this.draft.answer(requester, Answer.failed(message));
	}

	private void pause(Requester requester, boolean awaitEnd) {
		String obstacle = obstacleToAll(awaitEnd);
		if (obstacle != null || this.draft.paused) {
			refuse(requester, "Not pausing: " + ((obstacle != null) ? obstacle : "the fleet is paused already"));
			return;
		}
		if (awaitEnd) {
			this.draft.await(new Pending.Pausing(requester, this.draft.now));
		}
		else {
			this.draft.answer(requester, Answer.started("Pausing: draining %d worker(s), at most %s"
				.formatted(this.draft.all().size(), FleetDraft.text(this.draft.settings.gracefulTimeout()))));
		}
		this.ending.pause();
	}

	private void resume(Requester requester, boolean awaitEnd) {
		String obstacle = obstacleToAll(awaitEnd);
		if (obstacle != null || !this.draft.paused) {
			refuse(requester, "Not resuming: " + ((obstacle != null) ? obstacle : "the fleet is not paused"));
			return;
		}
		if (awaitEnd) {
			this.draft.await(new Pending.Resuming(requester, this.draft.now));
		}
		else {
			this.draft.answer(requester, Answer.started("Resuming with %d worker(s)".formatted(this.draft.target)));
		}
		this.staffing.resume();
	}

	private void reload(Requester requester, boolean awaitEnd, String release) {
		if (awaitEnd) {
			this.reloads.request(requester, release);
			return;
		}
		String obstacle = this.reloads.obstacle(release);
		boolean another = this.draft.reload != null;
		this.reloads.request(Requester.NOBODY, release);
		this.draft.answer(requester,
				(obstacle != null) ? Answer.failed("Not reloading: " + obstacle)
						: Answer.started(another ? "Another reload follows the one under way"
								: "Reloading: generation %d is on its way".formatted(this.reloads.nextGeneration())));
	}

	private void recycle(Requester requester, int index, boolean awaitEnd) {
		String refusal = "Not recycling worker %d".formatted(index);
		String obstacle = obstacle(awaitEnd);
		WorkerHandle worker = this.draft.active()
			.filter((candidate) -> candidate.index() == index)
			.min(SERVING_FIRST)
			.orElse(null);
		if (obstacle != null) {
			refuse(requester, refusal + ": " + obstacle);
		}
		else if (worker == null) {
			unknown(requester, refusal, index);
		}
		else {
			recycle(requester, worker, refusal, awaitEnd);
		}
	}

	private void recycle(Requester requester, WorkerHandle worker, String refusal, boolean awaitEnd) {
		String obstacle = obstacleTo(worker, awaitEnd);
		if (obstacle != null) {
			refuse(requester, refusal + ": " + obstacle);
			return;
		}
		if (awaitEnd) {
			this.draft
				.await(new Pending.Recycling(requester, this.draft.now, worker.age(), worker.index(), worker.label()));
		}
		else {
			this.draft.answer(requester,
					Answer.started(worker.label() + " is being replaced, and serves until its successor is ready"));
		}
		this.staffing.recycle(worker.age(), RECYCLE_REASON);
	}

	private @Nullable String obstacleTo(WorkerHandle worker, boolean awaitEnd) {
		if (this.draft.reload != null) {
			return "a reload is under way, which replaces every worker";
		}
		// A requester that waits for the outcome may join
		if (worker.recycle() != null && !awaitEnd) {
			return "it is being replaced already (%s)".formatted(worker.recycle());
		}
		return worker.is(Lifecycle.STARTING) ? "it is still booting" : null;
	}

	private void unknown(Requester requester, String refusal, int index) {
		boolean leaving = this.draft.all().stream().anyMatch((worker) -> worker.index() == index);
		if (leaving) {
			refuse(requester, refusal + ": it is ending");
			return;
		}
		String there = this.draft.all().stream().map(WorkerHandle::index).distinct().sorted().toList().toString();
		this.draft.answer(requester,
				new Answer(Answer.Outcome.UNKNOWN, "%s: there is no such worker, only %s".formatted(refusal, there)));
	}

	private void dump(Requester requester, int index) {
		WorkerHandle worker = this.draft.all()
			.stream()
			.filter((candidate) -> candidate.index() == index && candidate.mayBeDumped())
			.min(SERVING_FIRST)
			.orElse(null);
		if (worker == null) {
			unknown(requester, "Not dumping worker %d".formatted(index), index);
		}
		else if (worker.pid() == 0) {
			refuse(requester, "Not dumping worker %d: its process has not started yet".formatted(index));
		}
		else if (this.draft.dumps().containsKey(worker.age())) {
			refuse(requester, "Not dumping worker %d: a dump is under way already".formatted(index));
		}
		else {
			this.draft.dump(worker, REQUESTED, requester, this.draft.now + limit().toNanos());
		}
	}

	private Duration limit() {
		return this.draft.settings.recordLimit().plus(DUMP_MARGIN);
	}

	/**
	 * Answer the requester of a dump that has ended.
	 */
	void dumped(long age, String folder) {
		Dump dump = this.draft.dumps().get(age);
		if (dump != null) {
			this.draft.dumped(age, folder.isEmpty()
					? Answer.failed("Nothing about worker %d could be written: the arbiter's log says why, unless "
						.formatted(dump.index()) + "tomcorn.incidents.max-count is 0")
					: Answer.succeeded("What is known about worker %d (pid %d) is in %s".formatted(dump.index(),
							dump.pid(), folder)));
		}
	}

	void tick() {
		this.draft.dumps().forEach((age, dump) -> {
			if (this.draft.now >= dump.answerBy()) {
				this.draft.dumped(age,
						Answer.failed("The dump of worker %d has not ended in time".formatted(dump.index())));
			}
		});
	}

	private void stop(Requester requester, boolean fast) {
		if (this.draft.stopping() && !fast) {
			this.draft.answer(requester, Answer.started("The fleet is stopping already"));
			return;
		}
		this.draft.answer(requester,
				Answer.started(fast ? "Stopping without waiting for requests"
						: "Stopping: draining %d worker(s), at most %s".formatted(this.draft.all().size(),
								FleetDraft.text(this.draft.settings.gracefulTimeout()))));
		if (fast) {
			this.ending.stopFast();
		}
		else {
			this.ending.stop();
		}
	}

}
