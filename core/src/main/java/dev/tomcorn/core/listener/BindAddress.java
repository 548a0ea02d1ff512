package dev.tomcorn.core.listener;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * An address of an application in the form of {@code tomcorn.bind}.
 */
public sealed interface BindAddress {

	/**
	 * The valid forms of an address.
	 */
	String FORMS = "an address such as 127.0.0.1:8080, [::1]:8080, :8080, "
			+ "unix:/run/app/app.sock?mode=0660&group=www-data, fd://3 or fd://web";

	/**
	 * Return what the user wrote.
	 * @return the text
	 */
	String text();

	/**
	 * A TCP port.
	 *
	 * @param text what the user wrote
	 * @param host name or address of the host, empty for every address
	 * @param port the port, 0 for one that the system chooses
	 */
	record Port(String text, String host, int port) implements BindAddress {

	}

	/**
	 * A Unix domain socket with a name in the file system.
	 *
	 * @param text what the user wrote
	 * @param path its absolute path
	 * @param mode its permissions, or {@code null} for the default of the process's umask
	 * @param owner name or number of its owner, or {@code null} for the user of the
	 * process
	 * @param group name or number of its group, or {@code null} for that of the process
	 */
	record Unix(String text, Path path, @Nullable Set<PosixFilePermission> mode, @Nullable String owner,
			@Nullable String group) implements BindAddress {

	}

	/**
	 * A listening socket that the process was started with.
	 *
	 * @param text what the user wrote
	 * @param number its descriptor, or -1 if it is known by its name
	 * @param name its name among those of {@code LISTEN_FDNAMES}, or empty
	 */
	record Descriptor(String text, int number, String name) implements BindAddress {

	}

	/**
	 * Read an address.
	 * @param text what the user wrote
	 * @return the address
	 * @throws IllegalArgumentException if it is not an address; the message says what is
	 */
	static BindAddress of(String text) {
		String trimmed = text.strip();
		if (trimmed.startsWith("unix:")) {
			return unix(trimmed);
		}
		return trimmed.startsWith("fd://") ? descriptor(trimmed) : port(trimmed);
	}

	private static Port port(String text) {
		Matcher matcher = Grammar.PORT.matcher(text);
		if (!matcher.matches()) {
			throw new IllegalArgumentException(FORMS);
		}
		int port = Integer.parseInt(matcher.group("port"));
		if (port > Grammar.MAX_PORT) {
			throw new IllegalArgumentException("an address with a port from 0 to " + Grammar.MAX_PORT);
		}
		String ipv6 = matcher.group("ipv6");
		return new Port(text, (ipv6 != null) ? ipv6 : matcher.group("host"), port);
	}

	private static Descriptor descriptor(String text) {
		String which = text.substring("fd://".length());
		if (Grammar.NUMBER.matcher(which).matches()) {
			int number = Integer.parseInt(which);
			if (number < Grammar.FIRST_DESCRIPTOR) {
				throw new IllegalArgumentException(
						"fd:// with a descriptor from 3 on: 0, 1 and 2 are the standard streams");
			}
			return new Descriptor(text, number, "");
		}
		if (which.isEmpty() || which.contains("/") || which.contains(":")) {
			throw new IllegalArgumentException("fd:// with the number of a descriptor, such as fd://3, or with the "
					+ "FileDescriptorName of a socket unit, such as fd://web");
		}
		return new Descriptor(text, -1, which);
	}

	private static Unix unix(String text) {
		String[] parts = text.substring("unix:".length()).split("\\?", 2);
		// A URI: unix:///run/app.sock
		String file = parts[0].startsWith("//") ? parts[0].substring(2) : parts[0];
		Path path;
		try {
			path = Path.of(file);
		}
		catch (InvalidPathException ex) {
			throw new IllegalArgumentException("unix: with a path that the file system can have", ex);
		}
		if (!path.isAbsolute() || file.endsWith("/")) {
			throw new IllegalArgumentException(
					"unix: with the absolute path of a socket, such as unix:/run/app/app.sock");
		}
		int length = file.getBytes(StandardCharsets.UTF_8).length;
		int directory = file.substring(0, file.lastIndexOf('/')).getBytes(StandardCharsets.UTF_8).length;
		if (length > UnixSocketFile.MAX_PATH || directory > UnixSocketFile.MAX_DIRECTORY) {
			throw new IllegalArgumentException(
					"unix: with a path of at most %d bytes in a directory of at most %d; this one has %d in one of %d"
						.formatted(UnixSocketFile.MAX_PATH, UnixSocketFile.MAX_DIRECTORY, length, directory));
		}
		Set<PosixFilePermission> mode = null;
		String owner = null;
		String group = null;
		for (String option : (parts.length > 1) ? parts[1].split("&") : new String[0]) {
			String[] pair = option.split("=", 2);
			String value = (pair.length > 1) ? pair[1] : "";
			switch (pair[0].toLowerCase(Locale.ROOT)) {
				case "mode" -> mode = mode(value);
				case "owner" -> owner = named(value);
				case "group" -> group = named(value);
				default -> throw new IllegalArgumentException(
						"unix: with no other options behind the question mark than mode, owner and group");
			}
		}
		return new Unix(text, path, mode, owner, group);
	}

	private static String named(String value) {
		if (value.isBlank()) {
			throw new IllegalArgumentException("unix: with a name or a number behind owner= and group=");
		}
		return value;
	}

	private static Set<PosixFilePermission> mode(String text) {
		if (!Grammar.MODE.matcher(text).matches()) {
			throw new IllegalArgumentException("unix: with a mode of three octal digits, such as mode=660");
		}
		int bits = Integer.parseInt(text, 8);
		PosixFilePermission[] permissions = PosixFilePermission.values();
		Set<PosixFilePermission> mode = EnumSet.noneOf(PosixFilePermission.class);
		for (PosixFilePermission permission : permissions) {
			if ((bits & (1 << (permissions.length - 1 - permission.ordinal()))) != 0) {
				mode.add(permission);
			}
		}
		return mode;
	}

	/**
	 * Patterns of the parts of an address.
	 */
	final class Grammar {

		private static final Pattern PORT = Pattern
			.compile("(?:\\[(?<ipv6>[0-9A-Fa-f:.]+(?:%[\\w.-]+)?)]|(?<host>[^\\s/:\\[\\]?]*)):(?<port>\\d{1,5})");

		private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");

		private static final Pattern MODE = Pattern.compile("0?[0-7]{3}");

		private static final int MAX_PORT = 65_535;

		private static final int FIRST_DESCRIPTOR = 3;

		private Grammar() {
		}

	}

}
