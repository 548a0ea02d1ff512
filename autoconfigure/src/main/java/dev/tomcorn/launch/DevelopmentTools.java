package dev.tomcorn.launch;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.core.env.Environment;

/**
 * Recognizes development tools that need the application in one process. They add test
 * classes to it, or start and stop it.
 */
final class DevelopmentTools {

	private static final String AUGMENTED = "org.springframework.boot.SpringApplication$Augmented";

	private static final Pattern TEST_CLASSES = Pattern
		.compile("(?:.*/)?(?:test-classes|build/classes/[^/]+/\\w*[tT]est\\w*|build/resources/\\w*[tT]est\\w*"
				+ "|build/tmp/kotlin-classes/\\w*[tT]est\\w*|out/test(?:/[^/]+)?|bin/test)/?");

	/**
	 * Build tools that can run an application within their own JVM.
	 */
	private static final Map<String, String> BUILD_TOOLS = Map.of("org.codehaus.plexus.classworlds.launcher.", "Maven",
			"org.apache.maven.", "Maven", "org.mvndaemon.", "Maven", "org.gradle.", "Gradle", "xsbt.boot.", "sbt",
			"org.apache.tools.ant.", "Ant", "mill.main.", "Mill", "mill.runner.", "Mill", "mill.daemon.", "Mill");

	private static final List<String> SHELLS = List.of("jdk.jshell.", "jdk.internal.jshell.", "groovy.ui.",
			"org.codehaus.groovy.tools.", "scala.tools.", "dotty.tools.", "kotlin.script.");

	private DevelopmentTools() {
	}

	static @Nullable Obstacle find(RunningJvm jvm, Environment environment) {
		if (jvm.classesOnStacks().contains(AUGMENTED)) {
			return Obstacle.tool("SpringApplication.from has started the application, as for development", null);
		}
		String testClasses = jvm.classPath()
			.stream()
			.filter((entry) -> TEST_CLASSES.matcher(entry.replace('\\', '/')).matches())
			.findFirst()
			.orElse(null);
		if (testClasses != null) {
			return Obstacle.tool("test classes are on the class path (%s)".formatted(testClasses),
					"For worker processes, start the application without them");
		}
		if (environment.getProperty("spring.application.admin.enabled", Boolean.class, false)
				&& !jvm.property("com.sun.management.jmxremote.port").isEmpty()) {
			return Obstacle.tool("a tool starts and stops this JVM over JMX, as spring-boot:start does "
					+ "(spring.application.admin.enabled with a JMX port)", null);
		}
		return buildTool(jvm.main());
	}

	private static @Nullable Obstacle buildTool(String main) {
		String name = main.substring(main.indexOf('/') + 1);
		for (Map.Entry<String, String> tool : BUILD_TOOLS.entrySet()) {
			if (name.startsWith(tool.getKey())) {
				return Obstacle.tool("%s runs the application within its own JVM".formatted(tool.getValue()),
						"For worker processes, start the application in a JVM of its own");
			}
		}
		if (SHELLS.stream().anyMatch(name::startsWith)) {
			return Obstacle.tool("a shell or a script runs the application (%s)".formatted(name), null);
		}
		return null;
	}

}
