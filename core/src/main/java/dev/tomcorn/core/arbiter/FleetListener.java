package dev.tomcorn.core.arbiter;

/**
 * Listens to what happens to the fleet, in the arbiter's process. Named in
 * {@code META-INF/spring.factories}, created with a constructor without parameters, and
 * called by a thread of its own, one event after the other: it can neither hold up the
 * supervision nor break it. The arbiter loads no application context and does not change
 * with a reload, so a listener should do little, such as telling another system.
 */
@FunctionalInterface
public interface FleetListener {

	/**
	 * Called after something has happened.
	 * @param event what happened
	 */
	void onFleetEvent(FleetEvent event);

}
