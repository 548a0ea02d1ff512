package dev.tomcorn.metrics;

import dev.tomcorn.WarmUp;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationPredicate;
import org.apache.catalina.startup.Tomcat;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.http.server.observation.ServerRequestObservationContext;

/**
 * {@link EnableAutoConfiguration Auto-configuration} that keeps requests of the warm-up
 * out of {@code http.server.requests} and of traces.
 */
@AutoConfiguration
@ConditionalOnClass({ Tomcat.class, ObservationPredicate.class, ServerRequestObservationContext.class })
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
public final class WarmUpObservationAutoConfiguration {

	@Bean
	ObservationPredicate tomcornWarmUpObservationPredicate() {
		return (name, context) -> !isWarmUp(context);
	}

	private static boolean isWarmUp(Observation.Context context) {
		return context instanceof ServerRequestObservationContext server && server.getCarrier() != null
				&& WarmUp.isWarmUp(server.getCarrier());
	}

}
