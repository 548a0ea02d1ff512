package dev.tomcorn.core.arbiter;

/**
 * How and, if known, why a worker's process ended.
 *
 * @param cause what it died of
 * @param description the same for the operator, such as
 * {@code out of heap memory (exit code 3)}
 */
public record Death(ExitCause cause, String description) {

	public Death {
		if (!ExitCause.DEATHS.contains(cause)) {
			throw new IllegalArgumentException("Not a cause of death: " + cause);
		}
	}

}
