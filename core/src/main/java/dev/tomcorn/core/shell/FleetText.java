package dev.tomcorn.core.shell;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import dev.tomcorn.core.arbiter.ApplicationRelease;
import dev.tomcorn.core.arbiter.FleetHistory;
import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.arbiter.FleetReport.ReloadOutcome;
import dev.tomcorn.core.arbiter.PrintableText;
import dev.tomcorn.core.arbiter.Problem;
import dev.tomcorn.core.arbiter.ProblemKind;
import dev.tomcorn.core.scoreboard.ListenerQueue;
import dev.tomcorn.core.scoreboard.ListenerTable;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerFigures;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.status.WorkerDescriptor.QueueTimeDescriptor;

/**
 * Formats a fleet as text.
 */
final class FleetText {

	private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss'Z'", Locale.ROOT)
		.withZone(ZoneOffset.UTC);

	private static final String NOTHING = "–";

	/**
	 * The worker and the request in a sentence about a long request.
	 */
	private static final Pattern LONG_REQUEST = Pattern.compile("^Worker \\d+: \\S+ \\S+ (?:has run|waits)");

	private static final int MAX_PATH = 40;

	private static final long MEGABYTE = 1024 * 1024;

	private FleetText() {
	}

	static String status(FleetReading reading) {
		RunningFleet fleet = reading.fleet();
		FleetReport report = reading.report();
		Scoreboard board = fleet.scoreboard();
		List<String> lines = new ArrayList<>();
		List<Problem> problems = reading.problems();
		for (Problem problem : problems) {
			List<Problem> alike = problems.stream().filter((other) -> isAlike(problem, other)).toList();
			if (alike.size() > 1 && alike.getFirst() != problem) {
				continue;
			}
			add(lines, problem.ongoing() ? "PROBLEM" : "Over",
					(problem.ongoing() ? "" : "since " + time(problem.endedAt()) + ": ") + problem.text()
							+ alsoIn(alike));
			if (problem.ongoing()) {
				add(lines, "", "since %s%s. %s".formatted(time(problem.since()),
						problem.evidence().isEmpty() ? "" : ", " + problem.evidence(), problem.remedy()));
			}
		}
		add(lines, "Fleet", fleet.name() + fleet.place());
		add(lines, "Arbiter",
				"pid %d, up %s, generation %d%s".formatted(fleet.pid(), since(board.startedAt()), board.generation(),
						(fleet.isFrozen() ? ", FROZEN: a signal has stopped it" : "")
								+ (fleet.identity().ignoresHup() ? ", HUP is ignored (nohup)" : "")));
		add(lines, "Workers", "%d of %d ready%s%s%s".formatted(reading.ready(), board.targetWorkers(),
				places(fleet.identity().workerClass(), reading.sum(WorkerSlot::capacity)),
				(reading.silent() > 0) ? ", %d SILENT: %s".formatted(reading.silent(), reading.silentWorkers()) : "",
				report.paused() ? ", PAUSED: resume or reload it" : ""));
		add(lines, "Requests",
				String.format(Locale.ROOT,
						"%.1f/s, %d active, %d waiting, %d handled, %d failed, %d lost; %.0f %% of the capacity in use",
						reading.requestsPerSecond(), reading.sum(WorkerSlot::activeRequests),
						reading.sum(WorkerSlot::waiting), board.totals().handledRequests(),
						board.totals().failedRequests(), report.history().lostRequests(), 100 * board.saturation())
						+ queueTime(reading.queueTime()));
		add(lines, "Connections",
				"%d open%s".formatted(reading.sum(WorkerSlot::openConnections), backlog(board.listenerQueue())));
		List<ListenerTable.Listener> listeners = fleet.listeners().listeners();
		if (listeners.size() > 1) {
			listeners.forEach((listener) -> add(lines, "Listener", "%s, %d connections taken%s"
				.formatted(listener.name(), listener.queue().takenConnections(), backlog(listener.queue()))));
		}
		ApplicationRelease release = report.releases().current();
		ApplicationRelease waiting = report.releases().waiting();
		if (release.kept()) {
			add(lines, "Release", release(release)
					+ (waiting.kept() && !waiting.equals(release) ? "; %s waits".formatted(waiting.shortKey()) : ""));
		}
		FleetReport.ReloadReport reload = report.reload();
		if (reload != null) {
			add(lines, "Reload", reload(reload));
			reload.failure().lines().forEach((line) -> lines.add("    " + line));
		}
		for (FleetReport.CrashLoop loop : report.crashLoops()) {
			add(lines, "Crash loop",
					"worker %d, %d quick deaths%s".formatted(loop.index(), loop.deaths(),
							(loop.respawnAt() > System.currentTimeMillis())
									? ", next spawn at " + time(loop.respawnAt()) : ""));
		}
		for (FleetReport.DeathReport death : report.deaths()) {
			add(lines, "Death", "%s worker %d (pid %d): %s%s".formatted(time(death.at()), death.index(), death.pid(),
					death.death().description(), death.incident().isEmpty() ? "" : ", kept in " + death.incident()));
		}
		for (FleetHistory.Entry event : reading.recyclings()) {
			add(lines, "Recycled",
					"%s worker %d (pid %d): %s".formatted(time(event.at()), event.index(), event.pid(), event.text()));
		}
		add(lines, "Directory", fleet.directory().toString());
		return text(lines);
	}

