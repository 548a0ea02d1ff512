package dev.tomcorn.launch;

/**
 * A property whose value is another one by now than when it was read for a fleet's start.
 *
 * @param property name of the property
 * @param before what was read
 * @param now what the application has
 * @param origin where the value comes from
 */
record LateSetting(String property, String before, String now, String origin) {

	/**
	 * What stands for the value of a property that is not set.
	 */
	static final String NOT_SET = "not set";

	@Override
	public String toString() {
		return "%s (%s at the start, %s now, from %s)".formatted(this.property, this.before, this.now, this.origin);
	}

}
