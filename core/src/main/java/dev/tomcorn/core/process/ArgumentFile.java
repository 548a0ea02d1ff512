package dev.tomcorn.core.process;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The text of an argument file in the syntax of Java's launcher: words between white
 * space, quoted or not, and comments. A backslash escapes only within quotes.
 */
final class ArgumentFile {

	private static final String SPACE = " \t\n\r\f";

	private final String text;

	private final boolean comments;

	private final List<String> words = new ArrayList<>();

	private int position;

	private ArgumentFile(String text, boolean comments) {
		this.text = text;
		this.comments = comments;
	}

	/**
	 * Return the words of an argument file.
	 */
	static List<String> words(String text) {
		return new ArgumentFile(text, true).read();
	}

	/**
	 * Return the words of a line of options, in which {@code #} begins no comment.
	 */
	static List<String> options(String text) {
		return new ArgumentFile(text, false).read();
	}

	/**
	 * Return the text of an argument file with the given words.
	 */
	static String of(List<String> words) {
		return words.stream().map(ArgumentFile::quote).collect(Collectors.joining("\n", "", "\n"));
	}

	private static String quote(String word) {
		StringBuilder quoted = new StringBuilder("\"");
		word.chars().forEach((character) -> {
			switch (character) {
				case '"', '\\' -> quoted.append('\\').append((char) character);
				case '\n' -> quoted.append("\\n");
				case '\r' -> quoted.append("\\r");
				case '\t' -> quoted.append("\\t");
				case '\f' -> quoted.append("\\f");
				default -> quoted.append((char) character);
			}
		});
		return quoted.append('"').toString();
	}

	private List<String> read() {
		while (this.position < this.text.length()) {
			char character = this.text.charAt(this.position);
			if (SPACE.indexOf(character) >= 0) {
				this.position++;
			}
			else if (this.comments && character == '#') {
				skipLine();
			}
			else {
				this.words.add(word());
			}
		}
		return List.copyOf(this.words);
	}

	private void skipLine() {
		while (this.position < this.text.length() && "\n\r".indexOf(this.text.charAt(this.position)) < 0) {
			this.position++;
		}
	}

	private String word() {
		StringBuilder word = new StringBuilder();
		char quote = 0;
		while (this.position < this.text.length()) {
			char character = this.text.charAt(this.position);
			boolean ends = (quote != 0) ? "\n\r".indexOf(character) >= 0
					: SPACE.indexOf(character) >= 0 || (this.comments && character == '#');
			if (ends) {
				return word.toString();
			}
			this.position++;
			if (quote != 0 && character == '\\') {
				escaped(word);
			}
			else if (character == quote) {
				quote = 0;
			}
			else if (quote == 0 && (character == '"' || character == '\'')) {
				quote = character;
			}
			else {
				word.append(character);
			}
		}
		return word.toString();
	}

	private void escaped(StringBuilder word) {
		if (this.position == this.text.length()) {
			return;
		}
		char character = this.text.charAt(this.position++);
		switch (character) {
			case 'n' -> word.append('\n');
			case 'r' -> word.append('\r');
			case 't' -> word.append('\t');
			case 'f' -> word.append('\f');
			case '\n', '\r' -> skipIndentation();
			default -> word.append(character);
		}
	}

	/**
	 * Skip the white space at the start of the next line of a continued word.
	 */
	private void skipIndentation() {
		while (this.position < this.text.length() && SPACE.indexOf(this.text.charAt(this.position)) >= 0) {
			this.position++;
		}
	}

}
