package dev.tomcorn.entry;

import dev.tomcorn.launch.ShellCommand;

/**
 * Main class of the shell command that shows and controls a fleet.
 */
public final class TomcornCommand {

	private static final int FAILED = 1;

	private TomcornCommand() {
	}

	/**
	 * Run the command and end this JVM with its exit code.
	 * @param args the arguments, see {@code --help}
	 */
	public static void main(String[] args) {
		String problem = RequiredJava.problem();
		if (problem != null) {
			System.err.println(problem);
			System.exit(FAILED);
		}
		ShellCommand.main(args);
	}

}
