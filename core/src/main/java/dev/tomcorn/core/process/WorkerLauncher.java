package dev.tomcorn.core.process;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Starts worker processes. They inherit the listening socket as file descriptor 0, and
 * standard output and error.
 */
public final class WorkerLauncher {

	private final WorkerCommand command;

	public WorkerLauncher(WorkerCommand command) {
		this.command = command;
	}

	/**
	 * Start a worker.
	 * @param identity who it is
	 * @param label tells its files apart from those of others
	 * @param options JVM options that it gets besides
	 * @return its process
	 * @throws IOException if it cannot be started
	 */
	public Process launch(WorkerIdentity identity, WorkerLabel label, List<String> options) throws IOException {
		ProcessBuilder builder = new ProcessBuilder(this.command.forWorker(label, options)).inheritIO();
		Map<String, String> environment = builder.environment();
		// The options they hold are on the command line already
		environment.remove("JAVA_TOOL_OPTIONS");
		environment.remove("JDK_JAVA_OPTIONS");
		environment.remove(Predecessor.VARIABLE);
		environment.putAll(this.command.environment());
		environment.putAll(identity.toEnvironment());
		environment.putAll(label.toEnvironment());
		return builder.start();
	}

}
