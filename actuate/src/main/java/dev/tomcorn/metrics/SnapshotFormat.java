package dev.tomcorn.metrics;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * A kind of snapshot of a worker's meters: how it is stored and what outlives its worker.
 *
 * @param <T> the snapshot
 */
interface SnapshotFormat<T> {

	/**
	 * Return what the files are called after. It changes with what is in them: workers of
	 * two versions may share a run directory during a reload.
	 */
	String name();

	void write(T snapshot, DataOutput output) throws IOException;

	T read(DataInput input) throws IOException;

	/**
	 * Return the part that goes on counting when the worker is gone.
	 */
	T cumulative(T snapshot);

	/**
	 * Add what two workers have counted.
	 * @param total the sum so far
	 * @param more what comes on top
	 * @param grow whether series that the sum does not know are added to it
	 */
	T add(T total, T more, boolean grow);

	/**
	 * Add what a worker has counted before to what it tells now, as far as it does not
	 * tell it any more.
	 */
	T keep(T before, T now);

}
