package dev.tomcorn.core;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts a JVM with the classes of this module, for tests of environment and standard
 * streams. Those of this JVM belong to Surefire.
 */
public final class ChildJvm {

	private ChildJvm() {
	}

	/**
	 * Return the builder of a process that runs a class's main method.
	 */
	public static List<String> command(Class<?> main) {
		return command(main, "-XX:TieredStopAtLevel=1");
	}

	/**
	 * Return the command of a process that runs a class's main method.
	 * @param main the class
	 * @param options JVM options
	 */
	public static List<String> command(Class<?> main, String... options) {
		try {
			String classPath = String.join(System.getProperty("path.separator"), location(ChildJvm.class),
					location(RunDirectory.class));
			List<String> command = new ArrayList<>();
			command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
			command.add("-Xshare:auto");
			command.addAll(List.of(options));
			command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath, main.getName()));
			return command;
		}
		catch (URISyntaxException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static String location(Class<?> type) throws URISyntaxException {
		return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
	}

	/**
	 * Return the builder of a process that runs a class's main method, with pipes for
	 * standard input and output and the test's standard error.
	 */
	public static ProcessBuilder builder(Class<?> main) {
		return new ProcessBuilder(command(main)).redirectError(ProcessBuilder.Redirect.INHERIT);
	}

	/**
	 * End a process and its children.
	 */
	public static void end(Process process) {
		process.descendants().forEach(ProcessHandle::destroyForcibly);
		process.destroyForcibly();
	}

}
