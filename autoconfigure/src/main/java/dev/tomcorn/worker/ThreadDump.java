package dev.tomcorn.worker;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What all threads of this JVM do, virtual ones included.
 */
public final class ThreadDump {

	private ThreadDump() {
	}

	/**
	 * Take a dump.
	 * @return the dump, as UTF-8
	 * @throws Exception if this JVM cannot take one, or not write it to a file on its way
	 */
	public static byte[] take() throws Exception {
		// The JVM writes to files only, and to none that exists
		Path folder = Files.createTempDirectory("tomcorn-threads");
		Path file = folder.resolve("threads.txt");
		try {
			IncidentReport.writeThreads(file);
			return Files.readAllBytes(file);
		}
		finally {
			Files.deleteIfExists(file);
			Files.deleteIfExists(folder);
		}
	}

}
