package dev.tomcorn.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * The resident memory of a process, as Linux reports it.
 */
final class ResidentMemory implements LongSupplier {

	private static final String FIELD = "\nVmRSS:";

	private static final long KILOBYTE = 1024;

	private final Path status;

	ResidentMemory(Path status) {
		this.status = status;
	}

	/**
	 * Return the resident memory of this process, always 0 if the system is not Linux.
	 */
	static LongSupplier ofThisProcess() {
		return System.getProperty("os.name", "").equals("Linux") ? new ResidentMemory(Path.of("/proc/self/status"))
				: () -> 0;
	}

	/**
	 * Return the number of bytes, or 0 if it cannot be read.
	 */
	@Override
	public long getAsLong() {
		try {
			return parse(Files.readString(this.status, StandardCharsets.ISO_8859_1));
		}
		catch (IOException | NumberFormatException ex) {
			return 0;
		}
	}

	private static long parse(String content) {
		int start = content.indexOf(FIELD);
		int end = content.indexOf(" kB", start);
		return (start >= 0 && end >= 0)
				? Long.parseLong(content.substring(start + FIELD.length(), end).trim()) * KILOBYTE : 0;
	}

}
