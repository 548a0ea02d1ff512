package dev.tomcorn.core.shell;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.scoreboard.WorkerRecord;
import dev.tomcorn.core.scoreboard.WorkerRecord.InFlight;
import dev.tomcorn.core.scoreboard.WorkerRecords;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;

/**
 * The requests that a fleet has in flight at one moment, read from the records of its
 * workers. No process needs to answer, so it also works for a worker that hangs.
 *
 * @param requests the known requests, the oldest first
 * @param count the number of all requests
 */
record RequestsReading(List<WorkersRequest> requests, long count) {

	private static final int MAX_SHOWN = 100;

	/**
	 * A request of a worker.
	 *
	 * @param index the worker's index
	 * @param pid its process id
	 * @param request the request
	 */
	record WorkersRequest(int index, long pid, InFlight request) {

		private Duration age() {
			return Duration.ofNanos(this.request.ageNanos());
		}

		private Map<String, Object> values() {
			Map<String, Object> values = new LinkedHashMap<>();
			values.put("index", this.index);
			values.put("pid", this.pid);
			values.put("id", this.request.number());
			values.put("method", this.request.method());
			values.put("path", this.request.path());
			values.put("ageMillis", age().toMillis());
			values.put("state", this.request.stage().name());
			values.put("frames", this.request.stack());
			return values;
		}

		private List<String> cells() {
			return List.of(Integer.toString(this.index), Long.toString(this.pid), Long.toString(this.request.number()),
					String.format(Locale.ROOT, "%.1f s", age().toMillis() / 1e3), this.request.stage().name(),
					this.request.method() + " " + this.request.path());
		}

	}

	/**
	 * Read the requests of a fleet.
	 * @throws IOException if the version of its arbiter does not record requests
	 */
	static RequestsReading of(RunningFleet fleet) throws IOException {
		WorkerRecords records = WorkerRecords.open(WorkerIdentity.records(fleet.directory()), fleet.pid());
		List<WorkersRequest> requests = new ArrayList<>();
		long count = 0;
		for (WorkerSlot slot : fleet.scoreboard().slots()) {
			if (slot.state() != WorkerState.VACANT) {
				WorkerRecord record = records.of(slot.number(), slot.age());
				List<InFlight> known = (record != null) ? record.inFlight() : List.of();
				known.forEach((request) -> requests.add(new WorkersRequest(slot.index(), slot.pid(), request)));
				count += Math.max(slot.activeRequests(), known.size());
			}
		}
		long now = System.nanoTime();
		requests.sort(Comparator.comparingLong((request) -> request.request().began() - now));
		return new RequestsReading(requests, count);
	}

	/**
	 * Return the requests for scripts, with the names of the endpoint.
	 */
	Map<String, Object> values() {
		Map<String, Object> values = new LinkedHashMap<>();
		values.put("requests", shown().stream().map(WorkersRequest::values).toList());
		values.put("inFlight", this.count);
		return values;
	}

	private List<WorkersRequest> shown() {
		return this.requests.subList(0, Math.min(this.requests.size(), MAX_SHOWN));
	}

	/**
	 * Return the requests as text. Below a slow request are its frames.
	 */
	String text() {
		if (this.count == 0) {
			return "No request is in flight\n";
		}
		List<WorkersRequest> shown = shown();
		List<List<String>> rows = new ArrayList<>();
		rows.add(List.of("WORKER", "PID", "ID", "AGE", "STATE", "REQUEST"));
		shown.forEach((request) -> rows.add(request.cells()));
		List<String> table = FleetText.table(rows);
		List<String> lines = new ArrayList<>(List.of(table.getFirst()));
		for (int at = 0; at < shown.size(); at++) {
			lines.add(table.get(at + 1));
			shown.get(at).request().stack().forEach((frame) -> lines.add("        at " + frame));
		}
		if (this.count > shown.size()) {
			lines.add("%d more".formatted(this.count - shown.size()));
		}
		return String.join("\n", lines) + "\n";
	}

}
