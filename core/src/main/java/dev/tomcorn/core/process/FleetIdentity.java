package dev.tomcorn.core.process;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import dev.tomcorn.core.arbiter.DataBytes;
import dev.tomcorn.core.arbiter.PrintableText;
import org.jspecify.annotations.Nullable;

/**
 * The application that a fleet runs, as its arbiter publishes it.
 *
 * @param name the application's name, or empty if unknown
 * @param declared whether the name is from {@code spring.application.name}, and not from
 * its jar or main class
 * @param jar absolute path of its jar as the user named it, or empty if it runs from a
 * class path of several entries
 * @param mainClass name of its main class, or empty if unknown
 * @param port the port that the fleet listens on
 * @param managementPort the management port if it is a separate one, or 0
 * @param workerClass how each worker runs requests, or empty if unknown
 * @param ignoresHup whether the arbiter was started with HUP ignored, for example by
 * nohup
 * @param workerOptions JVM options that the arbiter has chosen for the workers, separated
 * by spaces, or empty if unknown
 */
public record FleetIdentity(String name, boolean declared, String jar, String mainClass, int port, int managementPort,
		String workerClass, boolean ignoresHup, String workerOptions) {

	/**
	 * The identity of a fleet whose arbiter is of an older version.
	 */
	public static final FleetIdentity UNKNOWN = new FleetIdentity("", false, "", "", 0, 0);

	private static final String CLASS_PATH = "--class-path=";

	private static final int MAX_NAME = 200;

	private static final int MAX_JAR = 4096;

	private static final int MAX_CLASS = 500;

	private static final int MAX_OPTIONS = 2000;

	private static final Pattern SUFFIX = Pattern.compile("\\.[jw]ar$", Pattern.CASE_INSENSITIVE);

	/**
	 * A number with a dot and all that follows, or a single number at the end.
	 */
	private static final Pattern VERSION = Pattern.compile("(?<=.)[-_]v?\\d+\\.\\d.*$|(?<=.)[-_]v?\\d+(?:-SNAPSHOT)?$");

	public FleetIdentity {
		name = cleaned(name);
		jar = limited(jar, MAX_JAR);
		mainClass = limited(mainClass, MAX_CLASS);
		workerClass = limited(workerClass, MAX_CLASS);
		workerOptions = limited(workerOptions, MAX_OPTIONS);
	}

	/**
	 * Create an identity without details of how the fleet runs.
	 * @param name the application's name
	 * @param declared whether the name is from {@code spring.application.name}
	 * @param jar absolute path of its jar, or empty
	 * @param mainClass name of its main class, or empty
	 * @param port the port that the fleet listens on
	 * @param managementPort the management port if it is a separate one, or 0
	 */
	public FleetIdentity(String name, boolean declared, String jar, String mainClass, int port, int managementPort) {
		this(name, declared, jar, mainClass, port, managementPort, "", false, "");
	}

	/**
	 * Return the identity with a worker class.
	 * @param newWorkerClass the worker class
	 * @return the identity
	 */
	public FleetIdentity workerClass(String newWorkerClass) {
		return new FleetIdentity(this.name, this.declared, this.jar, this.mainClass, this.port, this.managementPort,
				newWorkerClass, this.ignoresHup, this.workerOptions);
	}

	/**
	 * Return the identity with the arbiter's handling of HUP.
	 * @param newIgnoresHup whether it was started with HUP ignored
	 * @return the identity
	 */
	public FleetIdentity ignoresHup(boolean newIgnoresHup) {
		return new FleetIdentity(this.name, this.declared, this.jar, this.mainClass, this.port, this.managementPort,
				this.workerClass, newIgnoresHup, this.workerOptions);
	}

	/**
	 * Return the identity with the options that the arbiter has chosen for the workers.
	 * @param options the options
	 * @return the identity
	 */
	public FleetIdentity workerOptions(List<String> options) {
		return new FleetIdentity(this.name, this.declared, this.jar, this.mainClass, this.port, this.managementPort,
				this.workerClass, this.ignoresHup, String.join(" ", options));
	}

	/**
	 * Return a name in the form for fleets.
	 * @param name the user's name
	 * @return the name without unprintable characters, shortened if it is long
	 */
	public static String cleaned(String name) {
		return limited(PrintableText.line(name.strip()), MAX_NAME);
	}

	private static String limited(String text, int most) {
		return (text.length() <= most) ? text : text.substring(0, most);
	}

	/**
	 * Return the identity of the fleet that this arbiter is about to start.
	 * @param applicationName value of {@code spring.application.name}, or {@code null}
	 * @param application what the JVM's launcher starts: {@code -jar} and a file, or
	 * {@code -cp}, a class path and a main class
	 * @param mainClass the application's main class, or {@code null} if it is unknown
	 * @param directory its start directory, by the user's name for it
	 * @param port the port that the fleet listens on
	 * @param managementPort the management port if it is a separate one, or 0
	 * @return the identity
	 */
	public static FleetIdentity of(@Nullable String applicationName, List<String> application,
			@Nullable String mainClass, Path directory, int port, int managementPort) {
		Path jar = jar(application);
		String main = (mainClass != null) ? mainClass : (jar == null) ? application.getLast() : "";
		String declared = (applicationName != null) ? applicationName.strip() : "";
		String name = !declared.isEmpty() ? declared
				: (jar != null) ? nameOf(jar) : main.substring(main.lastIndexOf('.') + 1);
		return new FleetIdentity(name, !declared.isEmpty(), (jar != null) ? directory.resolve(jar).toString() : "",
				main, port, managementPort);
	}

	private static @Nullable Path jar(List<String> application) {
		String first = application.getFirst();
		String file = first.startsWith(CLASS_PATH) ? first.substring(CLASS_PATH.length())
				: (application.size() > 2 || first.equals("-jar")) ? application.get(1) : "";
		try {
			Path path = Path.of(file);
			return (first.equals("-jar") || Files.isRegularFile(path)) ? path : null;
		}
		catch (InvalidPathException ex) {
			return null;
		}
	}

	/**
	 * Return the name of an application from its jar.
	 * @param jar the jar
	 * @return the name of the file without version and suffix
	 */
	public static String nameOf(Path jar) {
		Path file = jar.getFileName();
		String name = SUFFIX.matcher((file != null) ? file.toString() : "").replaceFirst("");
		return VERSION.matcher(name).replaceFirst("");
	}

	/**
	 * Return whether the identity is known.
	 * @return whether there is a name
	 */
	public boolean isKnown() {
		return !this.name.isEmpty();
	}

	/**
	 * Return the identity as bytes.
	 * @return bytes for {@link #ofBytes(byte[])}
	 */
	public byte[] toBytes() {
		return DataBytes.of(this::write);
	}

	private void write(DataOutputStream out) throws IOException {
		out.writeUTF(this.name);
		out.writeBoolean(this.declared);
		out.writeUTF(this.jar);
		out.writeUTF(this.mainClass);
		out.writeInt(this.port);
		out.writeInt(this.managementPort);
		out.writeUTF(this.workerClass);
		out.writeBoolean(this.ignoresHup);
		out.writeUTF(this.workerOptions);
	}

	/**
	 * Read an identity.
	 * @param bytes the bytes of an arbiter of this or another version
	 * @return the identity; {@link #UNKNOWN} if it cannot be read
	 */
	public static FleetIdentity ofBytes(byte[] bytes) {
		try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
			FleetIdentity identity = new FleetIdentity(in.readUTF(), in.readBoolean(), in.readUTF(), in.readUTF(),
					in.readInt(), in.readInt());
			if (in.available() > 0) {
				identity = identity.workerClass(in.readUTF()).ignoresHup(in.readBoolean());
			}
			return (in.available() > 0) ? identity.workerOptions(List.of(in.readUTF())) : identity;
		}
		catch (IOException ex) {
			return UNKNOWN;
		}
	}

}
