package dev.tomcorn.settings;

/**
 * How what several workers count is shown.
 */
public enum Counters {

	/** As one sum. */
	SUM,

	/** Apart, with the label {@code worker}. */
	BY_WORKER

}
