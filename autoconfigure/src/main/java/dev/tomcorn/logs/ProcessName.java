package dev.tomcorn.logs;

import java.util.regex.Pattern;

/**
 * Name of a process in log lines.
 *
 * @param name its name within a line, such as {@code worker-2}
 * @param field its value in structured formats, such as {@code 2}
 * @param pid its process ID
 */
public record ProcessName(String name, String field, long pid) {

	/**
	 * Return the name of a worker.
	 * @param index its index
	 * @return the name in this JVM
	 */
	public static ProcessName ofWorker(int index) {
		return new ProcessName("worker-" + index, Integer.toString(index), ProcessHandle.current().pid());
	}

	/**
	 * Return the name of the arbiter.
	 * @return the name in this JVM
	 */
	public static ProcessName ofArbiter() {
		return new ProcessName("arbiter", "arbiter", ProcessHandle.current().pid());
	}

	/**
	 * Return whether a line names this process.
	 * @param line the line
	 * @return whether it has the name or the process ID
	 */
	boolean isIn(String line) {
		return line.contains(this.name) || line.contains("\"worker\"")
				|| Pattern.compile("(?<!\\d)" + this.pid + "(?!\\d)").matcher(line).find();
	}

}
