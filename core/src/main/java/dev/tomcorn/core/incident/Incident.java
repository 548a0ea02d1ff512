package dev.tomcorn.core.incident;

import java.time.Instant;
import java.util.Locale;
import java.util.regex.Pattern;

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

	private static final int MAX_NAME = 40;

	/**
	 * What differs from one end to the next though the cause is the same: addresses,
	 * process ids, and what was in flight.
	 */
	private static final Pattern CHANCE = Pattern
		.compile("0x[0-9a-f]+|\\d{4,}|; \\d+ requests? (was|were) in flight.*");

	/**
	 * The fleet whose workers incidents are about.
	 *
	 * @param name the application's name, or an empty text
	 * @param declared whether the application was given that name
	 * @param jar its jar, or an empty text
	 * @param mainClass its main class, or an empty text
	 * @param port the port that it listens on
	 * @param started when its arbiter started
	 */
	public record Fleet(String name, boolean declared, String jar, String mainClass, int port, Instant started) {

		/**
		 * Return the application as a part of a file name. Those that nobody has named
		 * differ by where they are.
		 */
		String slug() {
			String slug = Incident.slug(this.name, MAX_NAME);
			return this.declared ? slug
					: "%s-%08x".formatted(slug, (this.jar.isEmpty() ? this.mainClass : this.jar).hashCode());
		}

		/**
		 * Return what finds the application's frames in a stack.
		 * @return the finder
		 */
		public ApplicationFrames frames() {
			return ApplicationFrames.ofMainClass(this.mainClass);
		}

		/**
		 * Return the fleet in words.
		 */
		String describe() {
			String code = this.jar.isEmpty() ? this.mainClass : this.jar;
			return "%s, port %d%s, started %s".formatted(this.name.isEmpty() ? "unknown" : this.name, this.port,
					code.isEmpty() ? "" : ", " + code, this.started);
		}

	}

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
		return slug(kind(), MAX_SLUG);
	}

	private static String slug(String text, int most) {
		String slug = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
		slug = slug.substring(0, Math.min(slug.length(), most)).replaceAll("^-|-$", "");
		return slug.isEmpty() ? "unknown" : slug;
	}

	/**
	 * Return what it has in common with others that have the same cause.
	 */
	String kind() {
		return CHANCE.matcher(this.cause).replaceAll("");
	}

}
