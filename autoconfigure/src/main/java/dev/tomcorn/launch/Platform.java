package dev.tomcorn.launch;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Reasons in the platform that keep a JVM from supervising others.
 */
final class Platform {

	private static final List<String> ARCHITECTURES = List.of("amd64", "aarch64");

	/**
	 * Modules for signals and for the options and times of JVMs. Features of other
	 * modules are left out if the module is missing.
	 */
	private static final List<String> MODULES = List.of("java.management", "jdk.unsupported");

	private static final String NATIVE_IMAGE = "org.graalvm.nativeimage.imagecode";

	private static final String RESTART_CLASS_LOADER = "org.springframework.boot.devtools.restart.classloader.RestartClassLoader";

	private Platform() {
	}

	static @Nullable Obstacle obstacle(RunningJvm jvm) {
		String system = jvm.property("os.name");
		String architecture = jvm.property("os.arch");
		if (!system.equals("Linux") || !ARCHITECTURES.contains(architecture)) {
			return Obstacle.lack("worker processes need Linux on x86-64 or aarch64, and this is %s on %s"
				.formatted(system, architecture), null);
		}
		if (jvm.properties().containsKey(NATIVE_IMAGE)) {
			return Obstacle.lack("worker processes need a JVM, and this is a native image", null);
		}
		List<String> missing = MODULES.stream().filter((name) -> !jvm.modules().contains(name)).toList();
		if (!missing.isEmpty()) {
			String names = String.join(", ", missing);
			return Obstacle.lack("this Java runtime lacks %s, which worker processes need".formatted(names),
					"Add it to the runtime: jlink --add-modules " + names.replace(" ", ""));
		}
		if (jvm.contextClassLoader().equals(RESTART_CLASS_LOADER)) {
			return Obstacle.lack("DevTools restarts the application within its process",
					"For worker processes, set the system property spring.devtools.restart.enabled to false, or start "
							+ "the packaged jar, which is without DevTools");
		}
		if (!jvm.nativeAccess() && jvm.options().contains("--illegal-native-access=deny")) {
			return Obstacle.lack(
					"this JVM denies native access (--illegal-native-access=deny), which worker " + "processes need",
					"Start it with --enable-native-access=ALL-UNNAMED");
		}
		return null;
	}

}
