package dev.tomcorn.settings;

/**
 * Thrown when a property has an invalid value.
 */
public final class InvalidSettingException extends RuntimeException {

	private final String property;

	private final String value;

	private final String requirement;

	/**
	 * Create the exception.
	 * @param property name of the property
	 * @param value the user's value
	 * @param requirement description of valid values, to follow "must be"
	 */
	public InvalidSettingException(String property, String value, String requirement) {
		super("%s is '%s' but must be %s".formatted(property, value, requirement));
		this.property = property;
		this.value = value;
		this.requirement = requirement;
	}

	/**
	 * Return the property.
	 * @return its name
	 */
	public String property() {
		return this.property;
	}

	/**
	 * Return the user's value.
	 * @return the value
	 */
	public String value() {
		return this.value;
	}

	/**
	 * Return the description of valid values.
	 * @return the requirement, to follow "must be"
	 */
	public String requirement() {
		return this.requirement;
	}

}
