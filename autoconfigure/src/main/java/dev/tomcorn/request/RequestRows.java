package dev.tomcorn.request;

import java.util.List;

import dev.tomcorn.core.scoreboard.WorkerRecord;
import org.jspecify.annotations.Nullable;

/**
 * The rows in which the arbiter and operators see the requests of this worker, even after
 * it has ended. The number of rows is limited. While there are more requests than rows,
 * new requests get no row, and free rows go to the oldest ones.
 */
final class RequestRows {

	private final @Nullable WorkerRecord record;

	private volatile boolean crowded;

	/**
	 * Create the rows.
	 * @param record contains the rows, or {@code null} if there are none
	 */
	RequestRows(@Nullable WorkerRecord record) {
		this.record = record;
	}

	/**
	 * Show a new request.
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
	 * Record that there are requests without a row. Called again for each request once it
	 * is in flight, because all earlier ones may have got a row meanwhile.
	 */
	void crowd() {
		if (this.record != null && !this.crowded) {
			this.crowded = true;
		}
	}

	/**
	 * Show a request for which no row was free when it began.
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
	 * Record that all requests have a row again.
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
