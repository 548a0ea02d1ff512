package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The records of the jobs of a fleet, by the clock that all processes share.
 */
final class JobDiary {

	private final Path file;

	JobDiary(Path file) {
		this.file = file;
	}

	record Line(long nanos, long pid, String what) {

		boolean begin() {
			return this.what.equals("job begin");
		}

		boolean end() {
			return this.what.equals("job end");
		}

	}

	List<Line> lines() {
		try {
			List<Line> lines = new ArrayList<>();
			String diary = Files.exists(this.file) ? Files.readString(this.file) : "";
			// The last line may be incomplete
			for (String text : diary.substring(0, diary.lastIndexOf('\n') + 1).lines().toList()) {
				String[] fields = text.split(" ", 3);
				lines.add(new Line(Long.parseLong(fields[0]), Long.parseLong(fields[1]), fields[2]));
			}
			lines.sort(Comparator.comparingLong(Line::nanos));
			return lines;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	List<Line> begins() {
		return lines().stream().filter(Line::begin).toList();
	}

	Set<Long> pids(String what) {
		return lines().stream()
			.filter((line) -> line.what().equals(what))
			.map(Line::pid)
			.collect(Collectors.toCollection(TreeSet::new));
	}

	/**
	 * Wait until the job has run some more times, the last time in a process that is none
	 * of those given.
	 * @return that process
	 */
	long awaitRuns(int runs, Set<Long> others) {
		int before = begins().size();
		return await("runs of the job").atMost(DemoProcess.PATIENCE)
			.pollInterval(Duration.ofMillis(50))
			.until(this::begins, (begins) -> begins.size() >= before + runs && !others.contains(begins.getLast().pid()))
			.getLast()
			.pid();
	}

	/**
	 * Return for how long no job began when one process took over from another.
	 */
	Duration pause(long from, long to) {
		List<Line> begins = begins();
		long last = begins.stream().filter((line) -> line.pid() == from).mapToLong(Line::nanos).max().orElseThrow();
		long first = begins.stream().filter((line) -> line.pid() == to).mapToLong(Line::nanos).min().orElseThrow();
		return Duration.ofNanos(first - last);
	}

	/**
	 * Check that no run began before the one before it had ended, unless its process
	 * died.
	 */
	void assertNeverTwo() {
		List<Line> lines = lines();
		List<String> overlaps = new ArrayList<>();
		Line open = null;
		for (int i = 0; i < lines.size(); i++) {
			Line line = lines.get(i);
			if (line.begin()) {
				if (open != null) {
					long pid = open.pid();
					if (lines.subList(i, lines.size()).stream().anyMatch((later) -> later.pid() == pid)) {
						overlaps.add("%s while %s runs".formatted(line, open));
					}
				}
				open = line;
			}
			else if (line.end() && open != null && open.pid() == line.pid()) {
				open = null;
			}
		}
		assertThat(overlaps).as("runs at the same time").isEmpty();
	}

	/**
	 * Check that no process ran the job again after another one had.
	 */
	void assertOneAfterTheOther() {
		List<Long> turns = new ArrayList<>();
		for (Line begin : begins()) {
			if (turns.isEmpty() || turns.getLast() != begin.pid()) {
				turns.add(begin.pid());
			}
		}
		assertThat(turns).as("processes that ran the job, in turn").doesNotHaveDuplicates();
	}

}
