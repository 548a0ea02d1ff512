package dev.tomcorn.core.process;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import dev.tomcorn.core.arbiter.Placement;
import org.jspecify.annotations.Nullable;

/**
 * The identity of a worker, from its environment variables.
 *
 * @param placement its placement in the fleet
 * @param arbiterPid process id of its arbiter
 * @param runDirectory directory of the scoreboard and the control socket
 */
public record WorkerIdentity(Placement placement, long arbiterPid, Path runDirectory) {

	private static final String WORKER = "TOMCORN_WORKER";

	private static final String ARBITER_PID = "TOMCORN_ARBITER_PID";

	private static final String RUN_DIRECTORY = "TOMCORN_WORKER_DIRECTORY";

	/**
	 * The variable in which an arbiter of an older version passes a secret to its
	 * workers.
	 */
	static final String TOKEN = "TOMCORN_TOKEN";

	/**
	 * Return whether the arbiter is still this process's parent. When it dies, the system
	 * gives its workers another.
	 * @return whether the arbiter runs
	 */
	public boolean isArbiterAlive() {
		return ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(-1L) == this.arbiterPid;
	}

	/**
	 * Return the file of the scoreboard.
	 * @return the path
	 */
	public Path scoreboard() {
		return scoreboard(this.runDirectory);
	}

	/**
	 * Return the file of the scoreboard in a run directory.
	 * @param runDirectory the directory
	 * @return the path
	 */
	public static Path scoreboard(Path runDirectory) {
		return runDirectory.resolve("scoreboard");
	}

	/**
	 * Return the file of the workers' records.
	 * @return the path
	 */
	public Path records() {
		return records(this.runDirectory);
	}

	/**
	 * Return the file of the workers' records in a run directory.
	 * @param runDirectory the directory
	 * @return the path
	 */
	public static Path records(Path runDirectory) {
		return runDirectory.resolve("records");
	}

	/**
	 * Return the path of the control socket.
	 * @return the path
	 */
	public Path controlSocket() {
		return controlSocket(this.runDirectory);
	}

	/**
	 * Return the path of the control socket in a run directory.
	 * @param runDirectory the directory
	 * @return the path
	 */
	public static Path controlSocket(Path runDirectory) {
		return runDirectory.resolve("control.sock");
	}

	/**
	 * Return the path of the {@code DescriptorServer} for the management port in a run
	 * directory.
	 * @param runDirectory the directory
	 * @return the path; nothing exists there without a separate management port
	 */
	public static Path managementSocket(Path runDirectory) {
		return runDirectory.resolve("manage.sock");
	}

	/**
	 * Return the file of the table of listeners in a run directory.
	 * @param runDirectory the directory
	 * @return the path
	 */
	public static Path listeners(Path runDirectory) {
		return runDirectory.resolve("listeners");
	}

	/**
	 * Return the paths of the {@code DescriptorServer}s for the application's listening
	 * sockets.
	 * @param listeners how many listening sockets the application has
	 * @return a path for each but the first
	 */
	public List<Path> listenerSockets(int listeners) {
		return listenerSockets(this.runDirectory, listeners);
	}

	/**
	 * Return the paths of the {@code DescriptorServer}s for the application's listening
	 * sockets in a run directory.
	 * @param runDirectory the directory
	 * @param listeners how many listening sockets the application has
	 * @return a path for each but the first
	 */
	public static List<Path> listenerSockets(Path runDirectory, int listeners) {
		return IntStream.range(1, listeners).mapToObj((number) -> listenerSocket(runDirectory, number)).toList();
	}

	/**
	 * Return the path of the {@code DescriptorServer} for one of the application's
	 * listening sockets in a run directory.
	 * @param runDirectory the directory
	 * @param number number of the listening socket, from 1 on: the first is descriptor 0
	 * @return the path
	 */
	public static Path listenerSocket(Path runDirectory, int number) {
		return runDirectory.resolve("listen-%d.sock".formatted(number));
	}

	/**
	 * Return the file of the fleet's locks in a run directory.
	 * @param runDirectory the directory
	 * @return the path
	 */
	public static Path locks(Path runDirectory) {
		return runDirectory.resolve("fleet.lock");
	}

	/**
	 * Return the path of the mark that shows the workers of a run directory that those of
	 * another arbiter serve.
	 * @param runDirectory the directory
	 * @return the path; the file exists only while one arbiter replaces another
	 */
	public static Path servedElsewhereMark(Path runDirectory) {
		return runDirectory.resolve("served-elsewhere");
	}

	/**
	 * Return the identity as environment variables. None of them is a secret:
	 * applications may show their environment, and child processes inherit it.
	 * @return names and values
	 */
	public Map<String, String> toEnvironment() {
		Map<String, String> environment = new LinkedHashMap<>();
		environment.put(WORKER, "%d,%d,%d,%d".formatted(this.placement.slot(), this.placement.index(),
				this.placement.age(), this.placement.generation()));
		environment.put(ARBITER_PID, Long.toString(this.arbiterPid));
		environment.put(RUN_DIRECTORY, this.runDirectory.toString());
		return environment;
	}

	/**
	 * Return the token for the control socket of an arbiter whose scoreboard does not
	 * have it.
	 * @param environment environment variables of the process
	 * @return the token, or an empty text
	 */
	public static String tokenOfOlderArbiter(Map<String, String> environment) {
		return environment.getOrDefault(TOKEN, "");
	}

	/**
	 * Return whether a process, or an ancestor of it, was spawned as a worker.
	 * @param environment environment variables of the process
	 * @return whether it has the variables of a worker
	 */
	public static boolean isMarked(Map<String, String> environment) {
		return environment.containsKey(WORKER);
	}

	/**
	 * Read the identity of this process. A child process of a worker inherits the
	 * variables but is not a worker: the arbiter is not its parent.
	 * @param environment environment variables of the process
	 * @param parentPid process id of the process's parent
	 * @return the identity, or {@code null} if the process is not a worker
	 */
	public static @Nullable WorkerIdentity fromEnvironment(Map<String, String> environment, long parentPid) {
		String worker = environment.get(WORKER);
		String arbiterPid = environment.get(ARBITER_PID);
		String runDirectory = environment.get(RUN_DIRECTORY);
		if (worker == null || arbiterPid == null || runDirectory == null) {
			return null;
		}
		try {
			String[] fields = worker.split(",", -1);
			if (fields.length != 4 || Long.parseLong(arbiterPid) != parentPid) {
				return null;
			}
			Placement placement = new Placement(Integer.parseInt(fields[0]), Integer.parseInt(fields[1]),
					Long.parseLong(fields[2]), Integer.parseInt(fields[3]));
			return new WorkerIdentity(placement, parentPid, Path.of(runDirectory));
		}
		catch (NumberFormatException ex) {
			return null;
		}
	}

}
