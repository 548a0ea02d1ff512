package dev.tomcorn.core;

import java.util.List;
import java.util.Locale;

import dev.tomcorn.core.arbiter.LostRequests;
import dev.tomcorn.core.arbiter.PrintableText;
import dev.tomcorn.core.incident.ApplicationFrames;
import dev.tomcorn.core.scoreboard.WorkerRecord;
import dev.tomcorn.core.scoreboard.WorkerRecord.InFlight;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import org.jspecify.annotations.Nullable;

/**
 * Describes the requests that a worker has, or had, in flight. Reads them from shared
 * memory, so that the worker need not answer, and does not trust the content.
 */
final class RecordedRequests {

	private static final int MAX_KEPT = 16;

	private static final int MAX_LISTED = 100;

	private static final int MAX_PATH = 80;

	/**
	 * More than a worker can have: a larger count is corrupt.
	 */
	private static final int MAX_COUNT = 10_000_000;

	private RecordedRequests() {
	}

	static LostRequests lost(WorkerSlot slot, @Nullable WorkerRecord record) {
		List<InFlight> known = inFlight(record);
		int counted = slot.activeRequests();
		long count = Math.max(known.size(), (counted > 0 && counted <= MAX_COUNT) ? counted : 0);
		return (count == 0) ? LostRequests.NONE
				: new LostRequests(count, known.stream().limit(MAX_KEPT).map(RecordedRequests::clause).toList());
	}

	private static List<InFlight> inFlight(@Nullable WorkerRecord record) {
		return (record != null) ? record.inFlight() : List.of();
	}

	private static String clause(InFlight request) {
		String path = request.path();
		return "%s %s for %s%s".formatted(request.method(),
				(path.length() <= MAX_PATH) ? path : path.substring(0, MAX_PATH) + "…", age(request),
				ApplicationFrames.at(request.stack()));
	}

	private static String age(InFlight request) {
		return String.format(Locale.ROOT, "%.1f s", request.ageNanos() / 1e9);
	}

	/**
	 * Return the requests in lines, for an incident.
	 */
	static String describe(@Nullable WorkerRecord record) {
		List<InFlight> known = inFlight(record);
		if (known.isEmpty()) {
			return "";
		}
		StringBuilder text = new StringBuilder("\n\nRequests in flight, the oldest first");
		for (InFlight request : known.subList(0, Math.min(known.size(), MAX_LISTED))) {
			text.append("\n%d %s %s, %s, %s".formatted(request.number(), request.method(), request.path(), age(request),
					request.stage()));
			request.stack().forEach((frame) -> text.append("\n    at ").append(frame));
		}
		return PrintableText.lines(text.toString());
	}

}
