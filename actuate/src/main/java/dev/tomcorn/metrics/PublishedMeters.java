package dev.tomcorn.metrics;

/**
 * Meters of this worker that must count after its end.
 */
interface PublishedMeters {

	/**
	 * Publish the counts of this worker to the others when it ends. They count from then
	 * on, even if the meters are removed.
	 */
	void publish();

}
