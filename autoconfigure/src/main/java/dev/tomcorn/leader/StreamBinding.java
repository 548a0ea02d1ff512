package dev.tomcorn.leader;

import java.lang.reflect.Method;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeansException;
import org.springframework.beans.DirectFieldAccessor;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.StringUtils;

/**
 * A consumer of Spring Cloud Stream. It is not a bean: a bean creates all consumers when
 * it starts, and starts each one if its properties say so. Types are given by name, so
 * that the library is not required.
 */
final class StreamBinding implements SmartLifecycle {

	private static final Log logger = LogFactory.getLog(StreamBinding.class);

	private static final String LIFECYCLE = "org.springframework.cloud.stream.binding.InputBindingLifecycle";

	private static final String BINDABLE = "org.springframework.cloud.stream.binding.Bindable";

	/**
	 * State of a binding that cannot be started and stopped.
	 */
	private static final String NO_STATE = "N/A";

	private final SmartLifecycle bindings;

	private final String name;

	private final Object service;

	private final Object consumer;

	private final boolean group;

	private StreamBinding(SmartLifecycle bindings, String name, Object service, Object properties) {
		this.bindings = bindings;
		this.name = name;
		this.service = service;
		// Also creates the default properties of the binding
		this.consumer = Objects.requireNonNull(call(properties, "getConsumerProperties", name));
		this.group = BackgroundKind.value(properties, "bindings") instanceof Map<?, ?> all
				&& all.get(name) instanceof Object own && BackgroundKind.value(own, "group") instanceof String text
				&& StringUtils.hasText(text);
	}

	/**
	 * Return the consumers that a bean will create.
	 */
	static List<StreamBinding> of(Object bean, ListableBeanFactory beanFactory) {
		if (!(bean instanceof SmartLifecycle bindings) || !BackgroundKind.isA(bean, LIFECYCLE)) {
			return List.of();
		}
		try {
			Object service = field(bean, "bindingService");
			Object properties = field(service, "bindingServiceProperties");
			Class<?> bindable = ClassUtils.resolveClassName(BINDABLE, bean.getClass().getClassLoader());
			return beanFactory.getBeansOfType(bindable)
				.values()
				.stream()
				.flatMap(StreamBinding::inputs)
				.distinct()
				.map((input) -> new StreamBinding(bindings, input, service, properties))
				.toList();
		}
		catch (RuntimeException | LinkageError ex) {
			logger.warn("Consumers of Spring Cloud Stream start before their worker takes traffic: "
					+ "this version is not supported", ex);
			return List.of();
		}
	}

	private static Stream<String> inputs(Object bindable) {
		return (BackgroundKind.value(bindable, "inputs") instanceof Collection<?> inputs)
				? inputs.stream().map(String::valueOf) : Stream.empty();
	}

	String name() {
		return this.name;
	}

	/**
	 * Return whether the consumer belongs to a group. Without a group it gets all
	 * messages, and the library does not start it later.
	 */
	boolean hasGroup() {
		return this.group;
	}

	@Override
	public boolean isAutoStartup() {
		return Boolean.TRUE.equals(BackgroundKind.value(this.consumer, "autoStartup"));
	}

	public void setAutoStartup(boolean autoStartup) {
		PropertyAccessorFactory.forBeanPropertyAccess(this.consumer).setPropertyValue("autoStartup", autoStartup);
	}

	@Override
	public void start() {
		bound().forEach((binding) -> call(binding, "start"));
		if (!isRunning()) {
			// The library retries to bind it
			throw new IllegalStateException("The binding '%s' does not exist yet".formatted(this.name));
		}
	}

	@Override
	public void stop() {
		bound().forEach((binding) -> call(binding, "stop"));
	}

	@Override
	public boolean isRunning() {
		List<Object> bound = bound();
		return !bound.isEmpty() && bound.stream()
			.allMatch((binding) -> Boolean.TRUE.equals(BackgroundKind.value(binding, "running"))
					|| NO_STATE.equals(BackgroundKind.value(binding, "state")));
	}

	@Override
	public int getPhase() {
		return this.bindings.getPhase();
	}

	private List<Object> bound() {
		return (field(this.service, "consumerBindings") instanceof Map<?, ?> all
				&& all.get(this.name) instanceof Collection<?> own)
						? own.stream().<Object>map(StreamBinding::unwrap).toList() : List.of();
	}

	/**
	 * Return the delegate of a binding. A binding that failed at first does not pass
	 * calls on to it.
	 */
	private static Object unwrap(Object binding) {
		try {
			return field(binding, "delegate");
		}
		catch (BeansException | IllegalStateException ex) {
			return binding;
		}
	}

	private static Object field(Object object, String name) {
		Object value = new DirectFieldAccessor(object).getPropertyValue(name);
		if (value == null) {
			throw new IllegalStateException("No '%s'".formatted(name));
		}
		return value;
	}

	private static @Nullable Object call(Object object, String name, String... arguments) {
		Class<?>[] types = Stream.of(arguments).map(Object::getClass).toArray(Class<?>[]::new);
		Method method = ReflectionUtils.findMethod(object.getClass(), name, types);
		if (method == null) {
			throw new IllegalStateException("No '%s'".formatted(name));
		}
		ReflectionUtils.makeAccessible(method);
		return ReflectionUtils.invokeMethod(method, object, (Object[]) arguments);
	}

}
