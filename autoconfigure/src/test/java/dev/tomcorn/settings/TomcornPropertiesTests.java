package dev.tomcorn.settings;

import java.beans.PropertyDescriptor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;

import org.springframework.beans.BeanWrapperImpl;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TomcornProperties}: rules that hold for each of them.
 */
class TomcornPropertiesTests {

	private static final Set<Class<?>> SCALARS = Set.of(String.class, Integer.class, Boolean.class, Duration.class,
			DataSize.class, Path.class);

	/**
	 * Return the paths of all properties with one value.
	 */
	private static List<String> paths() {
		List<String> paths = new ArrayList<>();
		collect(TomcornProperties.class, "", paths);
		assertThat(paths).contains("timeout", "problems.diskFree", "arbiter.enabled").hasSizeGreaterThan(50);
		return paths;
	}

	private static void collect(Class<?> type, String prefix, List<String> paths) {
		for (PropertyDescriptor property : new BeanWrapperImpl(type).getPropertyDescriptors()) {
			String path = prefix + property.getName();
			if (SCALARS.contains(property.getPropertyType()) || property.getPropertyType().isEnum()) {
				paths.add(path);
			}
			else if (property.getPropertyType().getNestHost() == TomcornProperties.class) {
				collect(property.getPropertyType(), path + ".", paths);
			}
		}
	}

	private static BeanWrapperImpl bind(String path, String value) {
		String name = "tomcorn." + path.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
		return new BeanWrapperImpl(new Binder(new MapConfigurationPropertySource(Map.of(name, value)))
			.bindOrCreate("tomcorn", TomcornProperties.class));
	}

	@Test
	void durationWithoutASuffixIsInSeconds() {
		BeanWrapperImpl defaults = new BeanWrapperImpl(new TomcornProperties());
		List<String> durations = paths().stream()
			.filter((path) -> defaults.getPropertyType(path) == Duration.class)
			.toList();
		assertThat(durations).contains("bootTimeout", "warmUp.timeout", "problems.endAfter")
			.allSatisfy((path) -> assertThat(bind(path, "7").getPropertyValue(path)).isEqualTo(Duration.ofSeconds(7)));
	}

	@Test
	void emptyPropertyHasItsDefault() {
		BeanWrapperImpl defaults = new BeanWrapperImpl(new TomcornProperties());
		assertThat(paths()).filteredOn((path) -> defaults.getPropertyType(path) != String.class)
			.allSatisfy((path) -> assertThat(bind(path, "").getPropertyValue(path))
				.isEqualTo(defaults.getPropertyValue(path)));
	}

}
