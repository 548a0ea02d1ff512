package dev.tomcorn.core.arbiter;

import java.time.Duration;

import dev.tomcorn.core.arbiter.FleetState.Pending;
import dev.tomcorn.core.arbiter.WorkerHandle.Lifecycle;
import org.jspecify.annotations.Nullable;

/**
 * Answers operators who wait for the outcome of a scaling, the recycling of a worker, a
 * pause or a resume. Reads the state after each event and changes nothing.
 */
final class PendingOperations {

	private final FleetDraft draft;

	PendingOperations(FleetDraft draft) {
		this.draft = draft;
	}

	/**
	 * Answer the operations that this event has ended.
	 */
	void settle() {
		for (Pending pending : this.draft.pending()) {
			Answer answer = switch (pending) {
				case Pending.Scaling scaling -> outcome(scaling);
				case Pending.Recycling recycling -> outcome(recycling);
				case Pending.Pausing pausing -> outcome(pausing);
				case Pending.Resuming resuming -> outcome(resuming);
			};
			if (answer != null) {
				this.draft.settle(pending, answer);
			}
		}
	}

	private @Nullable Answer outcome(Pending.Scaling scaling) {
		String what = "Scaling to %d workers has not finished: ".formatted(scaling.to());
		String obstacle = obstacle();
		if (obstacle != null) {
			return Answer.failed(what + obstacle);
		}
		if (this.draft.target != scaling.to()) {
			return Answer.failed(what + "the target is now " + this.draft.target);
		}
		Answer failure = failedBoot(what);
		if (failure != null) {
			return failure;
		}
		if (this.draft.count(Lifecycle.READY) < this.draft.serving()
				|| this.draft.filled().size() > this.draft.places()) {
			return null;
		}
		int draining = this.draft.count(Lifecycle.DRAINING);
		return Answer.succeeded("Scaled to %d worker(s) in %s%s".formatted(scaling.to(), since(scaling),
				(draining > 0) ? "; %d more finish their requests".formatted(draining) : ""));
	}

	/**
	 * Return the answer if one of the additional workers failed to boot.
	 */
	private @Nullable Answer failedBoot(String what) {
		for (WorkerFailure failed : this.draft.failures()) {
			if (failed.booting() && !succeeds(failed.worker())) {
				return Answer.failed("%s%s: %s. The arbiter goes on trying%s".formatted(what, failed.worker().label(),
						failed.death().description(), report(failed)));
			}
		}
		return null;
	}

	private @Nullable Answer outcome(Pending.Pausing pausing) {
		String what = "Pausing has not finished: ";
		String end = this.draft.end();
		if (end != null || !this.draft.paused) {
			return Answer.failed(what + ((end != null) ? end : "the fleet was resumed"));
		}
		return this.draft.empty() ? Answer.succeeded("Paused in %s: no worker runs".formatted(since(pausing))) : null;
	}

	private @Nullable Answer outcome(Pending.Resuming resuming) {
		String what = "Resuming has not finished: ";
		String obstacle = obstacle();
		if (obstacle != null) {
			return Answer.failed(what + obstacle);
		}
		Answer failure = failedBoot(what);
		if (failure != null) {
			return failure;
		}
		return (this.draft.count(Lifecycle.READY) >= this.draft.serving())
				? Answer.succeeded("Resumed with %d worker(s) in %s".formatted(this.draft.serving(), since(resuming)))
				: null;
	}

	private @Nullable Answer outcome(Pending.Recycling recycling) {
		String label = recycling.label();
		for (WorkerFailure failed : this.draft.failures()) {
			if (failed.worker().age() == recycling.age()) {
				return Answer
					.failed("%s was lost before it was replaced: %s".formatted(label, failed.death().description()));
			}
			if (failed.booting() && failed.worker().index() == recycling.index()) {
				return Answer.failed("%s serves on, its successor failed: %s. The arbiter goes on trying%s"
					.formatted(label, failed.death().description(), report(failed)));
			}
		}
		String obstacle = obstacle();
		if (obstacle != null) {
			return Answer.failed("%s was not replaced: %s".formatted(label, obstacle));
		}
		WorkerHandle worker = this.draft.worker(recycling.age());
		if (worker != null && worker.active()) {
			return null;
		}
		if (!this.draft.filled().contains(recycling.index()) && this.draft.filled().size() >= this.draft.places()) {
			return Answer
				.failed("%s was retired instead: the target is now %d workers".formatted(label, this.draft.target));
		}
		return Answer.succeeded("%s %s after %s, and finishes its requests".formatted(label,
				this.draft.active((other) -> other.index() == recycling.index() && other.is(Lifecycle.READY))
					.stream()
					.findFirst()
					.map((successor) -> "was replaced by pid " + successor.pid())
					.orElse("was relieved"),
				since(recycling)));
	}

	/**
	 * Return why no operation can succeed any more.
	 */
	private @Nullable String obstacle() {
		String end = this.draft.end();
		return (end == null && this.draft.paused) ? "the fleet is paused" : end;
	}

	/**
	 * Return whether a worker is the successor of another.
	 */
	private boolean succeeds(WorkerHandle worker) {
		return this.draft.active().anyMatch((other) -> other.index() == worker.index() && other.age() < worker.age());
	}

	private static String report(WorkerFailure failed) {
		String failure = failed.worker().failure();
		return (failure != null) ? "\n" + failure : "";
	}

	private String since(Pending pending) {
		return FleetDraft.text(Duration.ofNanos(this.draft.now - pending.since()));
	}

}
