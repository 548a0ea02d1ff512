package dev.tomcorn.core.process;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * The recording of a worker for an AOT cache. The JVM writes it when all else has ended,
 * and does not tell: so a worker leaves a mark when its application is closed.
 */
public final class Recording {

	private static final String OPTION = "-XX:AOTConfiguration=";

	private Recording() {
	}

	/**
	 * Return the JVM options of a worker that records.
	 * @param file where it writes what it has recorded
	 * @return the options
	 */
	public static String[] options(Path file) {
		// The JVM would tell of every class that it leaves out
		return new String[] { "-XX:AOTMode=record", OPTION + file, "-Xlog:aot*=off:stdout" };
	}

	/**
	 * Return the file whose presence shows that the application is closed.
	 * @param file where the worker writes what it has recorded
	 * @param pid the worker's process id: one of another fleet may have written there
	 * @return the mark
	 */
	public static Path closedMark(Path file, long pid) {
		return file.resolveSibling(closedMarks(file) + pid);
	}

	/**
	 * Return how the names of the marks of all workers begin.
	 * @param file where they write what they have recorded
	 * @return the beginning
	 */
	public static String closedMarks(Path file) {
		return file.getFileName() + ".closed.";
	}

	/**
	 * Return what shows that the application of this JVM is closed, if this JVM records.
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
	 * Leave the mark.
	 * @param mark the file
	 */
	public static void closed(Path mark) {
		try {
			Files.createFile(mark);
		}
		catch (IOException ex) {
			// Then the end of this JVM has the limits of any other
		}
	}

}
