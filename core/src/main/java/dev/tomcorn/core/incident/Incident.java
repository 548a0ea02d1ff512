package dev.tomcorn.core.incident;

import java.util.Locale;

/**
 * A worker that failed, for the record.
 *
 * @param index the worker's index
 * @param age its age
 * @param pid its process id
 * @param generation its generation
 * @param cause what is wrong with it, for the operator
 * @param readings its last readings on the scoreboard, in lines
 * @param alive whether its process is still there and is asked what it knows;
 * {@code false} when it ended by itself
 */
public record Incident(int index, long age, long pid, int generation, String cause, String readings, boolean alive) {

	private static final int MAX_SLUG = 40;

	/**
	 * Return the cause as a part of a file name.
	 */
	String slug() {
		String slug = this.cause.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
		slug = slug.substring(0, Math.min(slug.length(), MAX_SLUG)).replaceAll("^-|-$", "");
		return slug.isEmpty() ? "unknown" : slug;
	}

}
