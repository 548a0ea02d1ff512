package dev.tomcorn.core.process;

import java.io.IOException;
import java.util.List;
import java.util.Set;

import dev.tomcorn.core.arbiter.ArbiterLog;
import dev.tomcorn.core.arbiter.Command.Level;

/**
 * Starts worker processes. They inherit the listening socket as file descriptor 0, and
 * standard output and error.
 */
public final class WorkerLauncher {

	private final List<String> sharedAgents;

	private final Set<Integer> fleetPorts;

	private final ArbiterLog log;

	private int generation;

	/**
	 * Create a launcher.
	 * @param sharedAgents the agents that start in every worker as in this JVM
	 * @param fleetPorts the ports that the fleet itself listens on
	 * @param log takes reports about the start directory
	 */
	public WorkerLauncher(List<String> sharedAgents, Set<Integer> fleetPorts, ArbiterLog log) {
		this.sharedAgents = List.copyOf(sharedAgents);
		this.fleetPorts = Set.copyOf(fleetPorts);
		this.log = log;
	}

	/**
	 * Prepare the start of the first worker in parallel with the start of the arbiter.
	 */
	public static void prepare() {
		Thread.ofPlatform().daemon().name("tomcorn-prepare").start(() -> {
			try {
				PosixSpawn.prepare();
			}
			catch (LinkageError ex) {
				// The start of the worker fails for the same reason and reports it
			}
		});
	}

	/**
	 * Start a worker.
	 * @param plan how it is started
	 * @param identity its identity
	 * @param label the label for its files
	 * @param optionIndex the index that replaces {@code {worker}} in its options
	 * @param options further JVM options
	 * @return its process
	 * @throws IOException if it cannot be started
	 */
	public Process launch(LaunchPlan plan, WorkerIdentity identity, WorkerLabel label, int optionIndex,
			List<String> options) throws IOException {
		StartDirectory directory = plan.workerDirectory();
		reportDirectory(directory, identity.placement().generation());
		ChildEnvironment environment = new ChildEnvironment();
		// Their options are already on the command line
		environment.remove("JAVA_TOOL_OPTIONS");
		environment.remove("JDK_JAVA_OPTIONS");
		environment.remove("_JAVA_OPTIONS");
		environment.remove(Predecessor.VARIABLE);
		environment.remove(OptionIndexes.VARIABLE);
		environment.remove(WorkerIdentity.TOKEN);
		environment.putAll(plan.environment());
		environment.putAll(identity.toEnvironment());
		environment.putAll(label.toEnvironment());
		directory.tell(environment);
		return ChildProcess.start(plan.forWorker(label, optionIndex, options), environment, directory.required(),
				WorkerSignals.BLOCKED);
	}

	private void reportDirectory(StartDirectory directory, int newGeneration) {
		if (newGeneration != this.generation) {
			this.generation = newGeneration;
			directory.report(this.log);
		}
	}

	/**
	 * Report a likely reason why a JVM could not load its application: an agent starts in
	 * every JVM, but only one of them can open its port.
	 * @param what the worker
	 */
	public void endedBeforeItsApplication(String what) {
		String agents = SharedAgents.report(this.sharedAgents, this.fleetPorts);
		if (agents != null) {
			this.log.log(Level.WARN, "%s has ended before its application was loaded. %s".formatted(what, agents));
		}
	}

}
