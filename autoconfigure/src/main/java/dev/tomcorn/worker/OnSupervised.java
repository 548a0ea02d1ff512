package dev.tomcorn.worker;

import java.nio.file.Path;
import java.util.Objects;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Condition that the application runs in a worker process. The bean of such a worker is
 * registered before there are bean definitions.
 */
public final class OnSupervised extends SpringBootCondition {

	/**
	 * Name of the bean of a worker that joins an arbiter.
	 */
	public static final String WORKER_PROCESS_BEAN = "tomcornWorkerProcess";

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConfigurableListableBeanFactory beanFactory = context.getBeanFactory();
		// The context of a management port inherits it from its parent
		boolean supervised = beanFactory != null && beanFactory.containsBean(WORKER_PROCESS_BEAN)
				&& beanFactory.getBean(WORKER_PROCESS_BEAN, WorkerProcess.class).isSupervised();
		ConditionMessage.Builder message = ConditionMessage.forCondition("Supervised");
		return supervised ? ConditionOutcome.match(message.because("this is a worker process"))
				: ConditionOutcome.noMatch(message.because("the application runs solo"));
	}

	/**
	 * Return the run directory of a supervised worker's fleet.
	 * @param process the worker
	 * @return its directory
	 */
	public static Path runDirectory(WorkerProcess process) {
		return Objects.requireNonNull(process.runDirectory());
	}

}
