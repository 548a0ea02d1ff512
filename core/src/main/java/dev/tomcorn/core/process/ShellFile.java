package dev.tomcorn.core.process;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An argument file for Java's launcher in the run directory. With it,
 * {@code java @FILE status} calls the shell command in the same way for every kind of
 * application.
 *
 * @param java the launcher
 * @param file the file
 * @param words its words
 */
public record ShellFile(Path java, Path file, List<String> words) {

	private static final String NAME = "shell";

	private static final String MAIN_CLASS = "dev.tomcorn.entry.TomcornCommand";

	private static final String BOOT_LOADER = "org.springframework.boot.loader.";

	public ShellFile {
		words = List.copyOf(words);
	}

	/**
	 * Return the file of a fleet whose arbiter is this JVM.
	 * @param plan how its processes are started
	 * @param runDirectory its run directory
	 * @return the file, not written yet
	 */
	public static ShellFile of(LaunchPlan plan, Path runDirectory) {
		String classPath = System.getProperty("java.class.path", "");
		// The launcher accepts a module path as a class path, too
		return of(plan.java(), classPath.isEmpty() ? System.getProperty("jdk.module.path", "") : classPath,
				plan.directory().name(), runDirectory);
	}

	static ShellFile of(Path java, String classPath, Path directory, Path runDirectory) {
		String absolute = Stream.of(classPath.split(File.pathSeparator, -1))
			.map((entry) -> directory.resolve(entry).toString())
			.collect(Collectors.joining(File.pathSeparator));
		List<String> words = new ArrayList<>(
				List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"));
		words.addAll(needsBootLoader(absolute) ? List.of("-Djarmode=tomcorn", "-jar", absolute)
				: List.of("-cp", absolute, MAIN_CLASS));
		words.addAll(List.of("--run-directory", runDirectory.toAbsolutePath().toString()));
		return new ShellFile(java, runDirectory.toAbsolutePath().resolve(NAME), words);
	}

	/**
	 * Return whether the class path is a jar with jars within, which only Boot's launcher
	 * can read.
	 */
	private static boolean needsBootLoader(String classPath) {
		if (!new File(classPath).isFile()) {
			return false;
		}
		try (JarFile jar = new JarFile(classPath)) {
			Manifest manifest = jar.getManifest();
			String main = (manifest != null) ? manifest.getMainAttributes().getValue("Main-Class") : null;
			return main != null && main.startsWith(BOOT_LOADER);
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Write the file.
	 * @throws IOException if it cannot be written
	 */
	public void write() throws IOException {
		Files.deleteIfExists(this.file);
		Files.createFile(this.file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
		Files.writeString(this.file, ArgumentFile.of(this.words));
	}

	/**
	 * Return the command line to type.
	 * @param verb the verb of the shell command
	 * @return the command line
	 */
	public String command(String verb) {
		String launcher = this.java.toString();
		return "%s @%s %s".formatted(launcher.contains(" ") ? "'" + launcher + "'" : launcher, this.file, verb);
	}

}
