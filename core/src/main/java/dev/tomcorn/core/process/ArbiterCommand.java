package dev.tomcorn.core.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/**
 * The command line that started this JVM, word for word. The replacement resolves
 * {@code java}, argument files and the jar again.
 *
 * @param words the program and its arguments
 */
public record ArbiterCommand(List<String> words) {

	public ArbiterCommand {
		words = List.copyOf(words);
	}

	/**
	 * Return the command line of this process.
	 * @return the command
	 * @throws IOException if the system does not provide it
	 */
	public static ArbiterCommand ofThisProcess() throws IOException {
		String commandLine = NativeText.decode(Files.readAllBytes(Path.of("/proc/self/cmdline")));
		String[] words = commandLine.split("\0", -1);
		// Every word ends with a zero byte
		return new ArbiterCommand(List.of(words).subList(0, words.length - 1));
	}

	/**
	 * Return the words of this process's command line.
	 * @return the words; none if the system does not provide it, which only Linux does
	 */
	public static List<String> wordsIfTold() {
		if (!System.getProperty("os.name", "").equals("Linux")) {
			return List.of();
		}
		try {
			return ofThisProcess().words();
		}
		catch (IOException ex) {
			return List.of();
		}
	}

	/**
	 * Start an arbiter that replaces this one. It inherits the listening socket as file
	 * descriptor 0, standard output and error.
	 * @param predecessor how to reach this one
	 * @param optionIndexes the indexes that its workers must not use in their options
	 * @param directory its start directory
	 * @return its process
	 * @throws IOException if it cannot be started
	 */
	Process launch(Predecessor predecessor, Collection<Integer> optionIndexes, StartDirectory directory)
			throws IOException {
		ChildEnvironment environment = new ChildEnvironment();
		environment.keepNotification();
		environment.putAll(predecessor.toEnvironment());
		environment.putAll(OptionIndexes.toEnvironment(optionIndexes));
		directory.tell(environment);
		return ChildProcess.start(ProcessWords.of(this.words), environment, directory.required());
	}

}
