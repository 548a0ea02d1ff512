package dev.tomcorn.settings;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

import dev.tomcorn.core.arbiter.ProblemKind;
import dev.tomcorn.core.problem.ProblemSettings;

/**
 * Reads the thresholds of problems.
 */
final class ProblemThresholds {

	private static final String PREFIX = "tomcorn.problems.";

	private static final int PERCENT = 100;

	private ProblemThresholds() {
	}

	static ProblemSettings of(TomcornProperties.Problems problems, TomcornProperties.WorkerProblems workers) {
		Set<ProblemKind> ignored = EnumSet.noneOf(ProblemKind.class);
		for (String key : problems.ignored()) {
			ignored.add(ProblemKind.of(key)
				.orElseThrow(() -> new InvalidSettingException(PREFIX + "ignored", key,
						"kinds of problems, such as " + Arrays.stream(ProblemKind.values())
							.map(ProblemKind::key)
							.collect(Collectors.joining(", ")))));
		}
		return new ProblemSettings(ignored, SettingChecks.inRange(PREFIX + "worker-stopped", workers.workerStopped()),
				SettingChecks.inRange(PREFIX + "worker-silent", workers.workerSilent()),
				SettingChecks.inRange(PREFIX + "carriers-held", workers.carriersHeld()),
				SettingChecks.inRange(PREFIX + "long-request", workers.longRequest()),
				SettingChecks.inRange(PREFIX + "queue-wait", problems.queueWait()),
				SettingChecks.inRange(PREFIX + "deaths", problems.deaths()),
				SettingChecks.inRange(PREFIX + "out-of-memory", workers.outOfMemory(), Integer.MAX_VALUE),
				SettingChecks.inRange(PREFIX + "heap-after-gc", workers.heapAfterGc(), PERCENT),
				SettingChecks.inRange(PREFIX + "file-descriptors", workers.fileDescriptors(), PERCENT),
				SettingChecks.inRange(PREFIX + "memory-limit", problems.memoryLimit(), PERCENT),
				SettingChecks.inRange(PREFIX + "cpu-taken", problems.cpuTaken(), PERCENT),
				SettingChecks.inRange(PREFIX + "connection-pool", workers.connectionPool()),
				SettingChecks.positive(PREFIX + "disk-free", problems.diskFree()),
				SettingChecks.inRange(PREFIX + "clock-jump", problems.clockJump()),
				SettingChecks.inRange(PREFIX + "end-after", problems.endAfter()),
				SettingChecks.inRange(PREFIX + "remembered", problems.remembered()));
	}

}
