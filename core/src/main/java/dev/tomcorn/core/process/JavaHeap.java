package dev.tomcorn.core.process;

import java.lang.management.ManagementFactory;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.VMOption;
import org.jspecify.annotations.Nullable;

/**
 * The heap of this JVM.
 */
public final class JavaHeap {

	/**
	 * Least and most percentage of the heap that is free after a full collection. By
	 * default a JVM keeps 40 to 70 percent free, because an application that has just
	 * started will allocate much more.
	 */
	private static final String LEAST_FREE = "MinHeapFreeRatio";

	private static final String MOST_FREE = "MaxHeapFreeRatio";

	private static final String LEAST = "10";

	private static final String MOST = "20";

	private JavaHeap() {
	}

	/**
	 * Collect all garbage, and return to the system what is free then. From now on, this
	 * JVM keeps little of its heap free, unless the user has set how much.
	 */
	public static void giveBack() {
		try {
			keepLittle(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class));
		}
		catch (IllegalArgumentException | LinkageError ex) {
			// Not HotSpot, or a Java image without that module
		}
		System.gc();
	}

	private static void keepLittle(@Nullable HotSpotDiagnosticMXBean bean) {
		if (bean != null && isDefault(bean, LEAST_FREE) && isDefault(bean, MOST_FREE)) {
			bean.setVMOption(LEAST_FREE, LEAST);
			bean.setVMOption(MOST_FREE, MOST);
		}
	}

	private static boolean isDefault(HotSpotDiagnosticMXBean bean, String option) {
		return bean.getVMOption(option).getOrigin() == VMOption.Origin.DEFAULT;
	}

}
