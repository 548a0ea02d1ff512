package dev.tomcorn.leader;

import java.util.function.Supplier;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.ApplicationArguments;

/**
 * {@link BeanPostProcessor} that lets Boot's runner of Spring Batch jobs know that it is
 * in a worker of a fleet. The library is looked at by name: it need not be there.
 */
final class StartJobPostProcessor implements BeanPostProcessor {

	private static final String RUNNER = "org.springframework.boot.batch.autoconfigure.JobLauncherApplicationRunner";

	private final Supplier<StartJobs> jobs;

	/**
	 * Create the post-processor.
	 * @param jobs asked for when there is a runner
	 */
	StartJobPostProcessor(Supplier<StartJobs> jobs) {
		this.jobs = jobs;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (!BackgroundKind.isA(bean, RUNNER)) {
			return bean;
		}
		ProxyFactory proxy = new ProxyFactory(bean);
		proxy.setProxyTargetClass(true);
		proxy.addAdvice(new Run(this.jobs.get()));
		return proxy.getProxy(bean.getClass().getClassLoader());
	}

	/**
	 * Stands before the runner.
	 */
	private record Run(StartJobs jobs) implements MethodInterceptor {

		@Override
		public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
			@Nullable Object[] arguments = invocation.getArguments();
			if (invocation.getMethod().getName().equals("run") && arguments.length == 1
					&& arguments[0] instanceof ApplicationArguments) {
				this.jobs.run(invocation::proceed);
				return null;
			}
			return invocation.proceed();
		}

	}

}
