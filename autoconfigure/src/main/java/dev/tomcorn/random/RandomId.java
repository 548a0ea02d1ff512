package dev.tomcorn.random;

import java.util.regex.Pattern;

/**
 * An ID that an application draws at random, so that each of its processes has its own.
 */
public final class RandomId {

	private static final Pattern UUID = Pattern
		.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}|(?<!\\p{XDigit})\\p{XDigit}{32}(?!\\p{XDigit})");

	private RandomId() {
	}

	/**
	 * Return whether a text contains a UUID, with or without dashes.
	 * @param text the text
	 * @return whether it does
	 */
	public static boolean isIn(String text) {
		return UUID.matcher(text).find();
	}

}
