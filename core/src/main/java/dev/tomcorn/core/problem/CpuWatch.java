package dev.tomcorn.core.problem;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

import dev.tomcorn.core.problem.FleetFacts.Cpu;

/**
 * What became of the CPU within a window.
 */
final class CpuWatch {

	private static final long WINDOW = Duration.ofSeconds(10).toNanos();

	private static final int IDLE = 3;

	private static final int WAITS_FOR_DISK = 4;

	private static final int STOLEN = 7;

	private final Deque<Reading> readings = new ArrayDeque<>();

	private record Reading(long at, List<Long> ticks, long throttledMicros) {
	}

	/**
	 * Take a reading.
	 * @param now the time in nanoseconds
	 * @param ticks what {@link ProcFiles#cpu()} tells
	 * @param throttledMicros what {@link ControlGroup#throttledMicros()} tells
	 * @return what became of the CPU since the reading that is a window old
	 */
	Cpu look(long now, List<Long> ticks, long throttledMicros) {
		Reading latest = new Reading(now, ticks, throttledMicros);
		this.readings.addLast(latest);
		while (this.readings.size() > 2 && now - this.readings.getFirst().at() > WINDOW) {
			this.readings.removeFirst();
		}
		Reading first = this.readings.getFirst();
		double micros = (now - first.at()) / 1000.0;
		double throttled = (micros > 0) ? Math.min(1, (throttledMicros - first.throttledMicros()) / micros) : 0;
		if (ticks.size() <= STOLEN || first.ticks().size() <= STOLEN) {
			return new Cpu(0, 0, throttled);
		}
		double all = 0;
		for (int kind = 0; kind <= STOLEN; kind++) {
			all += difference(first, latest, kind);
		}
		if (all <= 0) {
			return new Cpu(0, 0, throttled);
		}
		double idle = difference(first, latest, IDLE) + difference(first, latest, WAITS_FOR_DISK);
		return new Cpu(Math.clamp(1 - idle / all, 0, 1), difference(first, latest, STOLEN) / all, throttled);
	}

	private static double difference(Reading first, Reading last, int kind) {
		return Math.max(0, last.ticks().get(kind) - first.ticks().get(kind));
	}

}
