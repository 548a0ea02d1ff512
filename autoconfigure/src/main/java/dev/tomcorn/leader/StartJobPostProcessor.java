package dev.tomcorn.leader;

import java.util.function.Supplier;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.ApplicationArguments;

/**
 * {@link BeanPostProcessor} that adapts Boot's runner of Spring Batch jobs to a worker of
 * a fleet. Types are given by name, so that the library is not required.
 */
final class StartJobPostProcessor implements BeanPostProcessor {

	private static final String RUNNER = "org.springframework.boot.batch.autoconfigure.JobLauncherApplicationRunner";

	private final Supplier<StartJobs> jobs;

	/**
	 * Create the post-processor.
	 * @param jobs supplies the jobs if there is a runner
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
	 * Intercepts the runner.
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
