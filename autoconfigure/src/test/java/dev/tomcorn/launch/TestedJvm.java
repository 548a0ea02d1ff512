package dev.tomcorn.launch;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A simulated JVM that runs a packaged application, with the facts that a test sets. The
 * JVM that runs the tests never becomes an arbiter.
 */
public final class TestedJvm {

	private final Map<String, String> properties = new TreeMap<>(Map.of("os.name", "Linux", "os.arch", "amd64",
			"sun.java.command", "shop.jar --server.port=9000", "java.class.path", "shop.jar"));

	private final Map<String, String> environment = new TreeMap<>();

	private List<String> options = List.of();

	private List<String> commandLine = List.of("java", "-jar", "shop.jar", "--server.port=9000");

	private Set<String> classesOnStacks = Set.of("com.example.Application", "java.lang.Thread");

	private Set<String> modules = Set.of("java.base", "java.management", "jdk.unsupported");

	private String contextClassLoader = "org.springframework.boot.loader.launch.LaunchedClassLoader";

	private boolean nativeAccess = true;

	private boolean listenerInherited;

	public TestedJvm property(String name, String value) {
		this.properties.put(name, value);
		return this;
	}

	TestedJvm command(String command) {
		return property("sun.java.command", command);
	}

	TestedJvm classPath(String classPath) {
		return property("java.class.path", classPath);
	}

	TestedJvm variable(String name, String value) {
		this.environment.put(name, value);
		return this;
	}

	TestedJvm variables(Map<String, String> variables) {
		this.environment.putAll(variables);
		return this;
	}

	public TestedJvm options(String... options) {
		this.options = List.of(options);
		return this;
	}

	TestedJvm commandLine(String... words) {
		this.commandLine = List.of(words);
		return this;
	}

	TestedJvm onStacks(String... classes) {
		this.classesOnStacks = Set.of(classes);
		return this;
	}

	TestedJvm modules(String... modules) {
		this.modules = Set.of(modules);
		return this;
	}

	TestedJvm contextClassLoader(String className) {
		this.contextClassLoader = className;
		return this;
	}

	TestedJvm withoutNativeAccess() {
		this.nativeAccess = false;
		return this;
	}

	TestedJvm inheritsListener() {
		this.listenerInherited = true;
		return this;
	}

	public RunningJvm toJvm() {
		return new RunningJvm(this.properties, this.environment, this.options, this.commandLine, this.classesOnStacks,
				this.modules, this.contextClassLoader, this.nativeAccess, PARENT_PID, this.listenerInherited);
	}

	static final long PARENT_PID = 4711;

}
