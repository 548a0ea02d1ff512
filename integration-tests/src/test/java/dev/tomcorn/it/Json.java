package dev.tomcorn.it;

import java.util.List;
import java.util.Map;

/**
 * Ways into a tree of maps and lists, as it is read from YAML.
 */
final class Json {

	private Json() {
	}

	/**
	 * Return a value that is a map.
	 */
	@SuppressWarnings("unchecked")
	static Map<String, Object> map(Object value) {
		return (Map<String, Object>) value;
	}

	/**
	 * Return the value at the end of a way of keys and positions.
	 * @throws IllegalStateException if there is none
	 */
	static Object at(Object tree, Object... way) {
		Object value = tree;
		for (Object step : way) {
			Object next = (step instanceof Integer position) ? ((List<?>) value).get(position) : map(value).get(step);
			if (next == null) {
				throw new IllegalStateException("There is no %s in %s".formatted(step, value));
			}
			value = next;
		}
		return value;
	}

	static String text(Object tree, Object... way) {
		return at(tree, way).toString();
	}

	static List<?> list(Object tree, Object... way) {
		return (List<?>) at(tree, way);
	}

}
