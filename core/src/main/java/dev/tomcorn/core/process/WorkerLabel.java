package dev.tomcorn.core.process;

import java.util.Map;

/**
 * The part of file names that identifies a worker: its index, and a letter while another
 * process with that index runs, for example a predecessor that drains.
 *
 * @param index the worker's index
 * @param suffix 0 for no letter, 1 for {@code b} and so on
 */
public record WorkerLabel(int index, int suffix) {

	/**
	 * Placeholder for the label in the name of a file.
	 */
	public static final String PLACEHOLDER = "{worker}";

	private static final String VARIABLE = "TOMCORN_WORKER_LABEL";

	/**
	 * Return the label as environment variables.
	 * @return names and values
	 */
	Map<String, String> toEnvironment() {
		return Map.of(VARIABLE, Integer.toString(this.suffix));
	}

	/**
	 * Read the label that the arbiter has chosen for this process.
	 * @param environment environment variables of the process
	 * @param index its index
	 * @return the label
	 */
	public static WorkerLabel fromEnvironment(Map<String, String> environment, int index) {
		String suffix = environment.getOrDefault(VARIABLE, "0");
		return new WorkerLabel(index, suffix.matches("\\d") ? Integer.parseInt(suffix) : 0);
	}

	/**
	 * Return the name of this worker's file.
	 * @param file the user's name
	 * @return the name with the label in place of its placeholder or else before its
	 * extension
	 */
	public String in(String file) {
		return mark(file).replace(PLACEHOLDER, toString());
	}

	/**
	 * Return the name of a file with a placeholder for the label.
	 * @param file the user's name, which may contain {@code %d{…}}
	 * @return the name, unchanged if it has a placeholder or names a device, else with
	 * one before its extension
	 */
	static String mark(String file) {
		if (file.contains(PLACEHOLDER) || isDevice(file)) {
			return file;
		}
		int end = file.length();
		int braces = 0;
		for (int position = file.length() - 1; position >= 0; position--) {
			char character = file.charAt(position);
			braces += (character == '}') ? 1 : (character == '{') ? -1 : 0;
			if (braces == 0 && character == '/') {
				break;
			}
			boolean named = position > 0 && file.charAt(position - 1) != '/';
			if (braces == 0 && character == '.' && named) {
				end = position;
				break;
			}
		}
		return file.substring(0, end) + "-" + PLACEHOLDER + file.substring(end);
	}

	/**
	 * Return whether a file is a device or a stream, such as {@code /dev/stdout}, which
	 * any number of processes can write to.
	 * @param file its name, or that of its directory
	 * @return whether its name must stay as it is
	 */
	public static boolean isDevice(String file) {
		String path = file + "/";
		return (path.startsWith("/dev/") && !path.startsWith("/dev/shm/")) || path.startsWith("/proc/");
	}

	@Override
	public String toString() {
		return (this.suffix == 0) ? Integer.toString(this.index)
				: this.index + String.valueOf((char) ('a' + this.suffix));
	}

}
