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

	private static final String LITTLE_LEAST = "10";

	private static final String LITTLE_MOST = "20";

	/**
	 * Whether the serial collector returns memory in steps, over several collections.
	 */
	private static final String IN_STEPS = "ShrinkHeapInSteps";

	private static final @Nullable FreeShare DEFAULT = defaultShare();

	private JavaHeap() {
	}

	/**
	 * Return whether the serial collector returns all memory in its next full collection.
	 * @return whether it does; {@code false} if that is not known
	 */
	public static boolean shrinksAtOnce() {
		try {
			HotSpotDiagnosticMXBean bean = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
			return bean != null && !Boolean.parseBoolean(bean.getVMOption(IN_STEPS).getValue());
		}
		catch (IllegalArgumentException | LinkageError ex) {
			// A JVM without this option, or a Java image without that module
			return false;
		}
	}

	/**
	 * Keep little of the heap free from now on, unless the user has set how much.
	 */
	public static void keepLittle() {
		if (DEFAULT != null && DEFAULT.isSet()) {
			DEFAULT.bean().setVMOption(LEAST_FREE, LITTLE_LEAST);
			DEFAULT.bean().setVMOption(MOST_FREE, LITTLE_MOST);
		}
	}

	/**
	 * Collect all garbage, and return to the system what is free then. Later collections
	 * keep as much of the heap free as before.
	 */
	public static void giveBack() {
		FreeShare before = (DEFAULT != null && DEFAULT.isSet()) ? DEFAULT : null;
		try {
			keepLittle();
			System.gc();
		}
		finally {
			if (before != null) {
				before.set();
			}
		}
	}

	/**
	 * The free share of the heap that this JVM keeps by default.
	 */
	private record FreeShare(HotSpotDiagnosticMXBean bean, String least, String most) {

		/**
		 * Return whether the JVM keeps this share now. The user may have set another one.
		 */
		boolean isSet() {
			return this.bean.getVMOption(LEAST_FREE).getValue().equals(this.least)
					&& this.bean.getVMOption(MOST_FREE).getValue().equals(this.most);
		}

		/**
		 * In this order, so that the least is never above the most.
		 */
		void set() {
			this.bean.setVMOption(MOST_FREE, this.most);
			this.bean.setVMOption(LEAST_FREE, this.least);
		}

	}

	/**
	 * Return the default, or {@code null} if the user has set a value.
	 */
	private static @Nullable FreeShare defaultShare() {
		try {
			HotSpotDiagnosticMXBean bean = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
			if (bean == null) {
				return null;
			}
			VMOption least = bean.getVMOption(LEAST_FREE);
			VMOption most = bean.getVMOption(MOST_FREE);
			boolean chosen = least.getOrigin() != VMOption.Origin.DEFAULT
					|| most.getOrigin() != VMOption.Origin.DEFAULT;
			return chosen ? null : new FreeShare(bean, least.getValue(), most.getValue());
		}
		catch (IllegalArgumentException | LinkageError ex) {
			// Not HotSpot, or a Java image without that module
			return null;
		}
	}

}
