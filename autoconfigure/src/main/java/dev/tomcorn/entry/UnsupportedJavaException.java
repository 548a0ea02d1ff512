package dev.tomcorn.entry;

import java.io.Serial;

/**
 * Thrown when the JVM is too old for Tomcorn.
 */
final class UnsupportedJavaException extends RuntimeException {

	@Serial
	private static final long serialVersionUID = 1L;

	UnsupportedJavaException(String message) {
		super(message);
	}

}
