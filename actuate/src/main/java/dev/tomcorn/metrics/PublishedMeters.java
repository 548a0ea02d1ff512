package dev.tomcorn.metrics;

/**
 * Meters of this worker that are to be known when it is gone.
 */
interface PublishedMeters {

	/**
	 * Let the other workers know what this one has counted until now, when it ends. What
	 * has been told so counts on, whatever becomes of the meters afterwards.
	 */
	void publish();

}
