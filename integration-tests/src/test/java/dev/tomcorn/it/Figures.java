package dev.tomcorn.it;

import java.io.PrintStream;
import java.util.Locale;

/**
 * What the tests measured, printed also when they pass.
 */
final class Figures {

	private static final PrintStream OUT = System.out;

	private Figures() {
	}

	static void print(String format, Object... arguments) {
		OUT.println("[figures] " + String.format(Locale.ROOT, format, arguments));
	}

}
