package dev.tomcorn.core.process;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The environment variables of a child process: the bytes of this process's own, with
 * changes.
 */
final class ChildEnvironment {

	/**
	 * Variables that systemd passes only to the arbiter.
	 */
	private static final Set<String> OF_SERVICE_MANAGER = Set.of("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
			"LISTEN_FDS", "LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDNAMES");

	private final Set<String> inherited = new HashSet<>(System.getenv().keySet());

	private final Map<String, String> set = new HashMap<>();

	ChildEnvironment() {
		this.inherited.removeAll(OF_SERVICE_MANAGER);
	}

	/**
	 * Keep the variables with which another process notifies systemd in place of this
	 * one, without the pid of the watchdog.
	 */
	void keepNotification() {
		Stream.of("NOTIFY_SOCKET", "WATCHDOG_USEC").filter(System.getenv()::containsKey).forEach(this.inherited::add);
	}

	void remove(String name) {
		this.inherited.remove(name);
		this.set.remove(name);
	}

	boolean has(String name) {
		return this.inherited.contains(name) || this.set.containsKey(name);
	}

	void putAll(Map<String, String> variables) {
		this.inherited.removeAll(variables.keySet());
		this.set.putAll(variables);
	}

	/**
	 * Return the variables.
	 * @return name, equals sign and value of each
	 */
	List<byte[]> entries() {
		List<byte[]> entries = new ArrayList<>();
		for (String name : this.inherited) {
			byte[] value = PosixSpawn.variable(NativeText.encode(name));
			entries.add(entry(name, (value != null) ? value : NativeText.encode(System.getenv(name))));
		}
		this.set.forEach((name, value) -> entries.add(entry(name, NativeText.encode(value))));
		return entries;
	}

	private static byte[] entry(String name, byte[] value) {
		ByteArrayOutputStream entry = new ByteArrayOutputStream();
		entry.writeBytes(NativeText.encode(name));
		entry.write('=');
		entry.writeBytes(value);
		return entry.toByteArray();
	}

}
