package dev.tomcorn.warnings;

import org.jspecify.annotations.Nullable;

/**
 * A row of the table: something that an application has, what becomes of it in a fleet,
 * and what its author can do about it.
 *
 * @param name name of the warning, the last part of the property that switches it off,
 * and the anchor of its section in {@code docs/your-application.md}
 * @param scope the fleets that it matters for
 * @param check looks whether the application has it
 * @param sentence what becomes of it; {@code %s} stands for what the check has found
 * @param remedy what to write
 */
record FleetWarning(String name, Scope scope, Check check, String sentence, String remedy) {

	static final String PROPERTY_PREFIX = "tomcorn.warnings.";

	/**
	 * Return the line that is logged.
	 * @param found what the check has found
	 */
	String text(String found) {
		return "%s. %s. (docs/your-application.md#%s of Tomcorn; %s%s=false switches this warning off)"
			.formatted(this.sentence.formatted(found), this.remedy, this.name, PROPERTY_PREFIX, this.name);
	}

	/**
	 * The fleets that a warning matters for.
	 */
	enum Scope {

		/**
		 * Those in which several workers serve.
		 */
		SEVERAL_WORKERS,

		/**
		 * Every fleet: with a single worker, too, two run at once during a reload.
		 */
		EVERY_FLEET

	}

	/**
	 * Looks whether an application has something.
	 */
	@FunctionalInterface
	interface Check {

		/**
		 * For a row that is told when it happens.
		 */
		Check NEVER = (application) -> null;

		/**
		 * Look. Must neither create beans nor connect to anything.
		 * @param application the application, which is ready
		 * @return what was found, such as the name of a bean, or {@code null} if the
		 * application does not have it
		 */
		@Nullable String find(ApplicationFacts application);

	}

}
