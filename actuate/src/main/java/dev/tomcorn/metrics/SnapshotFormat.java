package dev.tomcorn.metrics;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * How snapshots of a worker's meters are stored and added up.
 *
 * @param <T> the snapshot
 */
interface SnapshotFormat<T> {

	/**
	 * Return the prefix of the files' names. It changes with their format: workers of two
	 * versions may share a run directory during a reload.
	 */
	String name();

	void write(T snapshot, DataOutput output) throws IOException;

	T read(DataInput input) throws IOException;

	/**
	 * Return the part that still counts when the worker is gone.
	 */
	T cumulative(T snapshot);

	/**
	 * Add the counts of two workers.
	 * @param total the sum so far
	 * @param more the counts to add
	 * @param grow whether to add series that the sum does not have
	 */
	T add(T total, T more, boolean grow);

	/**
	 * Add to a worker's current snapshot the counts of an earlier one that it lacks.
	 */
	T keep(T before, T now);

}
