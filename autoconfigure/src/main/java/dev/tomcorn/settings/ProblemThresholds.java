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

	static ProblemSettings of(TomcornProperties.Problems problems) {
		Set<ProblemKind> ignored = EnumSet.noneOf(ProblemKind.class);
		for (String key : problems.getIgnored()) {
			ignored.add(ProblemKind.of(key)
				.orElseThrow(() -> new InvalidSettingException(PREFIX + "ignored", key,
						"kinds of problems, such as " + Arrays.stream(ProblemKind.values())
							.map(ProblemKind::key)
							.collect(Collectors.joining(", ")))));
		}
		return new ProblemSettings(ignored,
				SettingChecks.inRange(PREFIX + "worker-stopped", problems.getWorkerStopped()),
				SettingChecks.inRange(PREFIX + "worker-silent", problems.getWorkerSilent()),
				SettingChecks.inRange(PREFIX + "carriers-held", problems.getCarriersHeld()),
				SettingChecks.inRange(PREFIX + "long-request", problems.getLongRequest()),
				SettingChecks.inRange(PREFIX + "queue-wait", problems.getQueueWait()),
				SettingChecks.inRange(PREFIX + "deaths", problems.getDeaths()),
				SettingChecks.inRange(PREFIX + "out-of-memory", problems.getOutOfMemory(), Integer.MAX_VALUE),
				SettingChecks.inRange(PREFIX + "heap-after-gc", problems.getHeapAfterGc(), PERCENT),
				SettingChecks.inRange(PREFIX + "file-descriptors", problems.getFileDescriptors(), PERCENT),
				SettingChecks.inRange(PREFIX + "memory-limit", problems.getMemoryLimit(), PERCENT),
				SettingChecks.inRange(PREFIX + "cpu-taken", problems.getCpuTaken(), PERCENT),
				SettingChecks.inRange(PREFIX + "connection-pool", problems.getConnectionPool()),
				SettingChecks.positive(PREFIX + "disk-free", problems.getDiskFree()),
				SettingChecks.inRange(PREFIX + "clock-jump", problems.getClockJump()),
				SettingChecks.inRange(PREFIX + "end-after", problems.getEndAfter()),
				SettingChecks.inRange(PREFIX + "remembered", problems.getRemembered()));
	}

}