	/**
	 * Return whether two workers run the same request for long.
	 */
	private static boolean isAlike(Problem problem, Problem other) {
		Matcher request = LONG_REQUEST.matcher(problem.text());
		Matcher otherRequest = LONG_REQUEST.matcher(other.text());
		return problem.kind() == ProblemKind.LONG_REQUEST && other.kind() == ProblemKind.LONG_REQUEST
				&& problem.ongoing() && other.ongoing() && request.find() && otherRequest.find()
				&& request.group().replaceFirst("\\d+", "").equals(otherRequest.group().replaceFirst("\\d+", ""));
	}

	private static String alsoIn(List<Problem> alike) {
		return (alike.size() < 2) ? ""
				: "; also in %s %s".formatted((alike.size() == 2) ? "worker" : "workers",
						alike.stream()
							.skip(1)
							.map((problem) -> Integer.toString(problem.worker()))
							.collect(Collectors.joining(", ")));
	}

	private static String places(String workerClass, long capacity) {
		return (workerClass.isEmpty() ? "" : ", " + workerClass)
				+ ((capacity > 0) ? ", %d %s".formatted(capacity, (capacity == 1) ? "place" : "places") : "");
	}

	private static String queueTime(Optional<QueueTimeDescriptor> time) {
		return time
			.map((known) -> String.format(Locale.ROOT, "; waited %.0f ms in workers, at most %.0f ms",
					known.meanMillis(), known.maxMillis()))
			.orElse("");
	}

	private static String backlog(ListenerQueue queue) {
		ListenerQueue.Reading reading = queue.reading();
		return (reading == null) ? ""
				: ", %d of at most %d in the kernel's queue%s".formatted(reading.length(), reading.limit(),
						(reading.length() > 0) ? " for about %d ms".formatted(reading.waitTime().toMillis()) : "");
	}

	private static void add(List<String> lines, String name, String text) {
		lines.add("%-12s%s".formatted(name, PrintableText.line(text)));
	}

	private static String release(ApplicationRelease release) {
		return "%s of %s, first seen %s".formatted(release.shortKey(), release.jar(), time(release.since()));
	}

	private static String reload(FleetReport.ReloadReport reload) {
		String text = "to generation %d %s at %s".formatted(reload.generation(),
				(reload.outcome() == ReloadOutcome.RUNNING) ? "RUNNING, begun" : reload.outcome().name(),
				time((reload.outcome() == ReloadOutcome.RUNNING) ? reload.startedAt() : reload.endedAt()));
		return reload.cause().isEmpty() ? text : text + ": " + reload.cause();
	}

