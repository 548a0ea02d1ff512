package dev.tomcorn.tomcat;

import dev.tomcorn.worker.OnSupervised;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.ClassUtils;

/**
 * Condition that the figures of the worker are visible. A supervised worker shows them to
 * its fleet, a solo one only through an endpoint or meters.
 */
final class OnFiguresShown extends SpringBootCondition {

	private static final String ENDPOINT = "org.springframework.boot.actuate.endpoint.annotation.Endpoint";

	private static final String METERS = "io.micrometer.core.instrument.MeterRegistry";

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		// Ahead-of-time processing does not know how the application will run
		boolean shown = new OnSupervised().getMatchOutcome(context, metadata).isMatch()
				|| context.getEnvironment().getProperty("spring.aot.processing", Boolean.class, false)
				|| ClassUtils.isPresent(ENDPOINT, context.getClassLoader())
				|| ClassUtils.isPresent(METERS, context.getClassLoader());
		ConditionMessage.Builder message = ConditionMessage.forCondition("Figures");
		return shown ? ConditionOutcome.match(message.because("they can be seen"))
				: ConditionOutcome.noMatch(message.because("there is neither a fleet nor Actuator nor Micrometer"));
	}

}
