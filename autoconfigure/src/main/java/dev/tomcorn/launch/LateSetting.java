package dev.tomcorn.launch;

/**
 * A property whose value has changed since it was read at the start of a fleet.
 *
 * @param property name of the property
 * @param before the value at the start
 * @param now the application's value
 * @param origin where the value comes from
 */
record LateSetting(String property, String before, String now, String origin) {

	/**
	 * Text for the value of a property that is not set.
	 */
	static final String NOT_SET = "not set";

	@Override
	public String toString() {
		return "%s (%s at the start, %s now, from %s)".formatted(this.property, this.before, this.now, this.origin);
	}

}
