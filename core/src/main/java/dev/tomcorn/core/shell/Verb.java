package dev.tomcorn.core.shell;

import java.util.Arrays;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * The verbs of the command.
 */
enum Verb {

	STATUS(null), WORKERS(null), REQUESTS(null), RELOAD(null), SCALE("the number of workers"),
	RECYCLE("the worker's index"), DUMP("the worker's index"), PAUSE(null), RESUME(null), STOP(null), PRELOAD(null);

	private final @Nullable String argument;

	Verb(@Nullable String argument) {
		this.argument = argument;
	}

	static Verb of(String word) throws UsageException {
		return Arrays.stream(values())
			.filter((verb) -> verb.word().equals(word))
			.findFirst()
			.orElseThrow(() -> new UsageException("There is no command '%s'.".formatted(word)));
	}

	String word() {
		return name().toLowerCase(Locale.ROOT);
	}

	/**
	 * Return the meaning of its argument, or {@code null} if it has none.
	 */
	@Nullable String argument() {
		return this.argument;
	}

	/**
	 * Return whether the answer comes when it has started, unless its end is awaited.
	 */
	boolean takesTime() {
		return this == RELOAD || this == SCALE || this == RECYCLE || this == PAUSE || this == RESUME;
	}

	/**
	 * Return whether it requests an operation from the arbiter.
	 */
	boolean steers() {
		return this != STATUS && this != WORKERS && this != REQUESTS && this != PRELOAD;
	}

}
