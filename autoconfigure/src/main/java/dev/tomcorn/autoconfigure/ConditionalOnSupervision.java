package dev.tomcorn.autoconfigure;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import dev.tomcorn.worker.WorkerProcess;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * {@link Conditional @Conditional} that matches in a worker that an arbiter supervises.
 */
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@Conditional(ConditionalOnSupervision.OnSupervision.class)
@interface ConditionalOnSupervision {

	/**
	 * Looks for the worker that has joined its arbiter, which is there before any bean.
	 */
	final class OnSupervision extends SpringBootCondition {

		@Override
		public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
			ConditionMessage.Builder message = ConditionMessage.forCondition(ConditionalOnSupervision.class);
			boolean supervised = context.getBeanFactory() != null
					&& context.getBeanFactory()
						.getSingleton(TomcornRunListener.WORKER_PROCESS_BEAN) instanceof WorkerProcess process
					&& process.isSupervised();
			return supervised ? ConditionOutcome.match(message.because("an arbiter supervises this worker"))
					: ConditionOutcome.noMatch(message.because("this application runs solo"));
		}

	}

}
