package dev.tomcorn.logs;

import java.util.ArrayList;
import java.util.List;

/**
 * The causes of a failure.
 */
public final class RootCause {

	private static final int MAX_CAUSES = 50;

	private static final int MAX_SENTENCE = 400;

	private RootCause() {
	}

	/**
	 * Return a failure and its causes, the deepest last.
	 */
	static List<Throwable> chain(Throwable failure) {
		List<Throwable> chain = new ArrayList<>();
		for (Throwable cause = failure; cause != null && chain.size() < MAX_CAUSES; cause = cause.getCause()) {
			chain.add(cause);
		}
		return chain;
	}

	/**
	 * Return the deepest cause of a failure in one line.
	 * @param failure the failure
	 * @return the line
	 */
	public static String sentence(Throwable failure) {
		return oneLine(chain(failure).getLast().toString());
	}

	/**
	 * Return a text in one line of bounded length.
	 * @param text the text
	 * @return the line
	 */
	public static String oneLine(String text) {
		String line = text.strip().replaceAll("\\s+", " ");
		return (line.length() <= MAX_SENTENCE) ? line : line.substring(0, MAX_SENTENCE) + " …";
	}

}
