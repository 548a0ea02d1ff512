package dev.tomcorn.core.incident;

import java.time.Instant;
import java.util.Locale;

/**
 * A worker that failed, or that an operator wants to know about, for the record.
 *
 * @param index the worker's index
 * @param age its age
 * @param pid its process id
 * @param generation its generation
 * @param started when its process was started
 * @param cause what is wrong with it, for the operator
 * @param readings its last readings on the scoreboard, in lines
 * @param alive whether its process is still there and is asked what it knows;
 * {@code false} when it ended by itself
 * @param requested whether an operator wants to know, and nothing is wrong with it
 */
public record Incident(int index, long age, long pid, int generation, Instant started, String cause, String readings,
		boolean alive, boolean requested) {

	private static final int MAX_SLUG = 40;

	/**
	 * Create the record of a worker that failed.
	 * @param index the worker's index
	 * @param age its age
	 * @param pid its process id
	 * @param generation its generation
	 * @param started when its process was started
	 * @param cause what is wrong with it
	 * @param readings its last readings on the scoreboard, in lines
	 * @param alive whether its process is still there and is asked what it knows
	 */
	public Incident(int index, long age, long pid, int generation, Instant started, String cause, String readings,
			boolean alive) {
		this(index, age, pid, generation, started, cause, readings, alive, false);
	}

	/**
	 * Return the cause as a part of a file name.
	 */
	String slug() {
		String slug = this.cause.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
		slug = slug.substring(0, Math.min(slug.length(), MAX_SLUG)).replaceAll("^-|-$", "");
		return slug.isEmpty() ? "unknown" : slug;
	}

}
