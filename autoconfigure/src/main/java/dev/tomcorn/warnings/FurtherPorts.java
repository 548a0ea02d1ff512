package dev.tomcorn.warnings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.tomcorn.warnings.FleetWarning.Scope;
import dev.tomcorn.worker.WorkerProcess;
import org.jspecify.annotations.Nullable;

/**
 * A warning about the ports that an application opens besides those of its fleet. They
 * are read from the kernel, whatever code opens them.
 */
final class FurtherPorts {

	static final List<FleetWarning> ROWS = List.of(new FleetWarning("ports", Scope.EVERY_FLEET, FurtherPorts::find,
			"One worker can open port %s, and the next one needs it, too: it does not boot, or runs without it, "
					+ "unless it takes another",
			"Give each worker a port of its own with tomcorn.jvm-options, such as "
					+ "-Dspring.grpc.server.port={worker+9090}, or 0 as the port"));

	private static final String LISTENING = "0A";

	private static final int FIELDS = 10;

	/**
	 * First port of the default range from which Linux chooses.
	 */
	private static final int USUAL_RANDOM = 32768;

	private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)]");

	private static final Pattern NUMBERED = Pattern.compile("\\{worker\\+(\\d{1,5})}");

	/**
	 * Highest number of workers, which includes those of two arbiters during a
	 * replacement.
	 */
	private static final int MOST_NUMBERS = 256;

	private FurtherPorts() {
	}

	private static @Nullable String find(ApplicationFacts application) {
		Set<String> own = Stream.of("local.server.port", "local.management.port")
			.map(application::property)
			.filter(Objects::nonNull)
			.collect(Collectors.toSet());
		Set<Integer> shared = application.created(WorkerProcess.class.getName())
			.flatMap((bean) -> (bean.instance() instanceof WorkerProcess worker) ? worker.sharedPorts().stream()
					: Stream.empty())
			.collect(Collectors.toSet());
		String options = Objects.requireNonNullElse(application.property("tomcorn.jvm-options"), "");
		List<String> ports = listening(Path.of("/proc/self")).stream()
			.filter((port) -> !isRandom(port) && !differs(port, options))
			.filter((port) -> !shared.contains(port))
			.map(String::valueOf)
			.filter((port) -> !own.contains(port))
			.toList();
		return ports.isEmpty() ? null : String.join(", ", ports);
	}

	/**
	 * Return whether a port depends on the index of the worker.
	 */
	static boolean differs(int port, String options) {
		return NUMBERED.matcher(options)
			.results()
			.mapToLong((found) -> Long.parseLong(found.group(1)))
			.anyMatch((base) -> port >= base && port < base + MOST_NUMBERS);
	}

	/**
	 * Return the TCP ports at which a process listens.
	 * @param process its directory below {@code /proc}
	 * @return the ports; none if the kernel does not show them
	 */
	static Set<Integer> listening(Path process) {
		Set<String> own = sockets(process.resolve("fd"));
		Set<Integer> ports = new TreeSet<>();
		for (String table : List.of("net/tcp", "net/tcp6")) {
			lines(process.resolve(table)).map((line) -> line.strip().split("\\s+", FIELDS + 1))
				// Number, local and remote address, state, …, and last the socket
				.filter((fields) -> fields.length >= FIELDS && fields[3].equals(LISTENING)
						&& own.contains(fields[FIELDS - 1]))
				.forEach((fields) -> ports.add(Integer.parseInt(fields[1].substring(fields[1].indexOf(':') + 1), 16)));
		}
		return ports;
	}

	private static Set<String> sockets(Path descriptors) {
		Set<String> sockets = new HashSet<>();
		try (DirectoryStream<Path> all = Files.newDirectoryStream(descriptors)) {
			for (Path descriptor : all) {
				Matcher socket = SOCKET.matcher(target(descriptor));
				if (socket.matches()) {
					sockets.add(socket.group(1));
				}
			}
		}
		catch (IOException | DirectoryIteratorException ex) {
			// Not Linux
		}
		return sockets;
	}

	private static String target(Path descriptor) {
		try {
			return Files.readSymbolicLink(descriptor).toString();
		}
		catch (IOException ex) {
			// Closed meanwhile
			return "";
		}
	}

	private static Stream<String> lines(Path file) {
		try {
			return Files.readString(file, StandardCharsets.US_ASCII).lines();
		}
		catch (IOException ex) {
			// The kernel does not use that protocol, or this is not Linux
			return Stream.empty();
		}
	}

	/**
	 * Return whether the kernel has chosen a port.
	 */
	private static boolean isRandom(int port) {
		List<Integer> range = lines(Path.of("/proc/sys/net/ipv4/ip_local_port_range"))
			.flatMap((line) -> Stream.of(line.strip().split("\\s+")))
			.map(Integer::valueOf)
			.toList();
		return (range.size() == 2) ? port >= range.getFirst() && port <= range.getLast() : port >= USUAL_RANDOM;
	}

}
