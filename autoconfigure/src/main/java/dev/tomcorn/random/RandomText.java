package dev.tomcorn.random;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;

/**
 * A property's value in which <code>${random.*}</code> and Spring Cloud's
 * <code>${cachedrandom.*}</code> are replaced by the fleet's values. Other placeholders
 * stay as they are.
 */
final class RandomText {

	private static final String BEGIN = "${";

	private static final String RANDOM = "random.";

	private static final String CACHED = "cachedrandom.";

	private final FleetSecret secret;

	private final UnaryOperator<String> resolver;

	private final String property;

	private int draws;

	private RandomText(FleetSecret secret, UnaryOperator<String> resolver, String property) {
		this.secret = secret;
		this.resolver = resolver;
		this.property = property;
	}

	/**
	 * Return whether a value contains a random placeholder.
	 */
	static boolean isIn(@Nullable Object value) {
		return value instanceof CharSequence text
				&& (text.toString().contains(BEGIN + RANDOM) || text.toString().contains(BEGIN + CACHED));
	}

	/**
	 * Replace the random placeholders of a value.
	 * @param secret source of the random values
	 * @param resolver resolves other placeholders, for those within a range
	 * @param property name of the property
	 * @param value its unresolved value
	 */
	static String draw(FleetSecret secret, UnaryOperator<String> resolver, String property, String value) {
		return new RandomText(secret, resolver, property).draw(value);
	}

	private String draw(String text) {
		StringBuilder result = new StringBuilder();
		int position = 0;
		while (position < text.length()) {
			int begin = text.indexOf(BEGIN, position);
			int end = (begin >= 0) ? end(text, begin + BEGIN.length()) : -1;
			if (end < 0) {
				break;
			}
			result.append(text, position, begin);
			String placeholder = text.substring(begin + BEGIN.length(), end);
			boolean escaped = begin > 0 && text.charAt(begin - 1) == '\\';
			String drawn = escaped ? null : value(placeholder);
			result.append((drawn != null) ? drawn : BEGIN + (escaped ? placeholder : draw(placeholder)) + "}");
			position = end + 1;
		}
		return result.append(text, position, text.length()).toString();
	}

	/**
	 * Return the end of a placeholder, which may contain others.
	 */
	private static int end(String text, int begin) {
		int depth = 1;
		for (int position = begin; position < text.length(); position++) {
			if (text.startsWith(BEGIN, position)) {
				depth++;
			}
			else if (text.charAt(position) == '}' && --depth == 0) {
				return position;
			}
		}
		return -1;
	}

	private @Nullable String value(String placeholder) {
		if (placeholder.startsWith(CACHED)) {
			// A key has the same value in every property
			String key = this.resolver.apply(withoutDefault(draw(placeholder)));
			return value(key.substring(key.lastIndexOf('.') + 1), key);
		}
		if (placeholder.startsWith(RANDOM)) {
			String type = this.resolver.apply(withoutDefault(draw(placeholder))).substring(RANDOM.length());
			return value(type, "%s#%d".formatted(this.property, this.draws++));
		}
		return null;
	}

	/**
	 * Remove the default. It is never used, because a source of random values has a value
	 * for each name.
	 */
	private static String withoutDefault(String placeholder) {
		int separator = placeholder.indexOf(':', placeholder.lastIndexOf('}') + 1);
		return (separator >= 0) ? placeholder.substring(0, separator) : placeholder;
	}

	/**
	 * Return a value in the format of Boot's source.
	 * @return the value, or {@code null} if Boot rejects the type
	 */
	private @Nullable String value(String type, String name) {
		String purpose = "random " + type + " " + name;
		try {
			if (type.equals("int")) {
				return Integer.toString(ByteBuffer.wrap(this.secret.bytes(purpose)).getInt());
			}
			if (type.equals("long")) {
				return Long.toString(ByteBuffer.wrap(this.secret.bytes(purpose)).getLong());
			}
			if (type.equals("uuid")) {
				return this.secret.uuid(purpose).toString();
			}
			if (isRange(type, "int") || isRange(type, "long")) {
				return inRange(purpose, type);
			}
			return HexFormat.of().formatHex(this.secret.bytes(purpose));
		}
		catch (ArithmeticException | NumberFormatException ex) {
			return null;
		}
	}

	private static boolean isRange(String type, String prefix) {
		return type.startsWith(prefix) && type.length() > prefix.length() + 1;
	}

	private @Nullable String inRange(String purpose, String type) {
		boolean isInt = type.startsWith("int");
		String[] bounds = type.substring(isInt ? 4 : 5, type.length() - 1).split(",", -1);
		long first = bound(bounds[0], isInt);
		long min = (bounds.length > 1) ? first : 0;
		long max = (bounds.length > 1) ? bound(bounds[1], isInt) : first;
		return (min < max) ? Long.toString(this.secret.number(purpose, min, max)) : null;
	}

	private static long bound(String text, boolean isInt) {
		return isInt ? Integer.parseInt(text) : Long.parseLong(text);
	}

}
