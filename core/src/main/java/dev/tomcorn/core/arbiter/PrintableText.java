package dev.tomcorn.core.arbiter;

import java.util.function.IntPredicate;

/**
 * Makes foreign text safe for a terminal and a log: removes characters that move the
 * cursor, change colours or reverse the direction of text.
 */
public final class PrintableText {

	private static final int REPLACEMENT = '?';

	private static final int ZERO_WIDTH_NON_JOINER = 0x200C;

	private static final int ZERO_WIDTH_JOINER = 0x200D;

	private PrintableText() {
	}

	/**
	 * Return a text on one line.
	 * @param text the text
	 * @return the text, with a question mark for each control character
	 */
	public static String line(String text) {
		return clean(text, PrintableText::isPrintable);
	}

	/**
	 * Return a text that may have several lines.
	 * @param text the text
	 * @return the text, with a question mark for each control character that is neither
	 * the end of a line nor a tabulator
	 */
	public static String lines(String text) {
		return clean(text.replace("\r\n", "\n"),
				(character) -> character == '\n' || character == '\t' || isPrintable(character));
	}

	/**
	 * Return whether a character can be printed without changing how others look.
	 * @param character the code point
	 * @return whether it can
	 */
	public static boolean isPrintable(int character) {
		return switch (Character.getType(character)) {
			case Character.CONTROL, Character.SURROGATE, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
				false;
			// Some languages and emoji need these two
			case Character.FORMAT -> character == ZERO_WIDTH_JOINER || character == ZERO_WIDTH_NON_JOINER;
			default -> true;
		};
	}

	private static String clean(String text, IntPredicate kept) {
		if (text.codePoints().allMatch(kept)) {
			return text;
		}
		return text.codePoints()
			.map((character) -> kept.test(character) ? character : REPLACEMENT)
			.collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
			.toString();
	}

}
