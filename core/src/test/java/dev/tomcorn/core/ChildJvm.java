package dev.tomcorn.core;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;

/**
 * Starts a JVM with the classes of this module, for what a test cannot do to its own: the
 * environment and the standard streams of this one belong to Surefire.
 */
public final class ChildJvm {

	private ChildJvm() {
	}

	/**
	 * Return how to start a class's main method.
	 */
	public static List<String> command(Class<?> main) {
		try {
			String classPath = String.join(System.getProperty("path.separator"), location(ChildJvm.class),
					location(RunDirectory.class));
			return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xshare:auto",
					"-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp", classPath, main.getName());
		}
		catch (URISyntaxException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static String location(Class<?> type) throws URISyntaxException {
		return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
	}

	/**
	 * Return how to start a class's main method with standard input and output as pipes
	 * and standard error in the test's own.
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
