package dev.tomcorn.core.arbiter;

import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * The report that an arbiter has posted, as a reader sees it that asks often. It is
 * parsed once, and again only after the arbiter has posted another.
 */
public final class PostedReport {

	private final Supplier<byte[]> notice;

	private volatile @Nullable Parsed last;

	/**
	 * Create the reader of a report.
	 * @param notice what is posted: the same array until that changes
	 */
	public PostedReport(Supplier<byte[]> notice) {
		this.notice = notice;
	}

	private record Parsed(byte[] bytes, FleetReport report) {

	}

	/**
	 * Return the last report. Safe from any thread.
	 * @return the report; an empty one as long as none is posted
	 */
	public FleetReport get() {
		byte[] bytes = this.notice.get();
		Parsed parsed = this.last;
		if (parsed == null || parsed.bytes() != bytes) {
			parsed = new Parsed(bytes, FleetReport.ofBytes(bytes));
			this.last = parsed;
		}
		return parsed.report();
	}

}
