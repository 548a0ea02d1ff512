package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.FleetReport.ReloadOutcome;
import dev.tomcorn.core.arbiter.FleetReport.ReloadReport;
import dev.tomcorn.core.arbiter.FleetState.Phase;
import dev.tomcorn.core.arbiter.FleetState.Preparation;
import dev.tomcorn.core.arbiter.FleetState.Reload;
import dev.tomcorn.core.arbiter.FleetState.Replacement;
import dev.tomcorn.core.arbiter.WorkerHandle.Lifecycle;
import org.jspecify.annotations.Nullable;

/**
 * Replaces one generation of workers by the next. One new worker goes ahead. Once it is
 * ready, the new generation is proven and the others follow. If it fails, nothing
 * changes.
 */
final class Reloads {

	/**
	 * Deaths of workers of a proven generation that end its reload.
	 */
	private static final int MAX_FAILURES = 3;

	private static final int MAX_QUEUE = 64;

	private final FleetDraft draft;

	private final Preparations preparations;

	private final BootPolicy boots;

	Reloads(FleetDraft draft, Preparations preparations, BootPolicy boots) {
		this.draft = draft;
		this.preparations = preparations;
		this.boots = boots;
	}

	/**
	 * Request a reload.
	 * @param wanted first digits of the key of a kept release, or empty for the files on
	 * disk
	 */
	void request(Requester request, String wanted) {
		String obstacle = obstacle(wanted);
		if (obstacle != null) {
			this.draft.announce(Level.WARN, "Not reloading: %s", obstacle);
			answer(request, false, "Not reloading: " + obstacle);
			this.draft.command(new Command.RefuseReload(obstacle));
		}
		else if (this.draft.reload == null) {
			begin(List.of(request), wanted);
		}
		else if (!this.draft.queue.contains(request)) {
			// The files on disk may be newer than those that the reload under way has
			// loaded
			List<Requester> queue = new ArrayList<>(this.draft.queue);
			queue.add(request);
			this.draft.queue = queue;
			this.draft.announce(Level.INFO, "Another reload follows the one under way");
		}
	}

	/**
	 * Return why a reload is refused, or {@code null} if it is not.
	 */
	@Nullable String obstacle(String wanted) {
		if (this.draft.stopping()) {
			return "the fleet is stopping";
		}
		if (this.draft.phase == Phase.BOOTING) {
			return "the first worker has not booted yet";
		}
		if (this.draft.replacement == Replacement.STARTING) {
			return "the arbiter is being replaced";
		}
		if (!wanted.isEmpty() && this.draft.reload != null) {
			return "a reload is under way";
		}
		if (!wanted.isEmpty() && !this.draft.keepsReleases) {
			return "no releases are kept (tomcorn.preload.enabled)";
		}
		return (this.draft.queue.size() >= MAX_QUEUE) ? "too many reloads are requested" : null;
	}

	private void begin(List<Requester> requests, String wanted) {
		int next = this.draft.generation + 1;
		this.draft.reload = new Reload(next, this.draft.now, false, requests, 0);
		this.draft.queue = List.of();
		this.draft.paused(false);
		// The files on disk may contain the fix
		this.draft.forgetCrashes((index) -> true);
		ReloadReport before = this.draft.report.reload();
		this.draft.report = this.draft.report
			.reload(new ReloadReport(next, ReloadOutcome.RUNNING, this.draft.now, 0, "", ""));
		this.draft.announce(Level.INFO, "Reloading: generation %d is on its way", next);
		this.preparations.begin(next, wanted, before);
		this.draft.notify(new FleetEvent.ReloadStarted(next));
		this.draft.publish();
	}

	/**
	 * Return the generation of the reload under way, else the current one.
	 */
	int nextGeneration() {
		Reload reload = this.draft.reload;
		return (reload != null) ? reload.generation() : this.draft.generation;
	}

	/**
	 * Return the generation of a worker that is spawned now: that of the reload under
	 * way, unless its release is not ready.
	 */
	int generationToSpawn() {
		return this.preparations.underWay() ? this.draft.generation : nextGeneration();
	}

	/**
	 * Return whether a worker may be spawned. Until the new generation is proven, only
	 * one boots at a time.
	 */
	boolean maySpawn() {
		Reload reload = this.draft.reload;
		return reload == null || reload.proven() || this.preparations.underWay()
				|| this.draft.active().noneMatch((worker) -> worker.generation() == reload.generation());
	}

