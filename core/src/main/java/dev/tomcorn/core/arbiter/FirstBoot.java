package dev.tomcorn.core.arbiter;

import java.time.Duration;

import dev.tomcorn.core.arbiter.Command.Level;

/**
 * The rules for workers that boot before any worker was ready.
 */
final class FirstBoot {

	/**
	 * Interval between reports of a boot that takes long.
	 */
	private static final Duration TELL_INTERVAL = Duration.ofSeconds(30);

	private static final String LONG_BOOT = "boots for longer than boot-timeout";

	private final FleetDraft draft;

	FirstBoot(FleetDraft draft) {
		this.draft = draft;
	}

	/**
	 * Halt if the first worker fails and no other one boots. A worker that ends by itself
	 * has not failed: it ran as a job.
	 * @param verdict the cause of its death
	 */
	void ended(WorkerHandle worker, Event.Exited exit, Death verdict) {
		boolean failed = worker.verdict() != null || worker.failure() != null || exit.death().cause() != ExitCause.EXIT
				|| !exit.joined();
		boolean last = this.draft.empty();
		if (failed) {
			int exitCode = failureCode(worker, exit);
			String sentence = (worker.verdict() == null) ? worker.bootFailure() : null;
			this.draft.announce(last ? Level.ERROR : Level.WARN, "%s could not boot: %s. %s", worker.label(),
					(sentence != null) ? sentence : verdict.description(),
					last ? "No worker has booted, so the arbiter halts with exit code " + exitCode
							: "Others still boot");
			if (last) {
				this.draft.halt(exitCode);
			}
			else {
				this.draft.crashed(worker.index(), true);
			}
			return;
		}
		if (!last) {
			this.draft.announce((exit.exitCode() == 0) ? Level.INFO : Level.WARN,
					"%s has ended by itself before it served, with exit code %d. Others still boot", worker.label(),
					exit.exitCode());
			return;
		}
		this.draft.announce((exit.exitCode() == 0) ? Level.INFO : Level.WARN,
				"%s has ended by itself before it served: the arbiter ends, too, with the same exit code %d",
				worker.label(), exit.exitCode());
		this.draft.halt(exit.exitCode());
	}

	/**
	 * Return the exit code for a failed boot. An application may choose one above 1,
	 * which is the JVM's own.
	 */
	private static int failureCode(WorkerHandle worker, Event.Exited exit) {
		boolean chosen = worker.failure() != null && worker.verdict() == null && exit.death().cause() == ExitCause.EXIT
				&& exit.exitCode() > 1;
		return chosen ? exit.exitCode() : FleetStateMachine.EXIT_BOOT_FAILURE;
	}

	/**
	 * Do not kill a worker that exceeds the boot timeout while none serves. It may be in
	 * the middle of a database migration, and a replacement would be no faster. If
	 * several boot, this holds for each.
	 */
	void tick(WorkerHandle worker) {
		if (this.draft.now < worker.killAt()) {
			return;
		}
		Duration bootTimeout = this.draft.settings.bootTimeout();
		this.draft.announce(Level.WARN,
				"%s has booted for %s, longer than boot-timeout (%s), and is not killed: no worker serves yet",
				worker.label(), FleetDraft.text(Duration.ofNanos(this.draft.now - worker.since())),
				FleetDraft.text(bootTimeout));
		boolean first = worker.killAt() - worker.since() <= bootTimeout.toNanos();
		if (first && worker.pid() != 0) {
			Duration limit = this.draft.settings.recordLimit().plus(Operations.DUMP_MARGIN);
			this.draft.dump(worker, LONG_BOOT, Requester.NOBODY, this.draft.now + limit.toNanos());
		}
		long again = Math.max(bootTimeout.toNanos(), TELL_INTERVAL.toNanos());
		this.draft.put(worker.allowUntil(this.draft.now + again));
	}

}
