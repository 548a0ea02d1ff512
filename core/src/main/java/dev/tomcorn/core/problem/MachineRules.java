package dev.tomcorn.core.problem;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import dev.tomcorn.core.arbiter.Problem;
import dev.tomcorn.core.arbiter.ProblemKind;
import dev.tomcorn.core.problem.FleetFacts.Cpu;
import dev.tomcorn.core.problem.FleetFacts.Disk;
import dev.tomcorn.core.problem.FleetFacts.Level;
import dev.tomcorn.core.problem.FleetFacts.MachineFacts;
import dev.tomcorn.core.problem.FleetFacts.WorkerView;

/**
 * Finds problems of the machine, or the container.
 */
final class MachineRules {

	/**
	 * Used share of the CPU from which other processes compete with the fleet.
	 */
	private static final double EXHAUSTED = 0.97;

	/**
	 * Share of an exhausted CPU that other processes may use, in percent. Half would be
	 * fair if the fleet needs as much.
	 */
	private static final double NEIGHBOURS = 75;

	private final ProblemSettings settings;

	MachineRules(ProblemSettings settings) {
		this.settings = settings;
	}

	void evaluate(FleetFacts facts, Predicate<Finding.Key> ongoing, List<Finding> findings) {
		memory(facts.machine().memory(), ongoing, findings);
		cpu(facts, ongoing, findings);
		disks(facts.machine().disks(), findings);
		clock(facts.machine().clockJump(), facts.clock(), findings);
	}

	private static void add(List<Finding> findings, ProblemKind kind, String text, String evidence, String remedy) {
		findings.add(new Finding(kind, Problem.FLEET, 0, 0, text, evidence, remedy));
	}

	private static boolean isOngoing(ProblemKind kind, Predicate<Finding.Key> ongoing) {
		return ongoing.test(new Finding.Key(kind, Problem.FLEET, 0));
	}

	private void disks(List<Disk> disks, List<Finding> findings) {
		List<Disk> full = disks.stream()
			.filter((disk) -> disk.isFull(this.settings.diskFree()))
			.sorted(Comparator.comparing(Disk::free).thenComparing(Disk::purpose))
			.toList();
		if (!full.isEmpty()) {
			Disk first = full.getFirst();
			add(findings, ProblemKind.DISK_FULL, "The disk of %s for %s is %s: %s are free, less than %s%s".formatted(
					first.path(), first.purpose(), (first.free() <= 0) ? "full" : "nearly full", free(first),
					ProblemText.megabytes(first.needed(this.settings.diskFree())),
					full.stream()
						.skip(1)
						.map((disk) -> "; that of %s for %s: %s".formatted(disk.path(), disk.purpose(), free(disk)))
						.collect(Collectors.joining())),
					"", "Make room there, or name another directory.");
		}
	}

	private static String free(Disk disk) {
		return ProblemText.megabytes(Math.max(0, disk.free()));
	}

	private void memory(Level memory, Predicate<Finding.Key> ongoing, List<Finding> findings) {
		double limit = ProblemRules.limit(this.settings.memoryLimit(), isOngoing(ProblemKind.MEMORY_LIMIT, ongoing));
		if (memory.limit() > 0 && memory.percent() >= limit) {
			add(findings, ProblemKind.MEMORY_LIMIT,
					"The container uses %s of the %s that it may have: the kernel kills a worker when they are used up"
						.formatted(ProblemText.megabytes(memory.used()), ProblemText.megabytes(memory.limit())),
					"memory.current without file cache that can be dropped",
					"Raise the container's limit, have smaller heaps (-Xmx) or fewer workers.");
		}
	}

	private void cpu(FleetFacts facts, Predicate<Finding.Key> ongoing, List<Finding> findings) {
		MachineFacts machine = facts.machine();
		Cpu cpu = machine.cpu();
		boolean already = isOngoing(ProblemKind.CPU_TAKEN, ongoing);
		double limit = ProblemRules.limit(this.settings.cpuTaken(), already);
		double fleet = 100 * Math.min(1,
				facts.workers().stream().mapToDouble(WorkerView::cpuRatio).sum() / Math.max(1, machine.cpus()));
		double others = 100 * cpu.busy() - fleet;
		if (100 * cpu.throttled() >= limit) {
			add(findings, ProblemKind.CPU_TAKEN,
					"The container's CPU limit stops the fleet for up to %s of the time"
						.formatted(ProblemText.percent(100 * cpu.throttled())),
					"cpu.stat: throttled_usec, nr_throttled of nr_periods",
					"Raise the CPU limit of the container, or have fewer workers.");
		}
		else if (100 * cpu.stolen() >= limit) {
			add(findings, ProblemKind.CPU_TAKEN,
					"Other virtual machines of this host take %s of the CPU"
						.formatted(ProblemText.percent(100 * cpu.stolen())),
					"/proc/stat: steal", "Move to a host with room, or ask its operator.");
		}
		else if (cpu.busy() >= ProblemRules.limit(EXHAUSTED, already)
				&& others >= Math.max(limit, ProblemRules.limit(NEIGHBOURS, already)) && isWanted(facts)) {
			add(findings, ProblemKind.CPU_TAKEN,
					"Other processes of this machine use %s of the CPU, the fleet %s, and no CPU is idle"
						.formatted(ProblemText.percent(others), ProblemText.percent(fleet)),
					"/proc/stat", "See which with top, and move or limit them.");
		}
	}

	/**
	 * Return whether the fleet has work to do.
	 */
	private static boolean isWanted(FleetFacts facts) {
		return facts.workers().stream().anyMatch((worker) -> worker.running() + worker.waiting() > 0);
	}

	private void clock(Duration jump, long clock, List<Finding> findings) {
		if (jump.abs().compareTo(this.settings.clockJump()) >= 0) {
			add(findings, ProblemKind.CLOCK_JUMP,
					"The clock of the machine jumped %s by %s, to %s".formatted(jump.isNegative() ? "back" : "forward",
							ProblemText.span(jump.abs()), ProblemText.time(clock)),
					"compared with the time that the machine has run",
					"Times in logs and expiry dates are off around it: let NTP slew the clock; or the machine slept.");
		}
	}

}
