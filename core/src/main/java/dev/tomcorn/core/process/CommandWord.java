package dev.tomcorn.core.process;

/**
 * A word of a command line.
 *
 * @param text the word
 * @param visible whether it may stand on the command line of a process, where every user
 * of the machine can read it
 */
public record CommandWord(String text, boolean visible) {

	/**
	 * Return a word that every user may see.
	 * @param text the word
	 * @return the word
	 */
	public static CommandWord visible(String text) {
		return new CommandWord(text, true);
	}

	static CommandWord hidden(String text) {
		return new CommandWord(text, false);
	}

}
