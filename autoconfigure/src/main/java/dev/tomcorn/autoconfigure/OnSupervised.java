package dev.tomcorn.autoconfigure;

import java.nio.file.Path;
import java.util.Objects;

import dev.tomcorn.worker.WorkerProcess;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Condition that the application runs in a worker process. Such a worker is there before
 * there are bean definitions.
 */
final class OnSupervised extends SpringBootCondition {

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConfigurableListableBeanFactory beanFactory = context.getBeanFactory();
		// The context of a management port has it from its parent
		boolean supervised = beanFactory != null && beanFactory.containsBean(TomcornRunListener.WORKER_PROCESS_BEAN)
				&& beanFactory.getBean(TomcornRunListener.WORKER_PROCESS_BEAN, WorkerProcess.class).isSupervised();
		ConditionMessage.Builder message = ConditionMessage.forCondition("Supervised");
		return supervised ? ConditionOutcome.match(message.because("this is a worker process"))
				: ConditionOutcome.noMatch(message.because("the application runs solo"));
	}

	static Path runDirectory(WorkerProcess process) {
		return Objects.requireNonNull(process.runDirectory());
	}

}
