package dev.tomcorn.tomcat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * The sockets of some local ports, from the kernel's tables. They show whether a client
 * has disconnected, which a connection itself shows only when it is read or written.
 */
final class KernelSockets {

	private static final Path IPV4 = Path.of("/proc/self/net/tcp");

	private static final Path IPV6 = Path.of("/proc/self/net/tcp6");

	private static final String IPV4_MAPPED = hex(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1 });

	private static final String ESTABLISHED = "01";

	private static final String CLOSE = "07";

	private static final String CLOSE_WAIT = "08";

	private static final String LISTEN = "0A";

	/**
	 * States by the remote address, as the kernel writes them.
	 */
	private final Map<String, String> states = new HashMap<>();

	private boolean complete;

	private boolean listening;

	private int queued;

	private KernelSockets() {
	}

	/**
	 * Read the kernel's tables, which exist on Linux only.
	 * @param port the local port, or -1 for none
	 */
	static KernelSockets of(int port) {
		return of((port > 0) ? Set.of(port) : Set.of());
	}

	/**
	 * Read the kernel's tables.
	 * @param ports the local ports
	 */
	static KernelSockets of(Set<Integer> ports) {
		KernelSockets sockets = new KernelSockets();
		if (!System.getProperty("os.name", "").equals("Linux")) {
			return sockets;
		}
		Set<String> numbers = ports.stream().map("%04X"::formatted).collect(Collectors.toSet());
		int tables = 0;
		int failures = 0;
		for (Path table : new Path[] { IPV4, IPV6 }) {
			try (BufferedReader lines = Files.newBufferedReader(table, StandardCharsets.US_ASCII)) {
				String line;
				while ((line = lines.readLine()) != null) {
					// Number, local and remote address, state, tx:rx queue, …
					String[] fields = line.strip().split("\\s+", 6);
					if (fields.length == 6 && numbers.contains(fields[1].substring(fields[1].indexOf(':') + 1))) {
						sockets.add(fields[2], fields[3], fields[4]);
					}
				}
				tables++;
			}
			catch (NoSuchFileException ex) {
				// The kernel does not use that protocol
			}
			catch (IOException | NumberFormatException ex) {
				failures++;
			}
		}
		sockets.complete = !ports.isEmpty() && tables > 0 && failures == 0;
		return sockets;
	}

	private void add(String remote, String state, String queues) {
		if (state.equals(LISTEN)) {
			this.listening = true;
			this.queued += Integer.parseInt(queues.substring(queues.indexOf(':') + 1), 16);
		}
		else {
			// One client may be connected to several of these ports and addresses
			this.states.merge(remote, state, (first, second) -> first.equals(ESTABLISHED) ? first : second);
		}
	}

	/**
	 * Return how many connections wait in the queues of the listening sockets. Empty if
	 * no socket listens or the tables are not readable.
	 */
	OptionalInt queued() {
		return this.listening ? OptionalInt.of(this.queued) : OptionalInt.empty();
	}

	/**
	 * Return the state of a client.
	 * @param remote its address
	 */
	Client client(InetSocketAddress remote) {
		String port = ":%04X".formatted(remote.getPort());
		InetAddress address = remote.getAddress();
		String state = this.states.get(hex(address.getAddress()) + port);
		if (state == null && address.getAddress().length == 4) {
			state = this.states.get(IPV4_MAPPED + hex(address.getAddress()) + port);
		}
		return this.complete ? Client.of(state) : Client.UNKNOWN;
	}

	/**
	 * The kernel writes an address as numbers of 32 bits in its own byte order.
	 */
	private static String hex(byte[] address) {
		StringBuilder hex = new StringBuilder();
		ByteBuffer words = ByteBuffer.wrap(address).order(ByteOrder.nativeOrder());
		while (words.hasRemaining()) {
			hex.append("%08X".formatted(words.getInt()));
		}
		return hex.toString();
	}

	/**
	 * State of the client of a connection.
	 */
	enum Client {

		/** The kernel does not show it. */
		UNKNOWN,

		/** It may send more. */
		PRESENT,

		/** It sends nothing more; very few clients still wait for a response then. */
		FINISHED,

		/** The connection no longer exists. */
		GONE;

		private static Client of(@Nullable String state) {
			return switch (state) {
				case null -> GONE;
				case CLOSE -> GONE;
				case CLOSE_WAIT -> FINISHED;
				default -> PRESENT;
			};
		}

	}

}
