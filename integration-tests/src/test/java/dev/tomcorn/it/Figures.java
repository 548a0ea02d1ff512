package dev.tomcorn.it;

import java.io.PrintStream;
import java.util.Locale;

/**
 * Prints what the tests measured, also when they pass.
 */
final class Figures {

	private static final PrintStream OUT = System.out;

	private Figures() {
	}

	static void print(String format, Object... arguments) {
		OUT.println("[figures] " + String.format(Locale.ROOT, format, arguments));
	}

}
