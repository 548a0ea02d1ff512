package dev.tomcorn.core.shell;

import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

import org.jspecify.annotations.Nullable;

/**
 * A record as a map of JSON values, with the names of its components. A component that is
 * {@code null} or empty becomes {@code null}.
 */
final class RecordValues {

	private RecordValues() {
	}

	static SequencedMap<String, Object> of(Record values) {
		SequencedMap<String, Object> map = new LinkedHashMap<>();
		for (RecordComponent component : values.getClass().getRecordComponents()) {
			try {
				put(map, component.getName(), component.getAccessor().invoke(values));
			}
			catch (ReflectiveOperationException ex) {
				throw new IllegalStateException(ex);
			}
		}
		return map;
	}

	@SuppressWarnings("NullAway") // JSON has a null
	static void put(Map<String, Object> map, String name, @Nullable Object value) {
		map.put(name, value(value));
	}

	private static @Nullable Object value(@Nullable Object value) {
		return switch (value) {
			case Record values -> of(values);
			case Optional<?> optional -> value(optional.orElse(null));
			case List<?> list -> list.stream().map(RecordValues::value).toList();
			case Map<?, ?> map -> {
				Map<String, Object> values = new LinkedHashMap<>();
				map.forEach((key, each) -> put(values, String.valueOf(key), each));
				yield values;
			}
			case Enum<?> constant -> constant.name();
			case Instant time -> time.toString();
			case null, default -> value;
		};
	}

}
