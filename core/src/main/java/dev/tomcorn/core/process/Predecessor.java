package dev.tomcorn.core.process;

import java.nio.file.Path;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The arbiter that this one replaces, from an environment variable.
 *
 * @param pid its process id
 * @param runDirectory directory of its control socket
 * @param token the token for its control socket if it is of an older version; empty if
 * its scoreboard has it
 */
public record Predecessor(long pid, Path runDirectory, String token) {

	static final String VARIABLE = "TOMCORN_REPLACES";

	/**
	 * Create a predecessor whose scoreboard has the token for its control socket.
	 * @param pid its process id
	 * @param runDirectory directory of its control socket
	 */
	public Predecessor(long pid, Path runDirectory) {
		this(pid, runDirectory, "");
	}

	/**
	 * Return the predecessor as environment variables.
	 * @return names and values
	 */
	public Map<String, String> toEnvironment() {
		return Map.of(VARIABLE, this.pid + "," + this.token + "," + this.runDirectory);
	}

	/**
	 * Read the predecessor of this process. Other descendants of an arbiter inherit the
	 * variable, too, but that arbiter is not their parent.
	 * @param environment environment variables of the process
	 * @param parentPid process id of the process's parent
	 * @return the predecessor, or {@code null} if the process replaces no arbiter
	 */
	public static @Nullable Predecessor fromEnvironment(Map<String, String> environment, long parentPid) {
		String value = environment.get(VARIABLE);
		String[] fields = (value != null) ? value.split(",", 3) : new String[0];
		if (fields.length != 3 || !fields[0].equals(Long.toString(parentPid))) {
			return null;
		}
		return new Predecessor(parentPid, Path.of(fields[2]), fields[1]);
	}

}
