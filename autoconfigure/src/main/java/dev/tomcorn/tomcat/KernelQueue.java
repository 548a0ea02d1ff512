package dev.tomcorn.tomcat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * Tells how many connections wait in the kernel's queue of a listening socket that is
 * Tomcat's own, whose descriptor is not at hand: by the kernel's tables of sockets.
 */
final class KernelQueue {

	private static final List<Path> TABLES = List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6"));

	private static final String LISTEN = "0A";

	private KernelQueue() {
	}

	/**
	 * Count who waits.
	 * @param port the port
	 * @return the connections that wait for anybody who listens there, or nothing where
	 * nobody does or the kernel does not tell
	 */
	static OptionalInt length(int port) {
		String suffix = ":%04X".formatted(port);
		int length = 0;
		boolean found = false;
		for (Path table : TABLES) {
			try (BufferedReader lines = Files.newBufferedReader(table, StandardCharsets.US_ASCII)) {
				String line;
				while ((line = lines.readLine()) != null) {
					// Number, local and remote address, state, tx:rx queue, …
					String[] fields = line.strip().split("\\s+", 6);
					if (fields.length == 6 && fields[1].endsWith(suffix) && fields[3].equals(LISTEN)) {
						found = true;
						length += Integer.parseInt(fields[4].substring(fields[4].indexOf(':') + 1), 16);
					}
				}
			}
			catch (IOException | NumberFormatException ex) {
				// No such table here, or one that is not Linux's
			}
		}
		return found ? OptionalInt.of(length) : OptionalInt.empty();
	}

}
