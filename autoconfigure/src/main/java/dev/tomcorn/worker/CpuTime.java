package dev.tomcorn.worker;

import java.lang.management.ManagementFactory;
import java.util.function.LongSupplier;

import com.sun.management.OperatingSystemMXBean;

/**
 * The CPU time of this process. Needs the module {@code jdk.management}, which a custom
 * runtime may lack.
 */
final class CpuTime implements LongSupplier {

	private final OperatingSystemMXBean system;

	private CpuTime(OperatingSystemMXBean system) {
		this.system = system;
	}

	/**
	 * Return the CPU time so far, in nanoseconds; always 0 if it is not known.
	 */
	static LongSupplier ofThisProcess() {
		if (ModuleLayer.boot().findModule("jdk.management").isEmpty()) {
			return () -> 0;
		}
		return new CpuTime(ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class));
	}

	@Override
	public long getAsLong() {
		return Math.max(0, this.system.getProcessCpuTime());
	}

}
