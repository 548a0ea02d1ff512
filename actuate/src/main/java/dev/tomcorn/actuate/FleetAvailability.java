package dev.tomcorn.actuate;

import dev.tomcorn.worker.WorkerProcess;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.health.application.LivenessStateHealthIndicator;
import org.springframework.boot.health.application.ReadinessStateHealthIndicator;

/**
 * {@link BeanPostProcessor} that replaces Boot's readiness and liveness indicators by
 * those of the fleet. Indicators of the application stay. Solo, nothing is replaced.
 */
final class FleetAvailability implements BeanPostProcessor {

	private final ObjectProvider<WorkerProcess> process;

	private final ObjectProvider<ApplicationAvailability> availability;

	/**
	 * Create the post processor.
	 * @param process the worker
	 * @param availability the states of its application
	 */
	FleetAvailability(ObjectProvider<WorkerProcess> process, ObjectProvider<ApplicationAvailability> availability) {
		this.process = process;
		this.availability = availability;
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean.getClass() != ReadinessStateHealthIndicator.class
				&& bean.getClass() != LivenessStateHealthIndicator.class) {
			return bean;
		}
		WorkerProcess worker = this.process.getObject();
		if (!worker.isSupervised()) {
			return bean;
		}
		return (bean instanceof ReadinessStateHealthIndicator) ? new FleetReadiness(this.availability.getObject(),
				worker.scoreboard(), worker.slot(), worker::isServedElsewhere)
				: new FleetLiveness(this.availability.getObject());
	}

}
