package dev.tomcorn.core.arbiter;

import java.time.Duration;

import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.FleetReport.ReleaseReport;
import dev.tomcorn.core.arbiter.FleetReport.ReloadOutcome;
import dev.tomcorn.core.arbiter.FleetReport.ReloadReport;
import dev.tomcorn.core.arbiter.FleetState.Preparation;
import dev.tomcorn.core.arbiter.FleetState.Reload;
import org.jspecify.annotations.Nullable;

/**
 * The releases that generations start from. A release is found, copied and prepared
 * before the first worker of its generation is spawned. That takes time and may hang.
 */
final class Preparations {

	/**
	 * Longer than the limits of all its steps together.
	 */
	static final Duration LIMIT = Duration.ofMinutes(2);

	private final FleetDraft draft;

	Preparations(FleetDraft draft) {
		this.draft = draft;
	}

	/**
	 * Start the preparation of a generation's release.
	 * @param wanted first digits of the key of a kept release, or empty for the files on
	 * disk now
	 * @param before the report of the previous reload, or {@code null}
	 */
	void begin(int generation, String wanted, @Nullable ReloadReport before) {
		if (!this.draft.keepsReleases) {
			return;
		}
		this.draft.preparation = new Preparation(generation, this.draft.now, this.draft.now + LIMIT.toNanos(),
				!wanted.isEmpty(), before);
		this.draft.command(new Command.Prepare(generation, this.draft.now, wanted));
	}

	/**
	 * Take the outcome of a preparation.
	 * @return why there is none, or {@code null}
	 */
	@Nullable String prepared(Event.Prepared event) {
		Preparation preparation = this.draft.preparation;
		if (preparation == null || preparation.generation() != event.generation()
				|| preparation.since() != event.since()) {
			return null;
		}
		if (!event.refusal().isEmpty()) {
			return event.refusal();
		}
		take(event.release());
		return null;
	}

	/**
	 * Go on without a release whose preparation takes too long, unless an operator
	 * requested that particular release.
	 * @return why the reload fails, or {@code null}
	 */
	@Nullable String tick() {
		Preparation preparation = this.draft.preparation;
		if (preparation != null && this.draft.now >= preparation.until()) {
			if (preparation.wanted()) {
				return "the release was not ready within " + FleetDraft.text(LIMIT);
			}
			this.draft.announce(Level.WARN,
					"The release of generation %d was not ready within %s: its workers start from the files on disk",
					preparation.generation(), FleetDraft.text(LIMIT));
			take(ApplicationRelease.AS_GIVEN);
		}
		return null;
	}

	private void take(ApplicationRelease release) {
		Preparation preparation = this.draft.preparation;
		if (preparation == null) {
			return;
		}
		this.draft.preparation = null;
		if (release.kept()) {
			this.draft.announce(Level.INFO, "Generation %d starts from %s", preparation.generation(), release.label());
		}
		this.draft.command(new Command.Adopt(preparation.generation(), release));
		if (preparation.generation() == this.draft.generation) {
			current(release);
		}
		else {
			this.draft.next = release;
		}
	}

	/**
	 * Spawn all workers from the release of the reload under way, whose generation is
	 * proven.
	 */
	void proven() {
		current(this.draft.next);
	}

	private void current(ApplicationRelease release) {
		this.draft.release = release;
		ApplicationRelease waiting = this.draft.report.releases().waiting();
		boolean other = release.kept() && !waiting.key().equals(release.key());
		this.draft.report = this.draft.report
			.releases(new ReleaseReport(release, other ? waiting : ApplicationRelease.AS_GIVEN));
	}

	/**
	 * Take the end of a reload. A release that did not boot waits for another reload.
	 */
	void ended(Reload reload, ReloadOutcome outcome) {
		boolean known = this.draft.preparation == null;
		this.draft.preparation = null;
		if (known && outcome == ReloadOutcome.FAILED && !reload.proven()) {
			this.draft.report = this.draft.report.releases(new ReleaseReport(this.draft.release, this.draft.next));
		}
		this.draft.next = ApplicationRelease.AS_GIVEN;
	}

	/**
	 * Take the release on disk. It waits for a reload if it differs from the current one.
	 * The current one waits, too, if a reload to it has failed.
	 */
	void onDisk(ApplicationRelease onDisk) {
		ApplicationRelease current = this.draft.release;
		if (!current.kept()) {
			return;
		}
		boolean same = onDisk.key().equals(current.key());
		boolean failed = this.draft.report.releases().waiting().key().equals(current.key());
		if (!same || !failed) {
			this.draft.report = this.draft.report
				.releases(new ReleaseReport(current, same ? ApplicationRelease.AS_GIVEN : onDisk));
		}
	}

	/**
	 * Return whether the release of the generation to spawn is still unknown.
	 */
	boolean underWay() {
		return this.draft.preparation != null;
	}

}
