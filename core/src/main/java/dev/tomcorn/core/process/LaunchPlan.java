package dev.tomcorn.core.process;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * How to start the processes of a fleet. The arbiter makes the plan once from its own
 * command line and environment, and starts every worker and its own successor from it.
 *
 * @param java the JVM's launcher
 * @param options the JVM options of the workers
 * @param sharedAgents the agents that start in every worker as in this JVM
 * @param workerOptions further options that every worker gets
 * @param application what the launcher starts: {@code -jar} and a file, or {@code -cp}, a
 * class path and a main class, or {@code -m} and a module
 * @param arguments the application's arguments
 * @param environment environment variables to set in a worker
 * @param workerDirectory the start directory of workers
 * @param directory the start directory of a successor of the arbiter
 */
public record LaunchPlan(Path java, JvmOptions options, List<String> sharedAgents, List<String> workerOptions,
		List<CommandWord> application, List<CommandWord> arguments, Map<String, String> environment,
		StartDirectory workerDirectory, StartDirectory directory) {

	static final String ALL_UNNAMED = "ALL-UNNAMED";

	/**
	 * Safe length of a command line word on every Linux.
	 */
	private static final int LONGEST_WORD = 100_000;

	public LaunchPlan {
		sharedAgents = List.copyOf(sharedAgents);
		workerOptions = List.copyOf(workerOptions);
		application = List.copyOf(application);
		arguments = List.copyOf(arguments);
		environment = Map.copyOf(environment);
	}

	/**
	 * Return the plan that starts the application of this JVM.
	 * @param arguments the arguments as {@code main} passes them on, used if the command
	 * line is unknown
	 * @param workerDirectory the start directory of workers, or {@code null} for the
	 * directory of this process
	 * @param moreOptions JVM options for workers only
	 * @return the plan
	 */
	public static LaunchPlan ofThisJvm(List<String> arguments, @Nullable Path workerDirectory,
			List<String> moreOptions) {
		JavaCommandLine line = JavaCommandLine.ofThisJvm();
		if (line == null) {
			line = reported(arguments, ArbiterCommand.wordsIfTold());
		}
		List<CommandWord> application = line.application();
		StartDirectory directory = StartDirectory.ofThisProcess(System.getenv(), jar(application));
		StartDirectory chosen = (workerDirectory != null) ? StartDirectory.configured(workerDirectory) : directory;
		JvmOptions own = JvmOptions.ofThisJvm();
		boolean elsewhere = !chosen.isSame(directory);
		return new LaunchPlan(Path.of(System.getProperty("java.home"), "bin", "java"), own.and(moreOptions),
				own.agents(), List.of(), elsewhere ? resolved(application, directory) : application, line.arguments(),
				Map.of(), chosen, elsewhere ? directory : chosen);
	}

	/**
	 * Return the command that the JVM reports. Arguments that are not on its command line
	 * come from a file that is gone, and stay invisible.
	 * @param arguments the application's arguments
	 * @param commandLine the words of the command line
	 */
	static JavaCommandLine reported(List<String> arguments, List<String> commandLine) {
		boolean visible = commandLine.containsAll(arguments);
		return new JavaCommandLine(
				application(System.getProperty("sun.java.command", ""), System.getProperty("java.class.path", ""))
					.stream()
					.map((word) -> new CommandWord(word, visible && word.length() < LONGEST_WORD))
					.toList(),
				arguments.stream().map((argument) -> new CommandWord(argument, visible)).toList());
	}

	/**
	 * Distinguish {@code java -jar} from {@code java -cp}.
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

	private static @Nullable Path jar(List<CommandWord> application) {
		try {
			return application.getFirst().text().equals("-jar") ? Path.of(application.getLast().text()) : null;
		}
		catch (InvalidPathException ex) {
			return null;
		}
	}

	/**
	 * Resolve relative file names for a process that starts in another directory.
	 */
	private static List<CommandWord> resolved(List<CommandWord> application, StartDirectory directory) {
		List<CommandWord> resolved = new ArrayList<>(application);
		for (int i = 0; i < application.size() - 1; i++) {
			String option = application.get(i).text();
			CommandWord value = application.get(i + 1);
			if (option.startsWith("--class-path=")) {
				resolved.set(i,
						new CommandWord(
								"--class-path=" + resolved(option.substring(option.indexOf('=') + 1), directory),
								application.get(i).visible()));
			}
			else if (option.equals("-jar") || option.equals("-cp") || option.equals("-classpath")
					|| option.equals("--class-path")) {
				resolved.set(i + 1, new CommandWord(resolved(value.text(), directory), value.visible()));
			}
		}
		return resolved;
	}

	private static String resolved(String paths, StartDirectory directory) {
		return Stream.of(paths.split(File.pathSeparator, -1))
			.map((path) -> directory.name().resolve(path).toString())
			.collect(Collectors.joining(File.pathSeparator));
	}

	/**
	 * Return whether workers need an option that permits native access. They do not if
	 * the user's options or the jar's manifest permit it. An option that the training run
	 * did not have would make an AOT cache useless.
	 * @return whether to add the option
	 */
	public boolean needsNativeAccessOption() {
		return !permitsNativeAccess() && !this.options.useAotCache();
	}

	/**
	 * Return whether this JVM may call functions of the C library without a warning: the
	 * user's options or the manifest of the jar say so.
	 * @return whether it may
	 */
	public boolean permitsNativeAccess() {
		return this.options.permitNativeAccess() || manifestPermitsNativeAccess();
	}

	private boolean manifestPermitsNativeAccess() {
		Path file = jar(this.application);
		if (file == null) {
			return false;
		}
		try (JarFile jar = new JarFile(file.toFile())) {
			Manifest manifest = jar.getManifest();
			return manifest != null
					&& ALL_UNNAMED.equals(manifest.getMainAttributes().getValue("Enable-Native-Access"));
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Return the plan with further options that every worker gets.
	 * @param newWorkerOptions the options
	 * @return the plan
	 */
	public LaunchPlan withWorkerOptions(List<String> newWorkerOptions) {
		return new LaunchPlan(this.java, this.options, this.sharedAgents, newWorkerOptions, this.application,
				this.arguments, this.environment, this.workerDirectory, this.directory);
	}

	/**
	 * Return the plan with environment variables to set in a worker.
	 * @param newEnvironment the variables
	 * @return the plan
	 */
	public LaunchPlan withEnvironment(Map<String, String> newEnvironment) {
		return new LaunchPlan(this.java, this.options, this.sharedAgents, this.workerOptions, this.application,
				this.arguments, newEnvironment, this.workerDirectory, this.directory);
	}

	/**
	 * Return the command line of a worker.
	 * @param label the label for the worker's files
	 * @param optionIndex the index that replaces {@code {worker}} in other options
	 * @param moreOptions further options that this worker gets
	 * @return the launcher and its arguments, as the process receives them
	 * @throws IOException if the system does not provide the command line of this JVM
	 */
	ProcessWords forWorker(WorkerLabel label, int optionIndex, List<String> moreOptions) throws IOException {
		List<CommandWord> words = new ArrayList<>(this.options.forWorker(label, optionIndex));
		this.workerOptions.forEach((option) -> words.add(CommandWord.visible(option)));
		moreOptions.forEach((option) -> words.add(CommandWord.visible(option)));
		words.addAll(this.application);
		return ProcessWords.of(launcher(), words, this.arguments);
	}

	/**
	 * Return the plan that starts the application from another jar.
	 * @param newJar the jar
	 * @return the plan
	 */
	public LaunchPlan withJar(Path newJar) {
		return new LaunchPlan(this.java, this.options, this.sharedAgents, this.workerOptions,
				List.of(CommandWord.visible("-jar"), CommandWord.visible(newJar.toString())), this.arguments,
				this.environment, this.workerDirectory, this.directory);
	}

	/**
	 * Return the jar of {@code -jar}, as a path that is valid where workers start.
	 * @return the file, or {@code null} if it is not started from one
	 */
	public @Nullable Path jar() {
		Path file = jar(this.application);
		return (file != null) ? this.workerDirectory.name().resolve(file) : null;
	}

	/**
	 * Start a JVM in the background. It gets no user options except those among its
	 * words.
	 * @param words its options, and the program to run
	 * @param output takes its output
	 * @param lowestPriority whether it gets the lowest priority
	 * @return its process
	 * @throws IOException if it cannot be started
	 */
	public Process launchInBackground(List<CommandWord> words, Path output, boolean lowestPriority) throws IOException {
		ChildEnvironment environment = new ChildEnvironment();
		environment.remove("JAVA_TOOL_OPTIONS");
		environment.remove("JDK_JAVA_OPTIONS");
		environment.remove("_JAVA_OPTIONS");
		return ChildProcess.startInBackground(ProcessWords.of(launcher(), words, List.of()), environment, output,
				lowestPriority);
	}

	/**
	 * Return the launcher. The JDK of this JVM may be gone after an update, because some
	 * packages have a directory per version. Then the original command finds the new JDK.
	 */
	private String launcher() throws IOException {
		return Files.exists(this.java) ? this.java.toString() : ArbiterCommand.ofThisProcess().words().getFirst();
	}

	/**
	 * Start an arbiter that replaces this one.
	 * @param predecessor how to reach this one
	 * @param optionIndexes the indexes that its workers must not use in their options
	 * @return its process
	 * @throws IOException if it cannot be started
	 */
	public Process launchSuccessor(Predecessor predecessor, Collection<Integer> optionIndexes) throws IOException {
		return ArbiterCommand.ofThisProcess().launch(predecessor, optionIndexes, this.directory);
	}

}
