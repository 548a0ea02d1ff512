package dev.tomcorn.leader;

/**
 * Condition for the start of background work.
 */
enum StartCondition {

	/**
	 * When its worker takes traffic.
	 */
	SERVING,

	/**
	 * When its worker is the leader.
	 */
	LEADING

}
