package dev.tomcorn.actuate;

import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.AvailabilityState;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.health.application.LivenessStateHealthIndicator;

/**
 * {@link LivenessStateHealthIndicator} of a supervised worker, which always reports
 * {@code CORRECT}: an orchestrator that sees a broken worker would restart the fleet. The
 * arbiter replaces that worker instead.
 */
final class FleetLiveness extends LivenessStateHealthIndicator {

	FleetLiveness(ApplicationAvailability availability) {
		super(availability);
	}

	@Override
	protected AvailabilityState getState(ApplicationAvailability availability) {
		return LivenessState.CORRECT;
	}

}
