package dev.tomcorn.core.arbiter;

import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * The report that an arbiter has posted, for frequent readers. It is parsed again only
 * after the arbiter has posted another.
 */
public final class PostedReport {

	private final Supplier<byte[]> notice;

	private volatile @Nullable Parsed last;

	/**
	 * Create the reader of a report.
	 * @param notice supplies the posted bytes, as the same array until they change
	 */
	public PostedReport(Supplier<byte[]> notice) {
		this.notice = notice;
	}

	private record Parsed(byte[] bytes, FleetReport report) {

	}

	/**
	 * Return the last report. Safe from any thread.
	 * @return the report, an empty one until one is posted
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
