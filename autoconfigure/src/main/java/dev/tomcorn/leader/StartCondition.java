package dev.tomcorn.leader;

/**
 * When something may start that works in the background of an application.
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
