package dev.tomcorn.lifecycle;

/**
 * When something may begin that an application starts by itself.
 */
public enum Due {

	/**
	 * When its worker takes traffic.
	 */
	SERVING,

	/**
	 * When its worker is the leader.
	 */
	LEADING

}
