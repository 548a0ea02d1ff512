package dev.tomcorn.worker;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A dump of all threads of this JVM, virtual ones included.
 */
public final class ThreadDump {

	private ThreadDump() {
	}

	/**
	 * Take a dump.
	 * @return the dump, as UTF-8
	 * @throws Exception if this JVM cannot take one or cannot write its temporary file
	 */
	public static byte[] take() throws Exception {
		// The JVM writes a dump to a new file only
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
