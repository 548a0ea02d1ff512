package dev.tomcorn.core.shell;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

import dev.tomcorn.core.process.FleetIdentity;
import org.jspecify.annotations.Nullable;

/**
 * The application that the command belongs to, as far as it is known without a start.
 *
 * @param name its configured name, or {@code null} if there is none
 * @param jars the files of its class path
 * @param classes its class loader
 */
public record OwnApplication(@Nullable String name, Set<Path> jars, ClassLoader classes) {

	/**
	 * Return the application of this JVM's class path.
	 * @param name its configured name, or {@code null} if there is none
	 * @param classes its class loader
	 * @return the application
	 */
	public static OwnApplication ofThisJvm(@Nullable String name, ClassLoader classes) {
		return new OwnApplication((name != null && !name.isBlank()) ? FleetIdentity.cleaned(name) : null,
				files(System.getProperty("java.class.path", "")), classes);
	}

	private static Set<Path> files(String classPath) {
		Set<Path> files = new HashSet<>();
		for (String entry : classPath.split(File.pathSeparator)) {
			try {
				if (new File(entry).isFile()) {
					files.add(Path.of(entry));
				}
			}
			catch (InvalidPathException ex) {
				// Not a path, so no fleet starts from it
			}
		}
		return files;
	}

	/**
	 * Return whether a fleet runs this application, possibly in another release. It does
	 * if it has the same jar or the configured name. Without a configured name, it needs
	 * the same main class and, if both have jars, jars of the same name without version.
	 */
	boolean isRunBy(FleetIdentity fleet) {
		if (!fleet.isKnown()) {
			return false;
		}
		if (!fleet.jar().isEmpty() && this.jars.stream().anyMatch((jar) -> isSame(jar, fleet.jar()))) {
			return true;
		}
		if (this.name != null) {
			return fleet.declared() && fleet.name().equals(this.name);
		}
		URL found = find(fleet.mainClass());
		if (found == null) {
			return false;
		}
		boolean bothJars = !fleet.jar().isEmpty() && !found.getProtocol().equals("file");
		return bothJars ? this.jars.stream().map(FleetIdentity::nameOf).anyMatch(fleet.name()::equals)
				: !fleet.declared();
	}

	private static boolean isSame(Path jar, String other) {
		try {
			return jar.toRealPath().equals(Path.of(other).toRealPath());
		}
		catch (IOException | InvalidPathException ex) {
			// Its release may be deleted
			return jar.toAbsolutePath().normalize().toString().equals(other);
		}
	}

	/**
	 * Return the location of a class, or {@code null} if the application has no such
	 * class.
	 */
	private @Nullable URL find(String mainClass) {
		return mainClass.isEmpty() ? null : this.classes.getResource(mainClass.replace('.', '/') + ".class");
	}

	/**
	 * Return its name in messages.
	 */
	String description() {
		if (this.name != null) {
			return this.name;
		}
		return (this.jars.size() == 1) ? FleetIdentity.nameOf(this.jars.iterator().next()) : "";
	}

}
