package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The application on a system that is not Linux, where it runs solo. The JVM gets the
 * other system's name but runs on this machine, so code for Linux would work here. The
 * JVM's own method tracing shows the calls of Tomcorn.
 */
class SoloElsewhereIT {

	/**
	 * The methods that all file operations of the JDK use, that make a C function
	 * callable, that set POSIX permissions, and that start processes.
	 */
	private static final String TRACED = String.join(";", "sun.nio.fs.UnixNativeDispatcher",
			"jdk.internal.foreign.abi.AbstractLinker::downcallHandle", "java.nio.file.attribute.PosixFilePermissions",
			"java.lang.ProcessBuilder::start");

	private static final String SETTINGS = """
			<?xml version="1.0" encoding="UTF-8"?>
			<configuration version="2.0">
				<event name="jdk.MethodTrace">
					<setting name="enabled">true</setting>
					<setting name="stackTrace">true</setting>
					<setting name="threshold">0 ms</setting>
					<setting name="filter">%s</setting>
				</event>
			</configuration>
			""".formatted(TRACED);

	/**
	 * Packages of the JDK that call traced methods on behalf of their caller.
	 */
	private static final Pattern BETWEEN = Pattern
		.compile("(java\\.nio|sun\\.nio|java\\.io|java\\.lang\\.foreign|jdk\\.internal\\.foreign)\\..*");

	/**
	 * Methods that access files which exist on any system: here the application's jar.
	 */
	private static final Set<String> ANYWHERE = Set.of("dev.tomcorn.launch.RunningJvm.namedBy");

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@TempDir
	Path directory;

	static List<String> systems() {
		return Boolean.getBoolean("chaos.full") ? List.of("Mac OS X", "Windows 11") : List.of("Mac OS X");
	}

	@ParameterizedTest
	@MethodSource("systems")
	void nothingIsTriedThatOnlyLinuxHas(String system) throws IOException {
		Path settings = Files.writeString(this.directory.resolve("trace.jfc"), SETTINGS);
		Path recording = this.directory.resolve("solo.jfr");
		DemoProcess app = this.apps.start(Launch.java("-jar", Launch.JAR.toString())
			.jvmOptions("-Dos.name=" + system,
					"-XX:StartFlightRecording:settings=%s,filename=%s,dumponexit=true".formatted(settings, recording))
			.arguments("--tomcorn.workers=4"));
		assertThat(app.awaitWhole(1).arbiter()).isNull();
		assertThat(app.lines("Running in one process instead of 4 workers: worker processes need Linux")).hasSize(1);
		assertThat(app.get("/whoami")).contains("\"worker\":0");
		assertThat(app.get("/actuator/health")).contains("UP");
		app.signal("TERM");
		app.awaitExit();
		Set<String> tried = new TreeSet<>();
		Set<String> traced = new TreeSet<>();
		for (RecordedEvent event : RecordingFile.readAllEvents(recording)) {
			if (event.getEventType().getName().equals("jdk.MethodTrace")) {
				traced.add(name(event));
				callers(event).forEach((caller) -> tried.add(name(event) + " by " + caller));
			}
		}
		Figures.print("solo on %s, %d methods traced, by Tomcorn: %s", system, traced.size(), tried);
		// Spring searches for configuration, so this is empty only if nothing is traced
		assertThat(traced).anyMatch((method) -> method.startsWith("sun.nio.fs.UnixNativeDispatcher."));
		assertThat(tried).as("what Tomcorn tries on " + system).isEmpty();
	}

	private static String name(RecordedEvent event) {
		RecordedMethod method = event.getValue("method");
		return "%s.%s".formatted(method.getType().getName(), method.getName());
	}

	/**
	 * Return the caller in Tomcorn. Calls that a library or the JDK makes by itself do
	 * not count.
	 */
	private static Stream<String> callers(RecordedEvent event) {
		return event.getStackTrace()
			.getFrames()
			.stream()
			.map((frame) -> "%s.%s".formatted(frame.getMethod().getType().getName(), frame.getMethod().getName()))
			.dropWhile((caller) -> BETWEEN.matcher(caller).matches())
			.limit(1)
			.filter((caller) -> caller.startsWith("dev.tomcorn.") && !caller.startsWith("dev.tomcorn.demo.")
					&& !ANYWHERE.contains(caller));
	}

}
