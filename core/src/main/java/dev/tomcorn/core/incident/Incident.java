package dev.tomcorn.core.incident;

import java.time.Instant;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The failure of a worker, or an operator's request for a dump.
 *
 * @param index the worker's index
 * @param age its age
 * @param pid its process id
 * @param generation its generation
 * @param started when its process was started
 * @param cause what is wrong, for the operator
 * @param readings its last readings on the scoreboard, in lines
 * @param alive whether its process still runs and is asked for its part; {@code false} if
 * it ended by itself
 * @param requested whether an operator has requested it, and nothing is wrong
 */
public record Incident(int index, long age, long pid, int generation, Instant started, String cause, String readings,
		boolean alive, boolean requested) {

	private static final int MAX_SLUG = 40;

	private static final int MAX_NAME = 40;

	/**
	 * What differs although the cause is the same: addresses, process ids, and requests
	 * in flight.
	 */
	private static final Pattern CHANCE = Pattern
		.compile("0x[0-9a-f]+|\\d{4,}|; \\d+ requests? (was|were) in flight.*");

	/**
	 * The fleet whose workers incidents are about.
	 *
	 * @param name the application's name, or an empty text
	 * @param declared whether the application has that name by configuration
	 * @param jar its jar, or an empty text
	 * @param mainClass its main class, or an empty text
	 * @param port the port that it listens on
	 * @param started when its arbiter started
	 */
	public record Fleet(String name, boolean declared, String jar, String mainClass, int port, Instant started) {

		/**
		 * Return the application as a part of a file name. Unnamed ones differ by their
		 * location.
		 */
		String slug() {
			String slug = Incident.slug(this.name, MAX_NAME);
			return this.declared ? slug
					: "%s-%08x".formatted(slug, (this.jar.isEmpty() ? this.mainClass : this.jar).hashCode());
		}

		/**
		 * Return the finder of the application's frames.
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
	 * Return the key that incidents of the same cause share.
	 */
	String kind() {
		return CHANCE.matcher(this.cause).replaceAll("");
	}

}
