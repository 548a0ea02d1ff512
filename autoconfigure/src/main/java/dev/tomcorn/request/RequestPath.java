package dev.tomcorn.request;

/**
 * The path of a request for display.
 */
final class RequestPath {

	private static final int MAX_LENGTH = 500;

	private RequestPath() {
	}

	/**
	 * Return the path without parameters, which may contain a session ID, and without
	 * control characters such as line breaks.
	 */
	static String shown(String uri) {
		StringBuilder path = new StringBuilder(Math.min(uri.length(), MAX_LENGTH));
		boolean parameter = false;
		for (int i = 0; i < uri.length() && path.length() < MAX_LENGTH; i++) {
			char character = uri.charAt(i);
			parameter = (character == ';') || (parameter && character != '/');
			if (!parameter) {
				path.append(Character.isISOControl(character) ? '?' : character);
			}
		}
		return path.toString();
	}

	/**
	 * Return the path without parameters. Copies nothing if there are none, since every
	 * request needs it.
	 */
	static String stored(String uri) {
		return (uri.indexOf(';') < 0) ? uri : shown(uri);
	}

}