	void ready(WorkerHandle worker, @Nullable ArbiterSettings settings) {
		Reload reload = this.draft.reload;
		if (reload == null || worker.generation() != reload.generation()) {
			return;
		}
		this.draft.reload = new Reload(reload.generation(), reload.startedAt(), true, reload.requests(),
				reload.failures());
		if (!reload.proven()) {
			this.draft.generation = reload.generation();
			this.preparations.proven();
			if (settings != null && !settings.equals(this.draft.settings)) {
				adopt(settings);
			}
			this.draft.publish();
		}
	}

	private void adopt(ArbiterSettings settings) {
		ArbiterSettings old = this.draft.settings;
		this.draft.announce(Level.INFO, "Settings change with generation %d: %s", this.draft.generation,
				settings.changesSince(old));
		this.draft.settings = settings;
		int most = ArbiterSettings.MAX_WORKERS - settings.standby();
		int target = Math.min((settings.workers() != old.workers()) ? settings.workers() : this.draft.target, most);
		if (target != this.draft.target) {
			this.draft.notify(new FleetEvent.Scaled(this.draft.target, target));
			this.draft.target = target;
		}
	}

	/**
	 * Handle the unplanned end of a worker.
	 * @return whether the reload has failed with it, because no worker of the new
	 * generation was ready
	 */
	boolean lost(WorkerHandle worker, Death death, boolean booting) {
		Reload reload = this.draft.reload;
		if (reload == null || worker.generation() != reload.generation()) {
			return false;
		}
		int failures = reload.failures() + 1;
		if (!reload.proven() || failures >= MAX_FAILURES) {
			String sentence = booting ? worker.bootFailure() : null;
			fail((sentence != null) ? "%s could not boot: %s".formatted(worker.label(), sentence)
					: "%s: %s".formatted(worker.label(), death.description()),
					(worker.failure() != null) ? worker.failure() : "");
			return booting;
		}
		this.draft.reload = new Reload(reload.generation(), reload.startedAt(), true, reload.requests(), failures);
		return false;
	}

	/**
	 * Add the report of a failed worker, which arrives after its failure.
	 */
	void addFailure(String failure) {
		ReloadReport report = this.draft.report.reload();
		if (report != null && report.outcome() == ReloadOutcome.FAILED && report.failure().isEmpty()) {
			this.draft.report = this.draft.report.reload(new ReloadReport(report.generation(), report.outcome(),
					report.startedAt(), report.endedAt(), report.cause(), FleetDraft.limited(failure)));
		}
	}

	/**
	 * Spawn the next worker of the new generation, or end the reload if none is left to
	 * replace.
	 */
	void advance() {
		Reload reload = this.draft.reload;
		if (reload == null || this.preparations.underWay()) {
			return;
		}
		List<WorkerHandle> old = this.draft.active()
			.filter((worker) -> worker.generation() < reload.generation())
			.sorted(Comparator.comparing((WorkerHandle worker) -> !worker.is(Lifecycle.READY))
				// The worker of a waiting requester comes last: it must serve to pass the
				// answer on
				.thenComparing(reload::askedBy)
				.thenComparing(WorkerHandle::index))
			.toList();
		if (!reload.proven()) {
			spawnSuccessors(old, reload);
			return;
		}
		// Those that still boot may have loaded the previous version
		old.stream()
			.filter((worker) -> worker.is(Lifecycle.STARTING))
			.forEach((worker) -> this.draft.retire(worker, "it may have loaded the previous version"));
		if (!isWhole(old.isEmpty())) {
			return;
		}
		if (old.isEmpty()) {
			succeed(reload);
		}
		else {
			spawnSuccessors(old.stream().filter((worker) -> !worker.is(Lifecycle.STARTING)).toList(), reload);
		}
	}

	/**
	 * Spawn as many successors as the surge allows and as may boot without slowing
	 * requests down.
	 */
	private void spawnSuccessors(List<WorkerHandle> old, Reload reload) {
		for (WorkerHandle worker : old) {
			if (this.draft.counterpart(worker) == null && maySpawn() && this.draft.maySpawn(worker.index())
					&& this.draft.room(this.draft.settings.reloadSurge())
					&& booting(reload) < this.boots.together(this.draft.busy)) {
				this.draft.spawn(worker.index(), reload.generation());
			}
		}
	}

