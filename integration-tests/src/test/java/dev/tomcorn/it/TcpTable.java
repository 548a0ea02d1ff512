package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The kernel's table of TCP sockets. It distinguishes a connection that a process has
 * taken from one that waits in the listening socket's queue.
 */
final class TcpTable {

	private static final String ESTABLISHED = "01";

	private static final String LISTEN = "0A";

	private TcpTable() {
	}

	/**
	 * A row of the table.
	 *
	 * @param port the local port
	 * @param state the state's code
	 * @param receiveQueue unread bytes or, of a listening socket, waiting connections
	 * @param inode 0 while no process has the connection
	 */
	private record Row(int port, String state, int receiveQueue, long inode) {

		static Row of(String line) {
			String[] fields = line.trim().split("\\s+");
			return new Row(Integer.parseInt(fields[1].substring(fields[1].indexOf(':') + 1), 16), fields[3],
					Integer.parseInt(fields[4].substring(fields[4].indexOf(':') + 1), 16), Long.parseLong(fields[9]));
		}

	}

	/**
	 * Return whether a process listens.
	 */
	static boolean listening(int port) {
		return rows(port).anyMatch((row) -> row.state().equals(LISTEN));
	}

	/**
	 * Return how many connections wait in the kernel's queue.
	 */
	static int waiting(int port) {
		return rows(port).filter((row) -> row.state().equals(LISTEN)).mapToInt(Row::receiveQueue).sum();
	}

	/**
	 * Return how many open connections a process has taken. The kernel may list one twice
	 * if others begin or end meanwhile.
	 */
	static long taken(int port) {
		return rows(port).filter((row) -> row.state().equals(ESTABLISHED) && row.inode() != 0)
			.map(Row::inode)
			.distinct()
			.count();
	}

	private static Stream<Row> rows(int port) {
		return Stream.of("/proc/net/tcp", "/proc/net/tcp6")
			.map(Path::of)
			.filter(Files::exists)
			.map(TcpTable::lines)
			.flatMap((lines) -> lines.stream().skip(1))
			.map(Row::of)
			.filter((row) -> row.port() == port);
	}

	private static List<String> lines(Path file) {
		try {
			return Files.readAllLines(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
