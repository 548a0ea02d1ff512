package dev.tomcorn.core.shell;

/**
 * The usage of the command.
 */
final class Help {

	static final String TEXT = """
			Usage: java -Djarmode=tomcorn -jar app.jar COMMAND [OPTIONS]

			  status             show the fleet: problems, arbiter, workers, last reload, crash loops, deaths
			  workers            show the workers, one per line
			  requests           show the requests in flight, the oldest first, with the frames of slow ones
			  reload             start a new generation of workers from the files on disk; --to KEY: from a kept release
			  scale N            set the number of workers to N
			  recycle INDEX      replace one worker, which serves until its successor is ready
			  dump INDEX         save the diagnostics of one worker in a folder; the worker goes on
			  pause              end all workers; the arbiter stays, and clients wait
			  resume             run as many workers as before the pause
			  preload            extract the application into the directory --output, with an AOT cache; needs no fleet
			  stop               end the fleet after the requests in flight; --fast: without waiting for them

			  --wait             wait for the end of the operation, not only for its start
			  --json             print the result as JSON on standard output
			  --fleet NAME       select the fleet of this name instead of this application's own
			  --pid PID          select the fleet of this arbiter
			  --run-directory D  select the fleet with this run directory, or this tomcorn.run-directory
			  --timeout SECONDS  set the longest time to wait (with --wait 600, stop 120, dump 90, else 10)

			Exit code: 0 done or started, 1 refused or failed, 2 wrong usage, 3 no fleet or several, 4 the arbiter \
			does not answer
			""";

	private Help() {
	}

}
