package dev.tomcorn.core.process;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The maximum heap size that a JVM option sets.
 */
public final class HeapSize {

	/**
	 * The result for an option that sets no size.
	 */
	public static final long NONE = -1;

	private static final Pattern OPTION = Pattern.compile("(?:-Xmx|-XX:MaxHeapSize=)(\\d{1,18})([kKmMgGtT]?)");

	private static final String UNITS = " kmgt";

	private static final int SHIFT = 10;

	private HeapSize() {
	}

	/**
	 * Return the size that an option sets.
	 * @param option the option
	 * @return the size in bytes, {@link Long#MAX_VALUE} if it is larger than that, or
	 * {@link #NONE}
	 */
	public static long of(String option) {
		Matcher size = OPTION.matcher(option);
		if (!size.matches()) {
			return NONE;
		}
		int shift = size.group(2).isEmpty() ? 0 : SHIFT * UNITS.indexOf(size.group(2).toLowerCase(Locale.ROOT));
		long number = Long.parseLong(size.group(1));
		return (number > (Long.MAX_VALUE >> shift)) ? Long.MAX_VALUE : number << shift;
	}

}
