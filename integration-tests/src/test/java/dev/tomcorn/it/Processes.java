package dev.tomcorn.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import org.jspecify.annotations.Nullable;

import static org.awaitility.Awaitility.await;

/**
 * The operating system's view of processes.
 */
final class Processes {

	private static final Path PROC = Path.of("/proc");

	private static final int STARTED_AT = 19;

	/**
	 * Numbers of the signals that processes in the background of a shell ignore.
	 */
	private static final List<String> INHERITED = List.of("HUP", "INT", "QUIT");

	private static final String IGNORED = "SigIgn:";

	private Processes() {
	}

	/**
	 * A row of the process table.
	 *
	 * @param pid its process id
	 * @param state the letter that {@code ps} shows: R, S, T (stopped), Z (zombie) …
	 * @param parent process id of its parent
	 * @param startedAt when it started, by the kernel's clock
	 */
	record Row(long pid, char state, long parent, long startedAt) {

		boolean zombie() {
			return this.state == 'Z' || this.state == 'X';
		}

	}

	static void signal(String signal, long pid) {
		requireHeard(signal);
		try {
			Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).redirectErrorStream(true)
				.start();
			String output = new String(kill.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			if (kill.waitFor() != 0) {
				throw new IllegalStateException("kill -%s %d: %s".formatted(signal, pid, output));
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException("Cannot run kill", ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Processes inherit ignored signals, and no JVM changes that: a process of a build in
	 * the background of a shell would not get a signal.
	 */
	private static void requireHeard(String signal) {
		int bit = INHERITED.indexOf(signal);
		String mask = read(PROC.resolve("self/status")).lines()
			.filter((line) -> line.startsWith(IGNORED))
			.map((line) -> line.substring(IGNORED.length()).strip())
			.findFirst()
			.orElse("0");
		if (bit >= 0 && (Long.parseUnsignedLong(mask, 16) >> bit & 1) == 1) {
			throw new IllegalStateException(
					("The tests were started with %s ignored, and so is every process of theirs: "
							+ "start the build with env --default-signal=HUP,INT,QUIT")
						.formatted(signal));
		}
	}

	/**
	 * Send a signal to a process that may end at any moment.
	 * @return whether it still existed
	 */
	static boolean signalUnlessGone(String signal, long pid) {
		try {
			signal(signal, pid);
			return true;
		}
		catch (IllegalStateException ex) {
			if (!gone(pid)) {
				throw ex;
			}
			return false;
		}
	}

	static @Nullable Row row(long pid) {
		String stat = read(PROC.resolve(pid + "/stat"));
		return stat.contains(")") ? parse(stat) : null;
	}

	/**
	 * Return the values of a line of {@code /proc/PID/stat}.
	 */
	static Row parse(String stat) {
		// pid (command) state parent …; the command may contain anything
		long pid = Long.parseLong(stat.substring(0, stat.indexOf(' ')));
		String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
		return new Row(pid, fields[0].charAt(0), Long.parseLong(fields[1]), Long.parseLong(fields[STARTED_AT]));
	}

	/**
	 * Return whether a process has ended completely, so that its parent has also
	 * collected its exit status.
	 */
	static boolean gone(long pid) {
		return row(pid) == null;
	}

	/**
	 * Return whether a process still runs or is about to end. Its first thread may be a
	 * zombie while other threads still have files open.
	 */
	static boolean alive(Row process) {
		Row row = row(process.pid());
		return row != null && row.startedAt() == process.startedAt() && (!row.zombie() || threads(row.pid()) > 1);
	}

	private static int threads(long pid) {
		String[] threads = PROC.resolve(pid + "/task").toFile().list();
		return (threads != null) ? threads.length : 0;
	}

	static List<Row> zombiesOf(long parent) {
		return rows().stream().filter((row) -> row.parent() == parent && row.zombie()).toList();
	}

	/**
	 * Stop a process, and return when none of its threads runs any more: one that still
	 * runs may take a connection.
	 */
	static void freeze(long pid) {
		signal("STOP", pid);
		await("freeze").pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(1))
			.atMost(DemoProcess.PATIENCE)
			.failFast("Process %d has ended".formatted(pid), () -> gone(pid))
			.until(() -> isStopped(pid));
	}

	static boolean isStopped(long pid) {
		String[] threads = PROC.resolve(pid + "/task").toFile().list();
		return threads != null && threads.length > 0 && Stream.of(threads).allMatch((thread) -> {
			String stat = read(PROC.resolve(pid + "/task/" + thread + "/stat"));
			return stat.isEmpty() || stat.charAt(stat.lastIndexOf(')') + 2) == 'T';
		});
	}

	/**
	 * Return the command line of a process, as separate arguments.
	 */
	static List<String> commandLine(long pid) {
		return split(read(PROC.resolve(pid + "/cmdline")));
	}

	/**
	 * Return the current system properties of a JVM.
	 */
	static Properties systemProperties(long pid) throws IOException {
		try {
			VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
			try {
				return machine.getSystemProperties();
			}
			finally {
				machine.detach();
			}
		}
		catch (AttachNotSupportedException ex) {
			throw new IOException(ex);
		}
	}

	/**
	 * Return the processes with a certain environment variable. One that is about to end
	 * has none.
	 */
	static List<Row> withEnvironment(String variable) {
		return rows().stream()
			.filter((row) -> split(read(PROC.resolve(row.pid() + "/environ"))).contains(variable))
			.toList();
	}

	private static List<Row> rows() {
		List<Row> rows = new ArrayList<>();
		try (Stream<Path> entries = Files.list(PROC)) {
			for (Path entry : (Iterable<Path>) entries::iterator) {
				String name = entry.getFileName().toString();
				Row row = Character.isDigit(name.charAt(0)) ? row(Long.parseLong(name)) : null;
				if (row != null) {
					rows.add(row);
				}
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException("Cannot list processes", ex);
		}
		return rows;
	}

	private static List<String> split(String zeroTerminated) {
		String[] parts = zeroTerminated.split("\0", -1);
		return List.of(parts).subList(0, parts.length - 1);
	}

	private static String read(Path file) {
		try {
			return Files.readString(file, StandardCharsets.ISO_8859_1);
		}
		catch (IOException ex) {
			// Ended meanwhile, or owned by another user
			return "";
		}
	}

}
