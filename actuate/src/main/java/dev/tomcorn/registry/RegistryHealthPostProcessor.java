package dev.tomcorn.registry;

import java.util.List;

import dev.tomcorn.actuate.RegistryCall;
import org.aopalliance.intercept.MethodInterceptor;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.BeanClassLoaderAware;
import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * {@link BeanPostProcessor} that keeps a degraded fleet in a registry whose client sends
 * the application's health. Such a client treats an unknown status as one that cannot
 * serve.
 */
final class RegistryHealthPostProcessor implements BeanPostProcessor, BeanClassLoaderAware {

	private List<OptionalType> clients = List.of();

	@Override
	public void setBeanClassLoader(ClassLoader classLoader) {
		this.clients = List.of(
				OptionalType.of("org.springframework.cloud.netflix.eureka.EurekaHealthCheckHandler", classLoader),
				OptionalType.of(
						"org.springframework.cloud.consul.serviceregistry.ActuatorHealthApplicationStatusProvider",
						classLoader));
	}

	@Override
	public @Nullable Object postProcessAfterInitialization(Object bean, String beanName) {
		if (this.clients.stream().noneMatch((client) -> client.isInstance(bean))) {
			return bean;
		}
		ProxyFactory proxy = new ProxyFactory(bean);
		proxy.setProxyTargetClass(true);
		proxy.addAdvice((MethodInterceptor) (invocation) -> RegistryCall.of(invocation::proceed));
		return proxy.getProxy(bean.getClass().getClassLoader());
	}

}
