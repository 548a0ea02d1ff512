package dev.tomcorn.metrics;

/**
 * Meters of this worker that are to be known when it is gone.
 */
public interface PublishedMeters {

	/**
	 * Let the other workers know what this one has counted until now.
	 */
	void publish();

}
