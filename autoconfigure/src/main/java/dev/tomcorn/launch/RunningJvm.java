package dev.tomcorn.launch;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.tomcorn.core.listener.SharedListener;
import dev.tomcorn.core.process.ArbiterCommand;
import dev.tomcorn.core.process.JvmOption;
import org.jspecify.annotations.Nullable;

/**
 * Facts about a JVM: how it was started, and what runs in it.
 *
 * @param properties its system properties
 * @param environment its environment variables
 * @param options its options, from all sources
 * @param commandLine the words of its command line, as far as the system shows them
 * @param classesOnStacks names of the classes that its threads run
 * @param modules names of the modules of its runtime
 * @param contextClassLoader class name of the loader that loads the application
 * @param nativeAccess whether Tomcorn may call functions of the C library without a
 * warning
 * @param parentPid process id of its parent
 * @param listenerInherited whether its standard input is a socket, as an arbiter passes
 * it
 */
record RunningJvm(Map<String, String> properties, Map<String, String> environment, List<String> options,
		List<String> commandLine, Set<String> classesOnStacks, Set<String> modules, String contextClassLoader,
		boolean nativeAccess, long parentPid, boolean listenerInherited) {

	private static final String MANAGEMENT_MODULE = "java.management";

	/**
	 * Collect the facts about this JVM.
	 * @return the facts
	 */
	static RunningJvm current() {
		Map<String, String> properties = new TreeMap<>();
		System.getProperties().stringPropertyNames().forEach((name) -> {
			String value = System.getProperty(name);
			if (value != null) {
				properties.put(name, value);
			}
		});
		Set<String> modules = ModuleLayer.boot().modules().stream().map(Module::getName).collect(Collectors.toSet());
		List<String> options = modules.contains(MANAGEMENT_MODULE)
				? ManagementFactory.getRuntimeMXBean().getInputArguments() : List.of();
		ClassLoader loader = Thread.currentThread().getContextClassLoader();
		return new RunningJvm(properties, System.getenv(), options, ArbiterCommand.wordsIfTold(), readStacks(), modules,
				(loader != null) ? loader.getClass().getName() : "",
				RunningJvm.class.getModule().isNativeAccessEnabled(),
				ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(-1L), SharedListener.isInherited());
	}

	/**
	 * Return the classes on the stacks of all threads. All are needed, since a test may
	 * start an application on one thread and wait for it on another. Of the virtual
	 * threads, only the current one is included.
	 */
	private static Set<String> readStacks() {
		Set<String> classes = new LinkedHashSet<>();
		List<StackTraceElement[]> stacks = new ArrayList<>(Thread.getAllStackTraces().values());
		stacks.add(Thread.currentThread().getStackTrace());
		stacks.forEach((stack) -> Stream.of(stack).forEach((frame) -> classes.add(frame.getClassName())));
		return classes;
	}

	/**
	 * Return its options with their sources.
	 */
	List<JvmOption> givenOptions() {
		return JvmOption.of(this.options, this.environment, this.commandLine);
	}

	/**
	 * Return the main class, with its module if it has one, or the name of the jar file.
	 */
	String main() {
		return words().getFirst();
	}

	/**
	 * Return the words of the Java command. Spaces within a word divide it, too.
	 */
	List<String> words() {
		return List.of(property("sun.java.command").strip().split("\\s+"));
	}

	String property(String name) {
		return this.properties.getOrDefault(name, "");
	}

	/**
	 * Return the entries of the class path. A single jar is expanded by the class path of
	 * its manifest.
	 */
	List<String> classPath() {
		List<String> entries = List
			.of(this.properties.getOrDefault("java.class.path", "").split(File.pathSeparator, -1));
		String only = (entries.size() == 1) ? entries.getFirst() : "";
		return only.endsWith(".jar") ? Stream.concat(Stream.of(only), namedBy(only).stream()).toList() : entries;
	}

	private static List<String> namedBy(String jar) {
		try (JarFile file = new JarFile(jar)) {
			Manifest manifest = file.getManifest();
			@Nullable String names = (manifest != null) ? manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH)
					: null;
			if (names == null) {
				return List.of();
			}
			URI base = Path.of(jar).toAbsolutePath().toUri();
			return Stream.of(names.strip().split("\\s+")).map((name) -> base.resolve(name).getPath()).toList();
		}
		catch (IOException | IllegalArgumentException ex) {
			// Not a readable jar
			return List.of();
		}
	}

}
