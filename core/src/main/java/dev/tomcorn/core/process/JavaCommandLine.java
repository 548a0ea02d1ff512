package dev.tomcorn.core.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * A command line that starts a JVM, parsed like Java's launcher does
 * ({@code libjli/args.c} and {@code java.c} of the JDK). Words from an argument file are
 * not visible on it.
 *
 * @param application what the launcher starts: {@code -jar} and a file, or a class path,
 * if there is one, and a main class, or {@code -m} and a module
 * @param arguments the application's arguments
 */
record JavaCommandLine(List<CommandWord> application, List<CommandWord> arguments) {

	private static final Set<String> CLASS_PATH = Set.of("-cp", "-classpath", "--class-path");

	private static final Set<String> MODULE = Set.of("-m", "--module");

	private static final Set<String> WITH_VALUE = Set.of("--module-path", "-p", "--upgrade-module-path",
			"--add-modules", "--enable-native-access", "--limit-modules", "--add-exports", "--add-opens", "--add-reads",
			"--patch-module", "--describe-module", "-d", "--source");

	JavaCommandLine {
		application = List.copyOf(application);
		arguments = List.copyOf(arguments);
	}

	/**
	 * Parse the command line of this JVM.
	 * @return the command line, or {@code null} if another program such as a native
	 * launcher started this JVM, or its argument files are gone
	 */
	static @Nullable JavaCommandLine ofThisJvm() {
		try {
			JavaCommandLine line = parse(ArbiterCommand.ofThisProcess().words(), JavaCommandLine::read);
			return (line != null && line.starts(System.getProperty("sun.java.command", ""))) ? line : null;
		}
		catch (IOException | InvalidPathException ex) {
			return null;
		}
	}

	static @Nullable String read(String file) {
		try {
			return NativeText.decode(Files.readAllBytes(Path.of(file)));
		}
		catch (IOException | InvalidPathException ex) {
			return null;
		}
	}

	/**
	 * Parse a command line.
	 * @param words the launcher and its arguments
	 * @param files returns the text of an argument file, or {@code null} if there is none
	 * @return its parts, or {@code null} if it starts nothing
	 */
	static @Nullable JavaCommandLine parse(List<String> words, Function<String, @Nullable String> files) {
		Parser parser = new Parser();
		boolean complete = parser.takeAll(words, files);
		return (complete && parser.found) ? new JavaCommandLine(parser.application, parser.arguments) : null;
	}

	/**
	 * Return the words of a command line up to the application. The name of an argument
	 * file that cannot be read is one of them.
	 * @param words the launcher and its arguments
	 * @param files returns the text of an argument file, or {@code null} if there is none
	 */
	static List<CommandWord> options(List<String> words, Function<String, @Nullable String> files) {
		Parser parser = new Parser();
		parser.takeAll(words, files);
		return parser.options;
	}

	/**
	 * Return whether this command line starts the command that a JVM reports.
	 * @param command main class or jar file, and arguments, separated by spaces that may
	 * also be part of them
	 */
	private boolean starts(String command) {
		return Stream.concat(Stream.of(this.application.getLast()), this.arguments.stream())
			.map(CommandWord::text)
			.collect(Collectors.joining(" "))
			.equals(command);
	}

	/**
	 * Takes one word after the other.
	 */
	private static final class Parser {

		private final List<CommandWord> options = new ArrayList<>();

		private final List<CommandWord> application = new ArrayList<>();

		private final List<CommandWord> arguments = new ArrayList<>();

		private List<CommandWord> classPath = List.of();

		private @Nullable CommandWord awaitsValue;

		private @Nullable CommandWord jar;

		private boolean expands = true;

		private boolean found;

		/**
		 * Take all words.
		 * @return whether every argument file could be read
		 */
		boolean takeAll(List<String> words, Function<String, @Nullable String> files) {
			boolean complete = true;
			for (String word : words.subList(Math.min(1, words.size()), words.size())) {
				boolean file = this.expands && !this.found && word.startsWith("@") && word.length() > 1;
				String text = (file && !word.startsWith("@@")) ? files.apply(word.substring(1)) : null;
				if (!file) {
					take(CommandWord.visible(word));
				}
				else if (word.startsWith("@@")) {
					take(CommandWord.visible(word.substring(1)));
				}
				else if (text != null) {
					ArgumentFile.words(text).forEach((hidden) -> take(CommandWord.hidden(hidden)));
				}
				else {
					complete = false;
					this.options.add(CommandWord.visible(word));
				}
			}
			return complete;
		}

		void take(CommandWord word) {
			String text = word.text();
			if (!this.found) {
				this.options.add(word);
			}
			CommandWord option = this.awaitsValue;
			if (this.found) {
				this.arguments.add(word);
			}
			else if (option != null) {
				this.awaitsValue = null;
				value(option, word);
			}
			else if (CLASS_PATH.contains(text) || MODULE.contains(text) || WITH_VALUE.contains(text)) {
				this.awaitsValue = word;
			}
			else if (text.equals("-jar")) {
				this.jar = word;
			}
			else if (text.startsWith("--class-path=")) {
				this.classPath = List.of(word);
			}
			else if (text.startsWith("--module=")) {
				found(new CommandWord("-m", word.visible()),
						new CommandWord(text.substring(text.indexOf('=') + 1), word.visible()));
			}
			else if (text.equals("--disable-@files")) {
				this.expands = false;
			}
			else if (!text.startsWith("-")) {
				program(word);
			}
		}

		private void value(CommandWord option, CommandWord value) {
			if (CLASS_PATH.contains(option.text())) {
				this.classPath = List.of(option, value);
			}
			else if (MODULE.contains(option.text())) {
				found(option, value);
			}
		}

		private void program(CommandWord word) {
			if (this.jar != null) {
				found(this.jar, word);
			}
			else {
				this.application.addAll(this.classPath);
				found(word);
			}
		}

		private void found(CommandWord... words) {
			this.application.addAll(List.of(words));
			this.found = true;
		}

	}

}
