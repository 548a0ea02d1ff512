package dev.tomcorn.core.shell;

/**
 * The usage of the command.
 */
final class Help {

	static final String TEXT = """
			Usage: java -Djarmode=tomcorn -jar app.jar COMMAND [OPTIONS]

			  status             the fleet: problems, arbiter, workers, last reload, crash loops, deaths
			  workers            the workers, one a line
			  requests           the requests in flight, the oldest first, and where slow ones stand
			  reload             a new generation of workers from what is on disk now; --to KEY from a release that is kept
			  scale N            N workers instead of as many as there are
			  recycle INDEX      a successor for one worker, which serves until that is ready
			  dump INDEX         what is known about one worker, in a folder; the worker lives on
			  pause              the end of all workers; the arbiter stays, and clients wait
			  resume             as many workers as before the pause
			  preload            the application extracted, with an AOT cache, in the directory --output; needs no fleet
			  stop               the end of the fleet once requests in flight are done; --fast without them

			  --wait             tells how what takes its time ends, not only that it has begun
			  --json             the result as JSON on standard output
			  --fleet NAME       the fleet of this name instead of this application's own
			  --pid PID          the fleet of this arbiter
			  --run-directory D  the fleet whose run directory, or tomcorn.run-directory, this is
			  --timeout SECONDS  longest time to wait (with --wait 600, stop 120, dump 90, else 10)

			Exit code: 0 done or begun, 1 refused or failed, 2 wrong usage, 3 no fleet or several, 4 the arbiter \
			does not answer
			""";

	private Help() {
	}

}
