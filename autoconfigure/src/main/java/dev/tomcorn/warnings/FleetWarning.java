package dev.tomcorn.warnings;

import org.jspecify.annotations.Nullable;

/**
 * A row of the table of warnings: a feature of an application, its effect in a fleet, and
 * what the author can do about it.
 *
 * @param name name of the warning, the last part of the property that switches it off,
 * and the anchor of its section in {@code docs/your-application.md}
 * @param scope the fleets it applies to
 * @param check checks whether the application has the feature
 * @param sentence the effect; {@code %s} stands for the result of the check
 * @param remedy what to change
 */
record FleetWarning(String name, Scope scope, Check check, String sentence, String remedy) {

	static final String PROPERTY_PREFIX = "tomcorn.warnings.";

	/**
	 * Return the line to log.
	 * @param found the result of the check
	 */
	String text(String found) {
		return "%s. %s. (docs/your-application.md#%s of Tomcorn; %s%s=false switches this warning off)"
			.formatted(this.sentence.formatted(found), this.remedy, this.name, PROPERTY_PREFIX, this.name);
	}

	/**
	 * The fleets that a warning applies to.
	 */
	enum Scope {

		/**
		 * Fleets in which several workers serve.
		 */
		SEVERAL_WORKERS,

		/**
		 * Every fleet: even with a single worker, two run at once during a reload.
		 */
		EVERY_FLEET

	}

	/**
	 * Checks whether an application has a feature.
	 */
	@FunctionalInterface
	interface Check {

		/**
		 * For a warning that is reported when the event happens.
		 */
		Check NEVER = (application) -> null;

		/**
		 * Check an application. Must not create beans or open connections.
		 * @param application the application, which is ready
		 * @return the result, such as the name of a bean, or {@code null} if the
		 * application does not have the feature
		 */
		@Nullable String find(ApplicationFacts application);

	}

}
