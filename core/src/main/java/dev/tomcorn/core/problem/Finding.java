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
 * @param text what is wrong and why
 * @param evidence what it is known from, or empty
 * @param remedy what to do about it
 */
record Finding(ProblemKind kind, int worker, long pid, long since, String text, String evidence, String remedy) {

	/**
	 * What makes it the same as that of another look.
	 */
	record Key(ProblemKind kind, int worker, long pid) {
	}

	Key key() {
		return new Key(this.kind, this.worker, this.pid);
	}

}
