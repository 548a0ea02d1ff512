package dev.tomcorn.core.process;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * Converts text between Java and the operating system: arguments, environment variables
 * and messages.
 */
final class NativeText {

	private static final Charset ENCODING = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"),
			StandardCharsets.UTF_8);

	private NativeText() {
	}

	static byte[] encode(String text) {
		return text.getBytes(ENCODING);
	}

	static String decode(byte[] bytes) {
		return new String(bytes, ENCODING);
	}

}
