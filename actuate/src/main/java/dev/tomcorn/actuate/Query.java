package dev.tomcorn.actuate;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Reads a query as it was sent.
 */
final class Query {

	private Query() {
	}

	/**
	 * Return the values of a parameter.
	 */
	static List<String> values(@Nullable String query, String name) {
		if (query == null) {
			return List.of();
		}
		return Stream.of(query.split("&"))
			.filter((pair) -> decode(pair.split("=", 2)[0]).equals(name))
			.map((pair) -> decode(pair.substring(Math.min(pair.length(), pair.split("=", 2)[0].length() + 1))))
			.toList();
	}

	private static String decode(String text) {
		try {
			return URLDecoder.decode(text, StandardCharsets.UTF_8);
		}
		catch (IllegalArgumentException ex) {
			return text;
		}
	}

}
