package dev.tomcorn.core.process;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * The recording of a worker for an AOT cache. The JVM writes it at its very end without
 * any notification, so a worker creates a mark file when its application is closed.
 */
public final class Recording {

	private static final String OPTION = "-XX:AOTConfiguration=";

	private Recording() {
	}

	/**
	 * Return the JVM options of a worker that records.
	 * @param file path of the recording
	 * @return the options
	 */
	public static String[] options(Path file) {
		// Otherwise the JVM reports every class that it leaves out
		return new String[] { "-XX:AOTMode=record", OPTION + file, "-Xlog:aot*=off:stdout" };
	}

	/**
	 * Return the file whose presence shows that the application is closed.
	 * @param file path of the recording
	 * @param pid the worker's process id, because a worker of another fleet may have
	 * written there
	 * @return the mark
	 */
	public static Path closedMark(Path file, long pid) {
		return file.resolveSibling(closedMarks(file) + pid);
	}

	/**
	 * Return the common prefix of the marks of all workers.
	 * @param file path of the recording
	 * @return the prefix
	 */
	public static String closedMarks(Path file) {
		return file.getFileName() + ".closed.";
	}

	/**
	 * Return the mark of this JVM, if it records.
	 * @return the mark, or {@code null} if it does not record
	 */
	public static @Nullable Path closedMarkOfThisJvm() {
		for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
			if (option.startsWith(OPTION)) {
				try {
					return closedMark(Path.of(option.substring(OPTION.length())), ProcessHandle.current().pid());
				}
				catch (InvalidPathException ex) {
					return null;
				}
			}
		}
		return null;
	}

	/**
	 * Create the mark.
	 * @param mark the file
	 */
	public static void closed(Path mark) {
		try {
			Files.createFile(mark);
		}
		catch (IOException ex) {
			// Without the mark, the limits of any worker apply to this one
		}
	}

}
