package dev.tomcorn.core.problem;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

import dev.tomcorn.core.problem.ControlGroup.Throttling;
import dev.tomcorn.core.problem.FleetFacts.Cpu;

/**
 * Measures the use of the CPU within a window.
 */
final class CpuWatch {

	private static final long WINDOW = Duration.ofSeconds(10).toNanos();

	private static final int IDLE = 3;

	private static final int WAITS_FOR_DISK = 4;

	private static final int STOLEN = 7;

	private final Deque<Reading> readings = new ArrayDeque<>();

	private record Reading(long at, List<Long> ticks, Throttling throttling) {
	}

	/**
	 * Take a reading.
	 * @param now the time in nanoseconds
	 * @param ticks the result of {@link ProcFiles#cpu()}
	 * @param throttling the result of {@link ControlGroup#throttling()}
	 * @return the use of the CPU within the window
	 */
	Cpu sample(long now, List<Long> ticks, Throttling throttling) {
		Reading latest = new Reading(now, ticks, throttling);
		this.readings.addLast(latest);
		while (this.readings.size() > 2 && now - this.readings.getFirst().at() > WINDOW) {
			this.readings.removeFirst();
		}
		Reading first = this.readings.getFirst();
		double throttled = throttled(first, latest);
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

	/**
	 * Return an upper bound of the throttled share of the time. One counter sums all
	 * CPUs, the other counts whole periods.
	 */
	private static double throttled(Reading first, Reading last) {
		Throttling before = first.throttling();
		Throttling after = last.throttling();
		double ofTime = share(after.micros() - before.micros(), (last.at() - first.at()) / 1000.0);
		double ofPeriods = share(after.throttledPeriods() - before.throttledPeriods(),
				after.periods() - before.periods());
		return Math.min(ofTime, ofPeriods);
	}

	private static double share(double part, double whole) {
		return (whole > 0) ? Math.clamp(part / whole, 0, 1) : 0;
	}

	private static double difference(Reading first, Reading last, int kind) {
		return Math.max(0, last.ticks().get(kind) - first.ticks().get(kind));
	}

}
