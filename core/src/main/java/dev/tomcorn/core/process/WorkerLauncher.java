package dev.tomcorn.core.process;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;

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
		ChildEnvironment environment = new ChildEnvironment();
		// The options they hold are on the command line already
		environment.remove("JAVA_TOOL_OPTIONS");
		environment.remove("JDK_JAVA_OPTIONS");
		environment.remove(Predecessor.VARIABLE);
		environment.putAll(this.command.environment());
		environment.putAll(identity.toEnvironment());
		environment.putAll(label.toEnvironment());
		return ChildProcess.start(words(this.command.forWorker(label, options)), environment, WorkerSignals.BLOCKED);
	}

	/**
	 * The JDK of this JVM may be gone: each version of some packages has a directory of
	 * its own. Then the new one is where the command finds it that started this JVM.
	 */
	private List<String> words(List<String> words) throws IOException {
		if (Files.exists(this.command.java())) {
			return words;
		}
		return Stream.concat(ArbiterCommand.ofThisProcess().words().stream().limit(1), words.stream().skip(1)).toList();
	}

}