	/**
	 * Return how many workers of the new generation boot. Those of the old generation do
	 * not count: one may hang in its boot, and the reload may be the fix.
	 */
	private int booting(Reload reload) {
		return this.draft
			.active((worker) -> worker.is(Lifecycle.STARTING) && worker.generation() == reload.generation())
			.size();
	}

	/**
	 * Return whether enough workers serve. No worker is replaced while another is
	 * missing.
	 * @param standby whether standbys must be ready, too
	 */
	private boolean isWhole(boolean standby) {
		return this.draft.count(Lifecycle.READY) >= this.draft.serving() && (!standby
				|| this.draft.count(Lifecycle.READY) + this.draft.count(Lifecycle.STANDBY) >= this.draft.places());
	}

	private void succeed(Reload reload) {
		String message = "Reload to generation %d succeeded in %s".formatted(reload.generation(),
				FleetDraft.text(Duration.ofNanos(this.draft.now - reload.startedAt())));
		this.draft.announce(Level.INFO, "%s", message);
		end(reload, ReloadOutcome.SUCCEEDED, "", "", message);
	}

	/**
	 * End the reload under way because the requested release does not exist. The current
	 * release stays, and the previous reload remains the last one.
	 */
	void refuse(String reason) {
		Reload reload = this.draft.reload;
		Preparation preparation = this.draft.preparation;
		if (reload == null || preparation == null) {
			return;
		}
		String message = "Not reloading: " + reason;
		this.draft.announce(Level.WARN, "%s", message);
		end(reload, ReloadOutcome.FAILED, reason, "", message);
		if (this.draft.reload == null) {
			this.draft.report = this.draft.report.reload(preparation.before());
		}
	}

	/**
	 * End the reload under way, if any, without success.
	 */
	void fail(String cause, String failure) {
		Reload reload = this.draft.reload;
		if (reload == null) {
			return;
		}
		String message = "Reload to generation %d failed: %s".formatted(reload.generation(), cause);
		this.draft.announce(Level.ERROR, "%s; %s", message,
				reload.proven() ? "workers that were not replaced yet go on serving"
						: "generation " + this.draft.generation + " goes on serving" + replacements());
		for (WorkerHandle worker : this.draft.active((candidate) -> candidate.is(Lifecycle.STARTING))) {
			if (worker.generation() == reload.generation() && this.draft.counterpart(worker) != null) {
				this.draft.retire(worker, "the reload has failed");
			}
		}
		end(reload, ReloadOutcome.FAILED, cause, failure, withDetails(message, failure));
	}

	private String replacements() {
		ApplicationRelease release = this.draft.release;
		// If the same release no longer boots, the reason is in the configuration on disk
		return (release.kept() && !release.key().equals(this.draft.next.key()))
				? ", and workers that die are replaced by " + release.label() : "";
	}

	/**
	 * Add what a report says beyond the sentence that is already in the message.
	 */
	private static String withDetails(String message, String failure) {
		int end = failure.indexOf('\n');
		String first = (end < 0) ? failure : failure.substring(0, end);
		boolean told = message.endsWith(first) || message.endsWith(first.replaceFirst("\\.+$", ""));
		String rest = told ? failure.substring(first.length()).strip() : failure;
		return rest.isEmpty() ? message : message + "\n" + rest;
	}

	private void end(Reload reload, ReloadOutcome outcome, String cause, String failure, String message) {
		this.draft.reload = null;
		this.preparations.ended(reload, outcome);
		this.draft.report = this.draft.report.reload(new ReloadReport(reload.generation(), outcome, reload.startedAt(),
				this.draft.now, FleetDraft.limited(cause), FleetDraft.limited(failure)));
		this.draft.notify(new FleetEvent.ReloadEnded(reload.generation(), outcome == ReloadOutcome.SUCCEEDED, cause));
		reload.requests().forEach((request) -> answer(request, outcome == ReloadOutcome.SUCCEEDED, message));
		if (!this.draft.queue.isEmpty()) {
			if (this.draft.phase == Phase.RUNNING && !this.draft.paused) {
				begin(this.draft.queue, "");
			}
			else {
				this.draft.queue.forEach((request) -> answer(request, false, message));
				this.draft.queue = List.of();
			}
		}
	}

	private void answer(Requester requester, boolean success, String message) {
		this.draft.answer(requester, success ? Answer.succeeded(message) : Answer.failed(message));
	}

}
