package dev.tomcorn.metrics;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;

import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.Unit;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * A metric's exposition base name and its original name, which the Prometheus client of
 * Spring Boot 4.1 has. With the client of Spring Boot 4.0 both are the metric's name.
 */
final class MetadataNames {

	private static final @Nullable Method EXPOSITION_BASE_NAME = ReflectionUtils.findMethod(MetricMetadata.class,
			"getExpositionBaseName");

	private static final @Nullable Method ORIGINAL_NAME = ReflectionUtils.findMethod(MetricMetadata.class,
			"getOriginalName");

	private static final @Nullable Constructor<MetricMetadata> ALL_NAMES = ClassUtils.getConstructorIfAvailable(
			MetricMetadata.class, String.class, String.class, String.class, String.class, Unit.class);

	private MetadataNames() {
	}

	static String expositionBaseName(MetricMetadata metadata) {
		return name(EXPOSITION_BASE_NAME, metadata);
	}

	static String originalName(MetricMetadata metadata) {
		return name(ORIGINAL_NAME, metadata);
	}

	private static String name(@Nullable Method getter, MetricMetadata metadata) {
		Object name = (getter != null) ? ReflectionUtils.invokeMethod(getter, metadata) : null;
		return (name != null) ? (String) name : metadata.getName();
	}

	static MetricMetadata metadata(String name, String expositionBaseName, String originalName, @Nullable String help,
			@Nullable Unit unit) {
		return (ALL_NAMES != null)
				? BeanUtils.instantiateClass(ALL_NAMES, name, expositionBaseName, originalName, help, unit)
				: new MetricMetadata(name, help, unit);
	}

}
