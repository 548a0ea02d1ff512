package dev.tomcorn.warnings;

import java.util.List;

import dev.tomcorn.logs.ProcessLogs;
import dev.tomcorn.logs.ProcessName;
import dev.tomcorn.warnings.FleetWarning.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Warnings about logs that several processes write.
 */
final class SharedLogs {

	static final List<FleetWarning> ROWS = List.of(
			new FleetWarning("log-file", Scope.EVERY_FLEET, SharedLogs::file,
					"Several processes write, roll or truncate the log file %s: lines of it get lost",
					"Give each its own: in logback-spring.xml by <springProperty name=\"WORKER\" "
							+ "source=\"tomcorn.worker.label\" defaultValue=\"arbiter\"/> and ${WORKER} in <file> and "
							+ "<fileNamePattern>, in log4j2-spring.xml by ${spring:tomcorn.worker.label:-arbiter}"),
			new FleetWarning("log-lines", Scope.EVERY_FLEET, SharedLogs::nameless,
					"The lines of appender '%s' do not say which process wrote them",
					"Add the process to its layout, as ${APPLICATION_GROUP} or ${PID} (Logback) or "
							+ "${sys:APPLICATION_GROUP} or ${sys:PID} (Log4j2)"));

	private SharedLogs() {
	}

	private static @Nullable String file(ApplicationFacts application) {
		String label = application.property("tomcorn.worker.label");
		return (label != null) ? ProcessLogs.sharedFile(label) : null;
	}

	private static @Nullable String nameless(ApplicationFacts application) {
		String index = application.property("tomcorn.worker.index");
		// An application can disable the group in its lines on purpose
		boolean wanted = System.getProperty("APPLICATION_GROUP") != null;
		return (index != null && wanted) ? ProcessLogs.nameless(ProcessName.ofWorker(Integer.parseInt(index))) : null;
	}

}
