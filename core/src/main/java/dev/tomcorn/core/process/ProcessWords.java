package dev.tomcorn.core.process;

import java.util.ArrayList;
import java.util.List;

/**
 * The words with which a process is started. A JVM's launcher gets words that other users
 * must not see in unnamed argument files, which it inherits.
 *
 * @param words the program and its arguments
 */
record ProcessWords(List<Part> words) {

	ProcessWords {
		words = List.copyOf(words);
	}

	/**
	 * A word, or an argument file with several.
	 */
	sealed interface Part {

		/**
		 * A word that every user may see.
		 */
		record Word(String text) implements Part {
		}

		/**
		 * The text of an argument file.
		 */
		record InFile(String text) implements Part {
		}

	}

	/**
	 * Return the words of a program that reads no argument files.
	 */
	static ProcessWords of(List<String> words) {
		return new ProcessWords(words.stream().map((word) -> (Part) new Part.Word(word)).toList());
	}

	/**
	 * Return the words that start a JVM. Its launcher reads argument files up to the
	 * application. Arguments come from the same file as the application, or are visible
	 * already.
	 * @param launcher the launcher
	 * @param words its options and the application
	 * @param arguments the application's arguments
	 */
	static ProcessWords of(String launcher, List<CommandWord> words, List<CommandWord> arguments) {
		List<Part> parts = new ArrayList<>();
		parts.add(new Part.Word(launcher));
		List<String> hidden = new ArrayList<>();
		for (CommandWord word : words) {
			if (word.visible()) {
				addFile(hidden, parts);
				// Otherwise the launcher would take it for an argument file
				parts.add(new Part.Word(word.text().startsWith("@") ? "@" + word.text() : word.text()));
			}
			else {
				hidden.add(word.text());
			}
		}
		boolean inFile = !hidden.isEmpty();
		for (CommandWord argument : arguments) {
			inFile &= !argument.visible();
			if (inFile) {
				hidden.add(argument.text());
			}
			else {
				addFile(hidden, parts);
				parts.add(new Part.Word(argument.text()));
			}
		}
		addFile(hidden, parts);
		return new ProcessWords(parts);
	}

	private static void addFile(List<String> hidden, List<Part> parts) {
		if (!hidden.isEmpty()) {
			parts.add(new Part.InFile(ArgumentFile.of(hidden)));
			hidden.clear();
		}
	}

}
