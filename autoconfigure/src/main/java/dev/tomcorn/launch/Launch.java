package dev.tomcorn.launch;

import dev.tomcorn.core.process.WorkerIdentity;
import org.jspecify.annotations.Nullable;

/**
 * The role of this JVM for one application, and the reason. It is decided once, when the
 * environment of the application is prepared.
 *
 * @param role the role of the JVM
 * @param served whether Tomcorn serves the application: a servlet application on Tomcat
 * that opens a port
 * @param configured whether the configuration has decided, so that another configuration
 * may lead to another role
 * @param reason the reason, for the log at level debug
 * @param message the message for the user
 * @param identity identity of the worker, if an arbiter has spawned this JVM
 */
record Launch(Role role, boolean served, boolean configured, String reason, LaunchMessage message,
		@Nullable WorkerIdentity identity) {

	/**
	 * Role of a JVM.
	 */
	public enum Role {

		/** The application runs in this JVM, without supervision. */
		SOLO,

		/** This JVM supervises workers that run the application. */
		ARBITER,

		/** The application runs in this JVM, which an arbiter has spawned. */
		WORKER,

		/** This JVM was spawned as a worker, but its arbiter has ended. */
		ORPHAN

	}

}
