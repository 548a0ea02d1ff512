package dev.tomcorn.core.arbiter;

/**
 * Listens to events of the fleet in the arbiter's process. Register an implementation in
 * {@code META-INF/spring.factories} and give it a constructor without parameters. A
 * thread of its own calls it, one event after the other, so it can neither delay
 * supervision nor break it. The arbiter loads no application context and does not change
 * with a reload, so a listener should do little, for example notify another system.
 */
@FunctionalInterface
public interface FleetListener {

	/**
	 * Called after an event.
	 * @param event what happened
	 */
	void onFleetEvent(FleetEvent event);

}
