package dev.tomcorn.it;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The start of a demo; immutable. The system chooses the port unless the arguments do.
 *
 * @param launcher the program that starts it, with the arguments before JVM options
 * @param jvmOptions JVM options
 * @param application the arguments that name the application, such as {@code -jar} and a
 * file
 * @param arguments the application's arguments
 * @param environment environment variables to set
 * @param directory the working directory
 */
record Launch(List<String> launcher, List<String> jvmOptions, List<String> application, List<String> arguments,
		Map<String, String> environment, Path directory) {

	static final Path JAR = Path.of(System.getProperty("tomcorn.demo.jar", "../demo-app/target/tomcorn-demo-app.jar"))
		.toAbsolutePath()
		.normalize();

	/**
	 * The application that misbehaves on request.
	 */
	static final Path FAULT_JAR = Path
		.of(System.getProperty("tomcorn.fault.jar", "../fault-app/target/tomcorn-fault-app.jar"))
		.toAbsolutePath()
		.normalize();

	/**
	 * The application that keeps its sessions in a database.
	 */
	static final Path SESSION_JAR = Path
		.of(System.getProperty("tomcorn.session.jar", "../session-app/target/tomcorn-session-app.jar"))
		.toAbsolutePath()
		.normalize();

	static final Path LOGS = Path.of(System.getProperty("tomcorn.logs", "target/process-logs")).toAbsolutePath();

	static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();

	/**
	 * They make a boot cheap if several JVMs share few CPUs. Users have the JVM's
	 * defaults, and so has the nightly profile.
	 */
	static final List<String> QUICK_BOOT = Boolean.getBoolean("jvm.defaults") ? List.of()
			: List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:InitialRAMPercentage=0.2");

	private static final boolean PACKAGED = Boolean.getBoolean("packaged");

	private static final List<String> DEFAULT_ARGUMENTS = List.of("--server.port=0", "--spring.main.banner-mode=off",
			// The demo has two ports otherwise
			"--spring.profiles.active=one-port");

	/**
	 * The packaged demo by {@code java -jar}.
	 */
	static Launch packagedJar() {
		return java("-jar", JAR.toString());
	}

	/**
	 * The demo with its own configuration, but with one port.
	 */
	static Launch demo() {
		return quick(JAR);
	}

	/**
	 * The demo with a worker class and a number of workers.
	 */
	static Launch workers(int workers, String workerClass) {
		return demo().arguments("--tomcorn.workers=" + workers, "--tomcorn.worker-class=" + workerClass);
	}

	/**
	 * The application that misbehaves on request, with a worker class and a number of
	 * workers.
	 */
	static Launch faults(int workers, String workerClass) {
		return quick(FAULT_JAR).arguments("--tomcorn.workers=" + workers, "--tomcorn.worker-class=" + workerClass);
	}

	/**
	 * The application that keeps its sessions in a database, with a number of workers.
	 * Training an AOT cache takes longer than the few boots of its test.
	 */
	static Launch sessions(int workers) {
		return java("-jar", SESSION_JAR.toString()).arguments("--tomcorn.workers=" + workers);
	}

	/**
	 * A packaged application, extracted unless the tests must start the jar.
	 */
	private static Launch quick(Path jar) {
		if (PACKAGED) {
			return java("-jar", jar.toString());
		}
		ExtractedJar extracted = ExtractedJar.of(jar);
		return java("-jar", extracted.jar().toString()).jvmOptions("-XX:AOTCache=" + extracted.cache());
	}

	static Launch java(String... application) {
		return new Launch(List.of(JAVA), QUICK_BOOT, List.of(application), DEFAULT_ARGUMENTS, Map.of(), Path.of(""));
	}

	/**
	 * A program that is no JVM but starts one.
	 */
	static Launch command(String... command) {
		return new Launch(List.of(command), List.of(), List.of(), List.of(), Map.of(), Path.of(""));
	}

	Launch launcher(String... newLauncher) {
		return new Launch(List.of(newLauncher), this.jvmOptions, this.application, this.arguments, this.environment,
				this.directory);
	}

	Launch jvmOptions(String... more) {
		return new Launch(this.launcher, Stream.concat(this.jvmOptions.stream(), Stream.of(more)).toList(),
				this.application, this.arguments, this.environment, this.directory);
	}

	/**
	 * Add arguments, each in place of one for the same property.
	 */
	Launch arguments(String... more) {
		Stream<String> others = this.arguments.stream()
			.filter((argument) -> Stream.of(more).noneMatch((other) -> property(other).equals(property(argument))));
		return new Launch(this.launcher, this.jvmOptions, this.application,
				Stream.concat(others, Stream.of(more)).toList(), this.environment, this.directory);
	}

	private static String property(String argument) {
		return argument.split("=", 2)[0];
	}

	Launch environment(String name, String value) {
		Map<String, String> changed = new LinkedHashMap<>(this.environment);
		changed.put(name, value);
		return new Launch(this.launcher, this.jvmOptions, this.application, this.arguments, changed, this.directory);
	}

	Launch directory(Path newDirectory) {
		return new Launch(this.launcher, this.jvmOptions, this.application, this.arguments, this.environment,
				newDirectory);
	}

	/**
	 * Hide the build's own settings from the started process.
	 */
	static void cleanEnvironment(ProcessBuilder builder) {
		builder.environment()
			.keySet()
			.removeIf((name) -> Stream.of("TOMCORN_", "SPRING_", "SERVER_", "MAVEN_").anyMatch(name::startsWith)
					|| List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "WEB_CONCURRENCY").contains(name));
	}

	List<String> commandLine() {
		return Stream.of(this.launcher, this.jvmOptions, this.application, this.arguments)
			.flatMap(List::stream)
			.toList();
	}

}
