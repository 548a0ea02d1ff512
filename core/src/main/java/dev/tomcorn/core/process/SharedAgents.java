package dev.tomcorn.core.process;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Agents that start in the arbiter and in every worker, and the ports that they have
 * opened in the arbiter.
 */
final class SharedAgents {

	private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)]");

	private static final String LISTENS = "0A";

	private static final int ADDRESS = 1;

	private static final int STATE = 3;

	private static final int INODE = 9;

	private static final Pattern NUMBER = Pattern.compile("(?<!\\d)\\d{2,5}(?!\\d)");

	private SharedAgents() {
	}

	/**
	 * Return advice about agents.
	 * @param agents the options that name agents
	 * @param fleetPorts the ports that the fleet itself listens on
	 * @return a sentence or two, or {@code null} if there are no agents
	 */
	static @Nullable String report(List<String> agents, Set<Integer> fleetPorts) {
		if (agents.isEmpty()) {
			return null;
		}
		Set<Integer> ports = ports();
		ports.removeAll(fleetPorts);
		for (String agent : agents) {
			Matcher number = NUMBER.matcher(agent);
			while (number.find()) {
				int port = Integer.parseInt(number.group());
				if (ports.contains(port)) {
					return ("The agent %s has port %d open in the arbiter, so that no worker can open it. Give each "
							+ "worker a port of its own: move the option to tomcorn.jvm-options, with {worker+%d} in "
							+ "place of the port")
						.formatted(name(agent), port, port);
				}
			}
		}
		return ("Agents of the command line or of a variable start in every process: %s. If one opens a port or a file, move its option "
				+ "to tomcorn.jvm-options, with {worker} or {worker+9000} in it")
			.formatted(agents.stream().map(SharedAgents::name).collect(Collectors.joining(", ")));
	}

	/**
	 * Return the agent without its options, which may hold a secret.
	 */
	private static String name(String agent) {
		int options = agent.indexOf('=');
		return (options < 0) ? agent : agent.substring(0, options);
	}

	/**
	 * Return the ports on which this process listens.
	 */
	private static Set<Integer> ports() {
		Set<Integer> ports = new TreeSet<>();
		try {
			Set<String> sockets = sockets();
			for (String table : new String[] { "tcp", "tcp6" }) {
				Path file = Path.of("/proc/self/net", table);
				try (Stream<String> lines = Files.exists(file) ? Files.lines(file) : Stream.empty()) {
					lines.map((line) -> line.trim().split("\\s+"))
						.filter((fields) -> fields.length > INODE && fields[STATE].equals(LISTENS)
								&& sockets.contains(fields[INODE]))
						.forEach((fields) -> ports
							.add(Integer.parseInt(fields[ADDRESS].substring(fields[ADDRESS].indexOf(':') + 1), 16)));
				}
			}
		}
		catch (IOException | DirectoryIteratorException ex) {
			// The report names the agents in any case
		}
		return ports;
	}

	private static Set<String> sockets() throws IOException {
		Set<String> sockets = new HashSet<>();
		try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
			for (Path descriptor : descriptors) {
				try {
					Matcher socket = SOCKET.matcher(Files.readSymbolicLink(descriptor).toString());
					if (socket.matches()) {
						sockets.add(socket.group(1));
					}
				}
				catch (IOException ex) {
					// Closed meanwhile
				}
			}
		}
		return sockets;
	}

}
