package dev.tomcorn.core.process;

import java.lang.management.ManagementFactory;

import com.sun.management.HotSpotDiagnosticMXBean;
import org.jspecify.annotations.Nullable;

/**
 * The initial heap of a JVM, as a percentage of the memory.
 */
final class InitialHeap {

	private static final String OPTION = "InitialRAMPercentage";

	private InitialHeap() {
	}

	/**
	 * Return the default percentage of this JVM.
	 * @return the percentage, 0 if there is none or it is unknown
	 */
	static double percentage() {
		try {
			return percentage(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class));
		}
		catch (IllegalArgumentException | LinkageError ex) {
			// Not HotSpot, or a Java image without that module
			return 0;
		}
	}

	private static double percentage(@Nullable HotSpotDiagnosticMXBean bean) {
		return (bean != null) ? Double.parseDouble(bean.getVMOption(OPTION).getValue()) : 0;
	}

}
