package dev.tomcorn.settings;

/**
 * How counters of several workers are shown.
 */
public enum Counters {

	/** As one sum. */
	SUM,

	/** Separately, with the label {@code worker}. */
	BY_WORKER

}
