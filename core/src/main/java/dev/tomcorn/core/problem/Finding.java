package dev.tomcorn.core.problem;

import dev.tomcorn.core.arbiter.Problem;
import dev.tomcorn.core.arbiter.ProblemKind;

/**
 * A problem as one evaluation finds it.
 *
 * @param kind what it is
 * @param worker the index of the worker, {@link Problem#FLEET} if it is about the fleet
 * @param pid the worker's process id, 0 if it is not about a worker
 * @param since when it began in milliseconds of the epoch, 0 for the first evaluation
 * that finds it
 * @param fact what is wrong and why
 * @param outlook the consequence, which ends the sentence while it goes on; may be empty
 * @param evidence how it was found, or empty
 * @param remedy what to do about it
 */
record Finding(ProblemKind kind, int worker, long pid, long since, String fact, String outlook, String evidence,
		String remedy) {

	Finding(ProblemKind kind, int worker, long pid, long since, String fact, String evidence, String remedy) {
		this(kind, worker, pid, since, fact, "", evidence, remedy);
	}

	/**
	 * Identifies the same problem in several evaluations.
	 */
	record Key(ProblemKind kind, int worker, long pid) {
	}

	/**
	 * All recent deaths are one problem.
	 */
	Key key() {
		return (this.kind != ProblemKind.WORKER_DEATHS) ? new Key(this.kind, this.worker, this.pid)
				: new Key(this.kind, Problem.FLEET, 0);
	}

	String text() {
		return this.fact + this.outlook;
	}

}
