package dev.tomcorn.actuate;

import java.util.function.BooleanSupplier;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;

import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.AvailabilityState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.health.application.ReadinessStateHealthIndicator;
import org.springframework.context.ApplicationListener;

/**
 * {@link ReadinessStateHealthIndicator} of the fleet, which accepts traffic while one of
 * its workers does. The application's own readiness counts while the worker that answers
 * serves.
 */
final class FleetReadiness extends ReadinessStateHealthIndicator
		implements ApplicationListener<AvailabilityChangeEvent<?>> {

	private final Scoreboard scoreboard;

	private final WorkerSlot slot;

	private final BooleanSupplier servedElsewhere;

	/**
	 * Until the application has accepted traffic once, a refusal is Boot's initial state
	 * and not the application's decision.
	 */
	private volatile boolean hasAccepted;

	FleetReadiness(ApplicationAvailability availability, Scoreboard scoreboard, WorkerSlot slot,
			BooleanSupplier servedElsewhere) {
		super(availability);
		this.scoreboard = scoreboard;
		this.slot = slot;
		this.servedElsewhere = servedElsewhere;
	}

	@Override
	public void onApplicationEvent(AvailabilityChangeEvent<?> event) {
		if (event.getState() == ReadinessState.ACCEPTING_TRAFFIC) {
			accepted();
		}
	}

	void accepted() {
		this.hasAccepted = true;
	}

	@Override
	protected AvailabilityState getState(ApplicationAvailability availability) {
		ReadinessState own = availability.getReadinessState();
		if (this.slot.state() == WorkerState.READY && (this.hasAccepted || own == ReadinessState.ACCEPTING_TRAFFIC)) {
			return own;
		}
		return (this.scoreboard.slots().stream().anyMatch(WorkerSlot::isServing) || this.servedElsewhere.getAsBoolean())
				? ReadinessState.ACCEPTING_TRAFFIC : ReadinessState.REFUSING_TRAFFIC;
	}

}
