package dev.tomcorn.core.shell;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * The parsed command line.
 *
 * @param verb the verb
 * @param number the verb's argument, or 0
 * @param options the options
 */
record CommandLine(Verb verb, int number, Options options) {

	private static final long MAX_SECONDS = Duration.ofDays(1).toSeconds();

	/**
	 * The options of the command.
	 */
	static final class Options {

		private boolean json;

		private boolean await;

		private boolean fast;

		private boolean help;

		private @Nullable Path runDirectory;

		private @Nullable Long pid;

		private @Nullable String fleet;

		private @Nullable Duration timeout;

		private @Nullable String to;

		private @Nullable Path output;

	}

	static CommandLine parse(List<String> arguments) throws UsageException {
		Options options = new Options();
		Deque<String> words = new ArrayDeque<>();
		Deque<String> left = new ArrayDeque<>(arguments);
		while (!left.isEmpty()) {
			String argument = left.removeFirst();
			if (argument.startsWith("-") && argument.length() > 1 && !Character.isDigit(argument.charAt(1))) {
				option(argument, left, options);
			}
			else {
				words.add(argument);
			}
		}
		options.help |= words.remove("help");
		if (options.help) {
			return new CommandLine(Verb.STATUS, 0, options);
		}
		if (words.isEmpty()) {
			throw new UsageException("A command is missing.");
		}
		Verb verb = Verb.of(words.removeFirst());
		int number = (verb.argument() != null) ? number(verb, verb.argument(), words.pollFirst()) : 0;
		if (!words.isEmpty()) {
			throw new UsageException("%s takes no argument '%s'.".formatted(verb.word(), words.getFirst()));
		}
		check(verb, options);
		return new CommandLine(verb, number, options);
	}

	private static void option(String argument, Deque<String> left, Options options) throws UsageException {
		String[] parts = argument.split("=", 2);
		if (parts.length == 2) {
			left.addFirst(parts[1]);
		}
		switch (parts[0]) {
			case "--run-directory" -> options.runDirectory = path(parts[0], value(parts[0], left));
			case "--output" -> options.output = path(parts[0], value(parts[0], left));
			case "--pid" -> options.pid = positive(parts[0], value(parts[0], left), Long.MAX_VALUE);
			case "--to" -> options.to = release(value(parts[0], left));
			case "--fleet" -> options.fleet = value(parts[0], left);
			case "--timeout" ->
				options.timeout = Duration.ofSeconds(positive(parts[0], value(parts[0], left), MAX_SECONDS));
			default -> {
				if (parts.length == 2 || !flag(argument, options)) {
					throw new UsageException("Unknown option '%s'.".formatted(argument));
				}
			}
		}
	}

	private static boolean flag(String argument, Options options) {
		switch (argument) {
			case "--json" -> options.json = true;
			case "--wait" -> options.await = true;
			case "--fast" -> options.fast = true;
			case "--help", "-h" -> options.help = true;
			default -> {
				return false;
			}
		}
		return true;
	}

	private static String value(String option, Deque<String> left) throws UsageException {
		String value = left.pollFirst();
		if (value == null || value.isEmpty()) {
			throw new UsageException("The value of %s is missing.".formatted(option));
		}
		return value;
	}

	private static String release(String value) throws UsageException {
		if (!value.matches("[0-9a-f]{1,64}")) {
			throw new UsageException(
					"--to must be the first digits of the key of a release, not '%s'.".formatted(value));
		}
		return value;
	}

	private static Path path(String option, String value) throws UsageException {
		try {
			return Path.of(value);
		}
		catch (InvalidPathException ex) {
			throw new UsageException("%s must be a path, not '%s'.".formatted(option, value));
		}
	}

	private static long positive(String option, String value, long most) throws UsageException {
		try {
			long number = Long.parseLong(value);
			if (number > 0 && number <= most) {
				return number;
			}
		}
		catch (NumberFormatException ex) {
			// Falls through to the exception below
		}
		throw new UsageException("%s must be a number above 0, not '%s'.".formatted(option, value));
	}

	private static int number(Verb verb, String what, @Nullable String word) throws UsageException {
		if (word == null) {
			throw new UsageException("%s needs %s.".formatted(verb.word(), what));
		}
		try {
			return Integer.parseInt(word);
		}
		catch (NumberFormatException ex) {
			throw new UsageException("%s needs %s, not '%s'.".formatted(verb.word(), what, word));
		}
	}

	private static void check(Verb verb, Options options) throws UsageException {
		refuse(options.await && !verb.takesTime(), "--wait", verb);
		refuse(options.output != null && verb != Verb.PRELOAD, "--output", verb);
		if (options.output == null && verb == Verb.PRELOAD) {
			throw new UsageException("preload needs --output and a directory.");
		}
		refuse(options.to != null && verb != Verb.RELOAD, "--to", verb);
		refuse(options.fast && verb != Verb.STOP, "--fast", verb);
		refuse(options.timeout != null && !verb.steers(), "--timeout", verb);
	}

	private static void refuse(boolean wrong, String option, Verb verb) throws UsageException {
		if (wrong) {
			throw new UsageException("%s has no option %s.".formatted(verb.word(), option));
		}
	}

	boolean help() {
		return this.options.help;
	}

	boolean json() {
		return this.options.json;
	}

	boolean awaitsEnd() {
		return this.options.await;
	}

	/**
	 * Return the first digits of the key of the release to reload, or empty for the files
	 * on disk.
	 */
	String release() {
		return (this.options.to != null) ? this.options.to : "";
	}

	/**
	 * Return the output directory.
	 */
	Path output() {
		return Objects.requireNonNull(this.options.output);
	}

	boolean fast() {
		return this.options.fast;
	}

	/**
	 * Return the selector of the fleet.
	 */
	FleetSelector wanted() {
		return new FleetSelector(this.options.fleet, this.options.pid, this.options.runDirectory);
	}

	/**
	 * Selects a fleet: that of the command's own application, unless an option says
	 * otherwise.
	 *
	 * @param name its name, or {@code null}
	 * @param pid process id of its arbiter, or {@code null}
	 * @param runDirectory its run directory or the parent of that, or {@code null}
	 */
	record FleetSelector(@Nullable String name, @Nullable Long pid, @Nullable Path runDirectory) {
	}

	/**
	 * Return how long to wait for the operation.
	 */
	Duration timeout() {
		if (this.options.timeout != null) {
			return this.options.timeout;
		}
		return Duration.ofSeconds(switch (this.verb) {
			case STATUS, WORKERS, REQUESTS, PRELOAD -> 10;
			case RELOAD, SCALE, RECYCLE, PAUSE, RESUME -> awaitsEnd() ? 600 : 10;
			// A dump may include a heap dump
			case DUMP -> 90;
			case STOP -> 120;
		});
	}

}