	static String workers(FleetReading reading) {
		List<List<String>> rows = new ArrayList<>();
		rows.add(List.of("INDEX", "PID", "STATE", "GENERATION", "UP", "HEARTBEAT", "ACTIVE", "WAITING", "HANDLED",
				"FAILED", "REQ/S", "P99", "CPU", "CONNECTIONS", "MEMORY", "OLDEST"));
		for (WorkerSlot slot : reading.slots()) {
			// The figures of a silent worker are out of date
			WorkerFigures figures = slot.isSilent() ? null : slot.figures();
			rows.add(List.of(Integer.toString(slot.index()), Long.toString(slot.pid()), slot.state().name(),
					Integer.toString(slot.generation()), since(slot.startedAt()), heartbeat(slot),
					Integer.toString(slot.activeRequests()), Integer.toString(slot.waiting()),
					Long.toString(slot.handledRequests()), Long.toString(slot.failedRequests()),
					(figures != null) ? String.format(Locale.ROOT, "%.1f", figures.requestsPerSecond()) : NOTHING,
					(figures != null && figures.latency() != null) ? "%.0f ms".formatted(figures.latency().p99Millis())
							: NOTHING,
					(figures != null) ? "%.0f %%".formatted(100 * figures.cpuRatio()) : NOTHING,
					Integer.toString(slot.openConnections()),
					(figures != null) ? slot.residentMemory() / MEGABYTE + " MB" : NOTHING, oldest(slot)));
		}
		return text(table(rows));
	}

	/**
	 * Return the oldest request. A silent worker may hang in it.
	 */
	private static String oldest(WorkerSlot slot) {
		WorkerFigures.OldestRequest request = slot.figures().oldestRequest();
		if (request == null || slot.activeRequests() == 0) {
			return NOTHING;
		}
		String path = request.path();
		return "%s %s %s".formatted(duration(request.age()), request.method(),
				PrintableText.line((path.length() <= MAX_PATH) ? path : path.substring(0, MAX_PATH - 1) + "…"));
	}

	private static String heartbeat(WorkerSlot slot) {
		Duration age = slot.heartbeatAge();
		return slot.isSilent() ? "SILENT " + duration(age) : age.toMillis() + " ms";
	}

	/**
	 * Format rows as lines with aligned columns.
	 */
	static List<String> table(List<List<String>> rows) {
		List<String> lines = new ArrayList<>();
		for (List<String> row : rows) {
			StringBuilder line = new StringBuilder();
			for (int column = 0; column < row.size(); column++) {
				int at = column;
				int width = rows.stream().mapToInt((other) -> other.get(at).length()).max().orElse(0);
				line.append((column > 0) ? "  " : "").append(" ".repeat(width - row.get(at).length()));
				line.append(row.get(at));
			}
			lines.add(line.toString());
		}
		return lines;
	}

	private static String text(List<String> lines) {
		return String.join("\n", lines) + "\n";
	}

	private static String time(long millis) {
		return TIME.format(Instant.ofEpochMilli(millis));
	}

	private static String since(Instant time) {
		return duration(Duration.ofSeconds(Math.max(0, time.until(Instant.now(), ChronoUnit.SECONDS))));
	}

	/**
	 * Return a duration in its two largest units.
	 */
	static String duration(Duration duration) {
		if (duration.toDays() > 0) {
			return duration.toDays() + " d " + duration.toHoursPart() + " h";
		}
		if (duration.toHours() > 0) {
			return duration.toHours() + " h " + duration.toMinutesPart() + " min";
		}
		if (duration.toMinutes() > 0) {
			return duration.toMinutes() + " min " + duration.toSecondsPart() + " s";
		}
		return duration.toSeconds() + " s";
	}

}
