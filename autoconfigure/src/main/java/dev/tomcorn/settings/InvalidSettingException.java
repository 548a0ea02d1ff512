package dev.tomcorn.settings;

/**
 * A property has a value that it must not have.
 */
public final class InvalidSettingException extends RuntimeException {

	private final String property;

	private final String value;

	private final String requirement;

	/**
	 * Create the exception.
	 * @param property name of the property
	 * @param value what the user wrote
	 * @param requirement what the user may write, to follow "must be"
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
	 * Return what the user wrote.
	 * @return the value
	 */
	public String value() {
		return this.value;
	}

	/**
	 * Return what the user may write.
	 * @return the requirement, to follow "must be"
	 */
	public String requirement() {
		return this.requirement;
	}

}
