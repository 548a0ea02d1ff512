package dev.tomcorn.core.problem;

import dev.tomcorn.core.arbiter.Problem;
import dev.tomcorn.core.arbiter.ProblemKind;

/**
 * Something that is wrong at one look.
 *
 * @param kind what it is
 * @param worker the place of the worker that has it, {@link Problem#FLEET} if all have
 * @param pid the worker's process id, 0 if it is not about a worker
 * @param since when it began in milliseconds of the epoch, 0 for the first look that
 * finds it
 * @param fact what is wrong and why
 * @param outlook what comes of it, which ends the sentence while it goes on; may be empty
 * @param evidence what it is known from, or empty
 * @param remedy what to do about it
 */
record Finding(ProblemKind kind, int worker, long pid, long since, String fact, String outlook, String evidence,
		String remedy) {

	Finding(ProblemKind kind, int worker, long pid, long since, String fact, String evidence, String remedy) {
		this(kind, worker, pid, since, fact, "", evidence, remedy);
	}

	/**
	 * What makes it the same as that of another look.
	 */
	record Key(ProblemKind kind, int worker, long pid) {
	}

	/**
	 * All deaths of lately are one problem.
	 */
	Key key() {
		return (this.kind != ProblemKind.WORKER_DEATHS) ? new Key(this.kind, this.worker, this.pid)
				: new Key(this.kind, Problem.FLEET, 0);
	}

	String text() {
		return this.fact + this.outlook;
	}

}
