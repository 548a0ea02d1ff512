package dev.tomcorn.core.process;

import java.lang.management.ManagementFactory;

import com.sun.management.HotSpotDiagnosticMXBean;
import org.jspecify.annotations.Nullable;

/**
 * The heap with which a JVM begins, as a percentage of the memory.
 */
final class InitialHeap {

	private static final String OPTION = "InitialRAMPercentage";

	private InitialHeap() {
	}

	/**
	 * Return the percentage of this JVM, of which the user has chosen none.
	 * @return the percentage, 0 if it has none or does not tell
	 */
	static double percentage() {
		try {
			return percentage(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class));
		}
		catch (IllegalArgumentException | LinkageError ex) {
			// Another JVM than HotSpot, or an image of Java without that module
			return 0;
		}
	}

	private static double percentage(@Nullable HotSpotDiagnosticMXBean bean) {
		return (bean != null) ? Double.parseDouble(bean.getVMOption(OPTION).getValue()) : 0;
	}

}
