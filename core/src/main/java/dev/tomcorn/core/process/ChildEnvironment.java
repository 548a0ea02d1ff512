package dev.tomcorn.core.process;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The environment variables of a child process: those of this process, byte by byte, with
 * changes.
 */
final class ChildEnvironment {

	/**
	 * By these a supervisor tells this process, and no other, which sockets it was
	 * started with.
	 */
	private static final List<String> ACTIVATION = List.of("LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS",
			"LISTEN_FDNAMES");

	private final Set<String> inherited = new HashSet<>(System.getenv().keySet());

	private final Map<String, String> set = new HashMap<>();

	void remove(String name) {
		this.inherited.remove(name);
		this.set.remove(name);
	}

	/**
	 * Remove what tells of sockets that only this process was started with.
	 */
	void removeActivation() {
		ACTIVATION.forEach(this::remove);
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
