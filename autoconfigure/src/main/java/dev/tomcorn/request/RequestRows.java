package dev.tomcorn.request;

import java.util.List;

import dev.tomcorn.core.scoreboard.WorkerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Where the arbiter and operators see the requests of this worker, also when it has
 * ended. There is room for a number of them. While there are more, those that come have
 * to wait until the older ones have been given what room there is.
 */
final class RequestRows {

	private final @Nullable WorkerRecord record;

	private volatile boolean crowded;

	/**
	 * Create the rows.
	 * @param record where they are, or {@code null} if there are none
	 */
	RequestRows(@Nullable WorkerRecord record) {
		this.record = record;
	}

	/**
	 * Show a request that has come.
	 * @return its row
	 */
	int begin(long number, String method, String path, long began) {
		if (this.record == null || this.crowded) {
			return WorkerRecord.NO_ROW;
		}
		int row = this.record.begin(number, method, path, began);
		if (row == WorkerRecord.NO_ROW) {
			crowd();
		}
		return row;
	}

	/**
	 * Note that there are requests without a row. Told again of each once it is in
	 * flight: all that were in flight before may have been given a row meanwhile.
	 */
	void crowd() {
		if (this.record != null && !this.crowded) {
			this.crowded = true;
		}
	}

	/**
	 * Show a request for which there was no room when it came.
	 * @return its row
	 */
	int beginLate(long number, String method, String path, long began) {
		return (this.record != null) ? this.record.beginLate(number, method, path, began) : WorkerRecord.NO_ROW;
	}

	/**
	 * Return whether there may be requests without a row.
	 */
	boolean isCrowded() {
		return this.crowded;
	}

	/**
	 * Note that all requests have a row again.
	 */
	void relieved() {
		this.crowded = false;
	}

	void stage(int row, WorkerRecord.Stage stage) {
		if (this.record != null && row != WorkerRecord.NO_ROW) {
			this.record.stage(row, stage);
		}
	}

	void stack(int row, List<String> frames) {
		if (this.record != null && row != WorkerRecord.NO_ROW) {
			this.record.stack(row, frames);
		}
	}

	void end(int row) {
		if (this.record != null && row != WorkerRecord.NO_ROW) {
			this.record.end(row);
		}
	}

}
