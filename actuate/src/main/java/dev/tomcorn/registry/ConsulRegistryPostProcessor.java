package dev.tomcorn.registry;

import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ReflectionUtils;

/**
 * {@link BeanPostProcessor} that lets Spring Cloud Consul register one instance for a
 * fleet. The library is optional, so its types are looked up by name.
 */
final class ConsulRegistryPostProcessor implements BeanPostProcessor, BeanFactoryAware {

	private static final Log logger = LogFactory.getLog(ConsulRegistryPostProcessor.class);

	private static final String PACKAGE = "org.springframework.cloud.consul.";

	private final Supplier<FleetRegistrations> registrations;

	private @Nullable ConfigurableListableBeanFactory beanFactory;

	private OptionalType registry = new OptionalType(null);

	/**
	 * Create the post-processor.
	 * @param registrations the worker's registrations, created if there is a registry
	 */
	ConsulRegistryPostProcessor(Supplier<FleetRegistrations> registrations) {
		this.registrations = registrations;
	}

	@Override
	public void setBeanFactory(BeanFactory newBeanFactory) {
		this.beanFactory = (ConfigurableListableBeanFactory) newBeanFactory;
		this.registry = type("serviceregistry.ConsulServiceRegistry");
	}

	private OptionalType type(String name) {
		return OptionalType.of(PACKAGE + name, Objects.requireNonNull(this.beanFactory).getBeanClassLoader());
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (!this.registry.isInstance(bean)) {
			return bean;
		}
		FleetRegistrations fleet = this.registrations.get();
		fleet.atEnd("consul", () -> created("serviceregistry.ConsulAutoServiceRegistration",
				(registration) -> OptionalType.call(registration, "stop")));
		ProxyFactory proxy = new ProxyFactory(bean);
		proxy.setProxyTargetClass(true);
		proxy.addAdvice(new Registry(fleet));
		return proxy.getProxy(bean.getClass().getClassLoader());
	}

	/**
	 * Apply an action to the beans of a type that exist.
	 */
	private void created(String name, Consumer<Object> action) {
		Class<?> type = type(name).type();
		if (type != null) {
			Objects.requireNonNull(this.beanFactory).getBeansOfType(type, false, false).values().forEach(action);
		}
	}

	/**
	 * Intercepts the calls of the registry.
	 */
	private final class Registry implements MethodInterceptor {

		private final FleetRegistrations fleet;

		Registry(FleetRegistrations fleet) {
			this.fleet = fleet;
		}

		@Override
		public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
			Object registration = (invocation.getArguments().length > 0) ? invocation.getArguments()[0] : null;
			if (registration == null) {
				return invocation.proceed();
			}
			switch (invocation.getMethod().getName()) {
				case "register" -> instance(registration).register(() -> call(invocation));
				case "deregister" -> {
					if (!instance(registration).deregister(() -> call(invocation))) {
						endHeartbeats(id(registration));
					}
				}
				default -> {
					return invocation.proceed();
				}
			}
			return null;
		}

		private FleetInstance instance(Object registration) {
			return this.fleet.instance("consul", id(registration));
		}

		private static String id(Object registration) {
			return String.valueOf(OptionalType.call(registration, "getInstanceId"));
		}

		/**
		 * Call the method itself, because another thread may do so later, which
		 * {@link MethodInvocation#proceed()} does not allow.
		 */
		private static void call(MethodInvocation invocation) {
			ReflectionUtils.invokeMethod(invocation.getMethod(), invocation.getThis(), invocation.getArguments());
		}

		/**
		 * End the heartbeats, as the registry would have done. A heartbeat could register
		 * the instance again after the last worker's end.
		 */
		private void endHeartbeats(String id) {
			logger.debug("Not deregistering '%s': other workers have it registered".formatted(id));
			created("discovery.TtlScheduler", (scheduler) -> OptionalType.call(scheduler, "remove", id));
		}

	}

}
