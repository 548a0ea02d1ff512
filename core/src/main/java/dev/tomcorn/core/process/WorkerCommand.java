package dev.tomcorn.core.process;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.jar.Manifest;

/**
 * The command line that starts the application again, as a worker.
 *
 * @param java the JVM's launcher
 * @param options the user's JVM options
 * @param workerOptions options that every worker gets besides
 * @param application what the launcher starts: {@code -jar} and a file, or {@code -cp}, a
 * class path and a main class
 * @param arguments the application's arguments
 * @param environment environment variables to set
 */
public record WorkerCommand(Path java, JvmOptions options, List<String> workerOptions, List<String> application,
		List<String> arguments, Map<String, String> environment) {

	static final String ALL_UNNAMED = "ALL-UNNAMED";

	public WorkerCommand {
		workerOptions = List.copyOf(workerOptions);
		application = List.copyOf(application);
		arguments = List.copyOf(arguments);
		environment = Map.copyOf(environment);
	}

	/**
	 * Return the command that starts what this JVM runs.
	 * @param arguments the application's arguments
	 * @return the command
	 */
	public static WorkerCommand ofThisJvm(List<String> arguments) {
		return new WorkerCommand(Path.of(System.getProperty("java.home"), "bin", "java"),
				JvmOptions.of(ManagementFactory.getRuntimeMXBean().getInputArguments()), List.of(),
				application(System.getProperty("sun.java.command", ""), System.getProperty("java.class.path", "")),
				arguments, Map.of());
	}

	/**
	 * Tell {@code java -jar} and {@code java -cp} apart.
	 * @param javaCommand main class or jar file, and arguments, separated by spaces that
	 * may also be part of them
	 * @param classPath the class path; just the jar file under {@code -jar}
	 */
	static List<String> application(String javaCommand, String classPath) {
		if (javaCommand.equals(classPath) || javaCommand.startsWith(classPath + " ")) {
			if (classPath.endsWith(".jar") || new File(classPath).isFile()) {
				return List.of("-jar", classPath);
			}
		}
		String mainClass = javaCommand.split(" ", 2)[0];
		int module = mainClass.indexOf('/');
		return List.of("-cp", classPath, (module < 0) ? mainClass : mainClass.substring(module + 1));
	}

	/**
	 * Return whether workers have to be permitted native access by an option. They do not
	 * where the user's options or the manifest of the jar do, and an option that the
	 * training run did not have would make an AOT cache useless.
	 * @return whether there is to be an option
	 */
	public boolean needsNativeAccessOption() {
		return !this.options.permitNativeAccess() && !this.options.useAotCache() && !manifestPermitsNativeAccess();
	}

	private boolean manifestPermitsNativeAccess() {
		if (!this.application.getFirst().equals("-jar")) {
			return false;
		}
		try (JarFile jar = new JarFile(this.application.getLast())) {
			Manifest manifest = jar.getManifest();
			return manifest != null
					&& ALL_UNNAMED.equals(manifest.getMainAttributes().getValue("Enable-Native-Access"));
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Return the command with options that every worker gets besides the user's.
	 * @param newWorkerOptions the options
	 * @return the command
	 */
	public WorkerCommand withWorkerOptions(List<String> newWorkerOptions) {
		return new WorkerCommand(this.java, this.options, newWorkerOptions, this.application, this.arguments,
				this.environment);
	}

	/**
	 * Return the command with environment variables to set.
	 * @param newEnvironment the variables
	 * @return the command
	 */
	public WorkerCommand withEnvironment(Map<String, String> newEnvironment) {
		return new WorkerCommand(this.java, this.options, this.workerOptions, this.application, this.arguments,
				newEnvironment);
	}

	/**
	 * Return the command line of a worker.
	 * @param label tells the worker's files apart from those of others
	 * @param moreOptions options that this worker gets besides
	 * @return the launcher and its arguments, each as it is to reach the process
	 */
	public List<String> forWorker(WorkerLabel label, List<String> moreOptions) {
		List<String> command = new ArrayList<>();
		command.add(this.java.toString());
		command.addAll(this.options.forWorker(label));
		command.addAll(this.workerOptions);
		command.addAll(moreOptions);
		command.addAll(this.application);
		command.addAll(this.arguments);
		return command;
	}

}
