package dev.tomcorn.registry;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.BeanClassLoaderAware;
import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * {@link BeanPostProcessor} that lets Netflix's Eureka client register one instance for a
 * fleet. The client itself registers, renews and cancels, so this intercepts its
 * transport. The library is optional, so its types are looked up by name.
 */
final class EurekaTransportPostProcessor implements BeanPostProcessor, BeanClassLoaderAware {

	private static final String PACKAGE = "com.netflix.discovery.shared.transport.";

	private final Supplier<FleetRegistrations> registrations;

	private @Nullable ClassLoader classLoader;

	private OptionalType transports = new OptionalType(null);

	/**
	 * Create the post-processor.
	 * @param registrations the worker's registrations, created if there is a client
	 */
	EurekaTransportPostProcessor(Supplier<FleetRegistrations> registrations) {
		this.registrations = registrations;
	}

	@Override
	public void setBeanClassLoader(ClassLoader newClassLoader) {
		this.classLoader = newClassLoader;
		this.transports = type("jersey.TransportClientFactories");
	}

	private OptionalType type(String name) {
		return OptionalType.of(PACKAGE + name, this.classLoader);
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (!this.transports.isInstance(bean)) {
			return bean;
		}
		return proxy(this.transports, (_, method, arguments) -> {
			Object result = AopUtils.invokeJoinpointUsingReflection(bean, method, arguments);
			return (result != null && method.getName().equals("newTransportClientFactory"))
					? transport(result, arguments) : result;
		});
	}

	/**
	 * Intercept the connections of a client to its servers.
	 * @param arguments configuration of the client, its filters, its instance, and others
	 */
	private Object transport(Object transport, @Nullable Object[] arguments) {
		Object configuration = arguments[0];
		Object information = arguments[2];
		if (configuration == null || information == null
				|| !Boolean.TRUE.equals(OptionalType.call(configuration, "shouldRegisterWithEureka"))) {
			return transport;
		}
		boolean cancels = Boolean.TRUE.equals(OptionalType.call(configuration, "shouldUnregisterOnShutdown"));
		EurekaInstance instance = EurekaInstance.join(this.registrations.get(), information, cancels,
				type("EurekaHttpResponse"));
		return proxy(type("TransportClientFactory"), (_, method, calls) -> {
			Object result = AopUtils.invokeJoinpointUsingReflection(transport, method, calls);
			return (result != null && method.getName().equals("newClient"))
					? proxy(type("EurekaHttpClient"), instance.before(result)) : result;
		});
	}

	private static Object proxy(OptionalType type, InvocationHandler handler) {
		Class<?> face = Objects.requireNonNull(type.type());
		return Proxy.newProxyInstance(face.getClassLoader(), new Class<?>[] { face }, handler);
	}

}
