package dev.tomcorn.registry;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.BeanClassLoaderAware;
import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * {@link BeanPostProcessor} that lets the client of Spring Boot Admin register one
 * instance for a fleet. The client repeats its registration, so only the leader does: a
 * difference between workers, such as their start time, would count as a change each
 * time. The library is optional, so its types are looked up by name.
 */
final class AdminRegistratorPostProcessor implements BeanPostProcessor, BeanClassLoaderAware {

	private static final String REGISTRATOR = "de.codecentric.boot.admin.client.registration.ApplicationRegistrator";

	private final Supplier<FleetRegistrations> registrations;

	private OptionalType registrator = new OptionalType(null);

	/**
	 * Create the post-processor.
	 * @param registrations the worker's registrations, created if there is a client
	 */
	AdminRegistratorPostProcessor(Supplier<FleetRegistrations> registrations) {
		this.registrations = registrations;
	}

	@Override
	public void setBeanClassLoader(ClassLoader classLoader) {
		this.registrator = OptionalType.of(REGISTRATOR, classLoader);
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (!this.registrator.isInstance(bean)) {
			return bean;
		}
		Class<?> face = Objects.requireNonNull(this.registrator.type());
		return Proxy.newProxyInstance(face.getClassLoader(), new Class<?>[] { face },
				new Registrator(bean, this.registrations.get()));
	}

	/**
	 * Intercepts the calls of the registrator.
	 */
	private static final class Registrator implements InvocationHandler {

		private final Object target;

		private final FleetRegistrations fleet;

		private final FleetInstance instance;

		Registrator(Object target, FleetRegistrations fleet) {
			this.target = target;
			this.fleet = fleet;
			this.instance = fleet.instance("spring-boot-admin", "");
		}

		@Override
		public @Nullable Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
			return switch (method.getName()) {
				case "register" -> {
					this.instance.join();
					yield this.fleet.mayRepeat() ? OptionalType.call(this.target, "register") : true;
				}
				case "deregister" -> {
					this.instance.deregister(this::deregister);
					yield null;
				}
				default -> AopUtils.invokeJoinpointUsingReflection(this.target, method, arguments);
			};
		}

		private void deregister() {
			if (OptionalType.call(this.target, "getRegisteredId") == null) {
				// Another worker has registered: the server returns its id
				OptionalType.call(this.target, "register");
			}
			OptionalType.call(this.target, "deregister");
		}

	}

}
