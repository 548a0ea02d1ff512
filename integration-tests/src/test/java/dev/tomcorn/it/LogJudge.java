package dev.tomcorn.it;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Compares the log of an arbiter with the events.
 *
 * @param fleet the fleet
 * @param from where in its output to begin
 * @param killed workers that the test has killed
 * @param disturbed whether workers may die that the test has not killed
 * @param arbiterDied whether there may be no arbiter any more that logs it
 */
record LogJudge(TriedFleet fleet, int from, Set<Long> killed, Predicate<Long> disturbed, boolean arbiterDied) {

	/**
	 * The log has a thread of its own in each process.
	 */
	private static final Duration LATEST = Duration.ofSeconds(30);

	private static final Pattern END = Pattern.compile(
			"Worker (\\d+)(?: \\(pid (\\d+)\\))? (ended unexpectedly|was killed|was ended|stopped|could not boot)");

	private static final Pattern RELOADING = Pattern.compile("Reloading: generation (\\d+) is on its way");

	private static final Pattern SCALING = Pattern.compile("Scaling from \\d+ to (\\d+) workers");

	private static final Pattern RESPAWNING = Pattern.compile("Worker (\\d+)[^;]*; respawning");

	/**
	 * Check it.
	 * @param end the fleet now, {@code null} if it has ended completely
	 */
	void judge(@Nullable Fleet end) {
		await("a true log").atMost(LATEST)
			.pollDelay(Duration.ZERO)
			.pollInterval(DemoProcess.POLL_INTERVAL)
			.untilAsserted(() -> {
				List<String> lines = this.fleet.app().output().substring(this.from).lines().toList();
				nothingFailed(lines);
				eachDeathOnce(lines);
				if (end != null && end.arbiter() != null && !this.arbiterDied) {
					respawned(lines, end);
					reloaded(lines, end, end.arbiter());
					scaled(lines, end.arbiter());
					replaced(lines, end.arbiter());
				}
			});
	}

	private static void nothingFailed(List<String> lines) {
		assertThat(lines).noneMatch((line) -> line.contains("could not be handled"))
			.noneMatch((line) -> line.contains("Cannot carry out"))
			.noneMatch((line) -> line.contains("is being killed"))
			.noneMatch((line) -> line.contains("lines are missing here"));
	}

	private void eachDeathOnce(List<String> lines) {
		for (long pid : this.killed) {
			List<String> ends = lines.stream()
				.filter((line) -> line.contains("(pid %d)".formatted(pid)) && END.matcher(line).find())
				.toList();
			if (!this.arbiterDied) {
				assertThat(ends).as("ends of killed worker %d", pid)
					.singleElement()
					.asString()
					.contains("signal SIGKILL, not sent by the arbiter");
			}
		}
		for (String line : lines) {
			Matcher matcher = END.matcher(line);
			if (matcher.find() && matcher.group(3).equals("ended unexpectedly")) {
				long pid = (matcher.group(2) != null) ? Long.parseLong(matcher.group(2)) : 0;
				assertThat(this.killed.contains(pid) || this.disturbed.test(pid)).as("expected: " + line).isTrue();
			}
		}
	}

	/**
	 * An announced successor has come, unless its place was removed.
	 */
	private static void respawned(List<String> lines, Fleet end) {
		for (int i = 0; i < lines.size(); i++) {
			Matcher matcher = RESPAWNING.matcher(lines.get(i));
			if (matcher.find()) {
				String successor = "Worker %s (pid ".formatted(matcher.group(1));
				boolean came = lines.subList(i + 1, lines.size())
					.stream()
					.anyMatch((line) -> line.contains(successor) && line.contains(" ready in "));
				boolean needed = end.workers()
					.stream()
					.anyMatch((worker) -> matcher.group(1).equals("" + worker.index()));
				assertThat(came || !needed).as("followed by a successor: " + lines.get(i)).isTrue();
			}
		}
	}

	private static void reloaded(List<String> lines, Fleet end, Fleet.Arbiter arbiter) {
		for (String line : lines) {
			Matcher matcher = RELOADING.matcher(line);
			if (matcher.find()) {
				String generation = "Reload to generation " + matcher.group(1);
				List<String> ends = lines.stream().filter((other) -> other.contains(generation)).toList();
				assertThat(ends).as("ends of: " + line).hasSize(1);
				int number = Integer.parseInt(matcher.group(1));
				if (ends.getFirst().contains("succeeded")) {
					assertThat(end.workers()).as(ends.getFirst()).allMatch((worker) -> worker.generation() >= number);
					assertThat(arbiter.generation()).isGreaterThanOrEqualTo(number);
				}
				else if (ends.getFirst().contains(" goes on serving")) {
					assertThat(end.workers()).as(ends.getFirst()).noneMatch((worker) -> worker.generation() == number);
				}
			}
		}
	}

	private static void scaled(List<String> lines, Fleet.Arbiter arbiter) {
		lines.stream()
			.map(SCALING::matcher)
			.filter(Matcher::find)
			.reduce((one, other) -> other)
			.ifPresent((last) -> assertThat(arbiter.targetWorkers()).isEqualTo(Integer.parseInt(last.group(1))));
	}

	private static void replaced(List<String> lines, Fleet.Arbiter arbiter) {
		if (lines.stream().anyMatch((line) -> line.contains("Starting another arbiter to take over"))) {
			List<String> ends = lines.stream()
				.filter((line) -> line.contains("Another arbiter has taken over") || line.contains(": this one stays"))
				.toList();
			assertThat(ends).as("ends of a replacement").hasSize(1);
			boolean first = lines.stream()
				.anyMatch((line) -> line.contains("Arbiter (pid %d) listening".formatted(arbiter.pid())));
			assertThat(first).as("the arbiter is a new one").isEqualTo(ends.getFirst().contains("taken over"));
		}
	}

}
