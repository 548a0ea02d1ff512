package dev.tomcorn.launch;

import dev.tomcorn.core.process.WorkerIdentity;
import org.jspecify.annotations.Nullable;

/**
 * What this JVM is to be for one application, and why. It is decided once, when the
 * environment of the application is prepared, and everybody else asks for it.
 *
 * @param role what the JVM is to be
 * @param served whether the application is one that Tomcorn serves: a servlet application
 * on Tomcat that opens a port
 * @param configured whether the configuration has decided, so that another one may decide
 * otherwise
 * @param reason why, for the log at level debug
 * @param message what the user is told
 * @param identity who this JVM is among the workers, if an arbiter has spawned it
 */
record Launch(Role role, boolean served, boolean configured, String reason, LaunchMessage message,
		@Nullable WorkerIdentity identity) {

	/**
	 * What a JVM can be.
	 */
	public enum Role {

		/** The application runs in this JVM, and nobody supervises it. */
		SOLO,

		/** This JVM supervises workers that run the application. */
		ARBITER,

		/** The application runs in this JVM, which an arbiter has spawned. */
		WORKER,

		/** This JVM was spawned as a worker, but its arbiter is gone. */
		ORPHAN

	}

}
