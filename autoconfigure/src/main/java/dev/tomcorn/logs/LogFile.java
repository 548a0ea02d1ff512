package dev.tomcorn.logs;

import java.util.regex.Pattern;

/**
 * A file that an appender writes.
 *
 * @param appender name of the appender
 * @param file name of the file
 */
record LogFile(String appender, String file) {

	/**
	 * Return whether the name of the file is unique to this process.
	 * @param label the worker's label in file names
	 * @param pid its process id
	 */
	boolean isOwn(String label, long pid) {
		return Pattern.compile("(?<![0-9])(?:" + Pattern.quote(label) + "|" + pid + ")(?![A-Za-z0-9])")
			.matcher(this.file)
			.find();
	}

}
