package dev.tomcorn.warnings;

import java.util.List;

import dev.tomcorn.warnings.FleetWarning.Check;
import dev.tomcorn.warnings.FleetWarning.Scope;

/**
 * Warnings about files that several processes of a fleet write.
 */
final class SharedFiles {

	static final List<FleetWarning> ROWS = List.of(
			new FleetWarning("pid-file", Scope.EVERY_FLEET,
					writer("org.springframework.boot.context.ApplicationPidFileWriter"), fileWriter(), remedy()),
			new FleetWarning("port-file", Scope.EVERY_FLEET,
					writer("org.springframework.boot.web.server.context.WebServerPortFileWriter"), fileWriter(),
					remedy()));

	private SharedFiles() {
	}

	private static Check writer(String className) {
		return (application) -> application.beans(className).stream().findFirst().orElse(null);
	}

	private static String fileWriter() {
		return "Each worker writes the file of bean '%s', and deletes it at its end";
	}

	private static String remedy() {
		return "Add the listener to the SpringApplication instead, by addListeners or META-INF/spring.factories: then "
				+ "the arbiter writes the file";
	}

}
