package dev.tomcorn.leader;

import java.lang.reflect.Method;
import java.util.Optional;
import java.util.function.Supplier;

import dev.tomcorn.LeaderOnly;
import dev.tomcorn.Leadership;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.autoproxy.AbstractBeanFactoryAwareAdvisingPostProcessor;
import org.springframework.aop.support.ComposablePointcut;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.annotation.AnnotationMatchingPointcut;
import org.springframework.core.Ordered;

/**
 * Applies {@link LeaderOnly} to beans.
 */
final class LeaderOnlyPostProcessor extends AbstractBeanFactoryAwareAdvisingPostProcessor {

	/**
	 * Create the post-processor.
	 * @param leadership the worker's leadership; requested at the first call
	 */
	LeaderOnlyPostProcessor(Supplier<Leadership> leadership) {
		ComposablePointcut pointcut = new ComposablePointcut(
				AnnotationMatchingPointcut.forMethodAnnotation(LeaderOnly.class))
			.union(AnnotationMatchingPointcut.forClassAnnotation(LeaderOnly.class));
		this.advisor = new DefaultPointcutAdvisor(pointcut, new Interceptor(leadership));
		setBeforeExistingAdvisors(true);
		setProxyTargetClass(true);
		// Before the one of @Async, which then wraps this one: the working thread holds
		// the
		// leadership
		setOrder(Ordered.LOWEST_PRECEDENCE - 1);
	}

	/**
	 * Checks the leadership at each call.
	 */
	private record Interceptor(Supplier<Leadership> leadership) implements MethodInterceptor {

		@Override
		public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
			Method method = invocation.getMethod();
			Class<?> type = method.getReturnType();
			if (type.isPrimitive() && type != void.class) {
				throw new IllegalStateException("@LeaderOnly does not support a primitive return type: " + method);
			}
			try (Leadership.Hold hold = this.leadership.get().hold()) {
				if (hold != null) {
					return invocation.proceed();
				}
				return (type == Optional.class) ? Optional.empty() : null;
			}
		}

	}

}
