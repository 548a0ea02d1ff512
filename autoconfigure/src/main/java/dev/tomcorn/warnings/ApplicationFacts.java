package dev.tomcorn.warnings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeansException;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.ResourcePatternUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * Facts about an application for a {@link FleetWarning.Check}. Classes are looked up by
 * name, so that no library is required. No bean is created.
 */
final class ApplicationFacts {

	private final ConfigurableListableBeanFactory beanFactory;

	private final Environment environment;

	private final @Nullable ClassLoader classLoader;

	ApplicationFacts(ConfigurableApplicationContext context) {
		this.beanFactory = context.getBeanFactory();
		this.environment = context.getEnvironment();
		this.classLoader = context.getClassLoader();
	}

	/**
	 * Return whether a class is on the class path.
	 */
	boolean hasClass(String className) {
		return ClassUtils.isPresent(className, this.classLoader);
	}

	/**
	 * Return a property.
	 * @return its value, or {@code null} if it is not set or empty
	 */
	@Nullable String property(String name) {
		String value = this.environment.getProperty(name);
		return StringUtils.hasText(value) ? value : null;
	}

	/**
	 * Return the names of the beans of a type, including those that have not been
	 * created.
	 * @param className name of the type
	 */
	List<String> beans(String className) {
		Class<?> type = type(className);
		return (type != null) ? List.of(this.beanFactory.getBeanNamesForType(type, true, false)) : List.of();
	}

	/**
	 * Return the beans of a type that have been created.
	 * @param className name of the type
	 */
	Stream<NamedBean> created(String className) {
		return beans(className).stream()
			.filter((name) -> this.beanFactory.containsSingleton(BeanFactoryUtils.transformedBeanName(name)))
			.map((name) -> new NamedBean(name, this.beanFactory.getBean(name)));
	}

	/**
	 * Return the beans of some types that have been created.
	 * @param classNames names of the types
	 */
	Stream<NamedBean> created(String... classNames) {
		return Stream.of(classNames).flatMap(this::created);
	}

	/**
	 * Return the name of the first bean of a type that has been created and meets a
	 * condition.
	 * @param className name of the type
	 * @param condition the condition
	 * @return the name, or {@code null} if there is none
	 */
	@Nullable String firstBean(String className, Predicate<Object> condition) {
		return created(className).filter((bean) -> condition.test(bean.instance()))
			.map(NamedBean::name)
			.findFirst()
			.orElse(null);
	}

	/**
	 * Return whether a property is true.
	 */
	boolean isTrue(String name) {
		return Boolean.parseBoolean(property(name));
	}

	/**
	 * Return the first bean of some types.
	 * @param classNames names of the types
	 * @return its class and name, or {@code null} if there is none
	 */
	@Nullable String firstBeanOf(List<String> classNames) {
		for (String className : classNames) {
			for (String bean : beans(className)) {
				return "%s of bean '%s'".formatted(ClassUtils.getShortName(className), bean);
			}
		}
		return null;
	}

	/**
	 * Return the bean name of the configuration class whose method creates a bean.
	 * @param beanName name of the bean
	 * @return the name, which for auto-configurations of Boot is the class name, or
	 * {@code
	 * null} if no factory method of a bean creates it
	 */
	@Nullable String madeBy(String beanName) {
		return this.beanFactory.containsBeanDefinition(beanName)
				? this.beanFactory.getBeanDefinition(beanName).getFactoryBeanName() : null;
	}

	/**
	 * Return whether another bean uses a bean.
	 */
	boolean isUsed(String beanName) {
		return this.beanFactory.getDependentBeans(beanName).length > 0;
	}

	/**
	 * Return the beans that a bean uses.
	 */
	Stream<String> dependencies(String beanName) {
		return Stream.of(this.beanFactory.getDependenciesForBean(beanName));
	}

	/**
	 * Return whether a bean is of a type.
	 */
	boolean isOfType(String beanName, String className) {
		Class<?> type = type(className);
		return type != null && this.beanFactory.containsBean(beanName) && this.beanFactory.isTypeMatch(beanName, type);
	}

	/**
	 * Return whether an object's class is one of the application's own.
	 */
	boolean isOwn(Object object) {
		return isOwn(object.getClass().getName());
	}

	/**
	 * Return whether a class is one of the application's own.
	 * @param name the name of the class, or of one of its methods
	 */
	boolean isOwn(String name) {
		return AutoConfigurationPackages.has(this.beanFactory) && AutoConfigurationPackages.get(this.beanFactory)
			.stream()
			.anyMatch((own) -> name.startsWith(own + "."));
	}

	/**
	 * Return whether a method or its class has one of some annotations.
	 * @param method the class and the name of the method
	 * @param annotations names of the annotations
	 */
	boolean isAnnotated(String method, List<String> annotations) {
		int end = method.lastIndexOf('.');
		Class<?> type = (end > 0) ? type(method.substring(0, end)) : null;
		return type != null && Stream
			.concat(Stream.of(type),
					Stream.of(type.getDeclaredMethods())
						.filter((candidate) -> candidate.getName().equals(method.substring(end + 1))))
			.flatMap((element) -> Stream.of(element.getAnnotations()))
			.anyMatch((annotation) -> annotations.contains(annotation.annotationType().getName()));
	}

	/**
	 * Return the filters of Spring Security.
	 */
	Stream<Object> securityFilters() {
		return created("org.springframework.security.web.SecurityFilterChain")
			.map((bean) -> value(bean.instance(), "filters"))
			.flatMap((filters) -> (filters instanceof List<?> list) ? list.stream() : Stream.empty());
	}

	/**
	 * Return whether Spring Security has a filter.
	 */
	boolean hasSecurityFilter(String className) {
		return securityFilters().anyMatch((filter) -> isA(filter, className));
	}

	/**
	 * Return the text of the resources at some locations.
	 * @param locations resource locations of Spring, including patterns
	 */
	Stream<String> texts(String... locations) {
		return Stream.of(locations).map(this::resources).flatMap(Stream::of).map((resource) -> {
			try {
				return resource.exists() ? resource.getContentAsString(StandardCharsets.UTF_8) : "";
			}
			catch (IOException ex) {
				return "";
			}
		});
	}

	private Resource[] resources(String location) {
		try {
			return ResourcePatternUtils.getResourcePatternResolver(new DefaultResourceLoader(this.classLoader))
				.getResources(location);
		}
		catch (IOException ex) {
			return new Resource[0];
		}
	}

	/**
	 * Return whether an object is of a type.
	 */
	boolean isA(Object object, String className) {
		Class<?> type = type(className);
		return type != null && type.isInstance(object);
	}

	private @Nullable Class<?> type(String className) {
		try {
			return ClassUtils.forName(className, this.classLoader);
		}
		catch (ClassNotFoundException | LinkageError ex) {
			return null;
		}
	}

	/**
	 * Return the value of an object's property.
	 * @param object the object
	 * @param name name of the property
	 * @return the value, or {@code null} if there is none or it cannot be read
	 */
	static @Nullable Object value(Object object, String name) {
		try {
			return PropertyAccessorFactory.forBeanPropertyAccess(object).getPropertyValue(name);
		}
		catch (BeansException ex) {
			return null;
		}
	}

	/**
	 * A bean and its name.
	 *
	 * @param name name of the bean
	 * @param instance the bean
	 */
	record NamedBean(String name, Object instance) {
	}

}
