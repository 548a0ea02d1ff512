package dev.tomcorn.warnings;

import java.util.List;
import java.util.stream.Stream;

import dev.tomcorn.warnings.FleetWarning.Check;
import dev.tomcorn.warnings.FleetWarning.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Warnings of state that each worker has for itself.
 */
final class StateInMemory {

	static final String SESSIONS = "sessions";

	private static final List<String> DATABASES_IN_MEMORY = List.of("jdbc:h2:mem:", "jdbc:hsqldb:mem:",
			"jdbc:derby:memory:", "jdbc:sqlite::memory:");

	static final List<FleetWarning> ROWS = List.of(
			new FleetWarning(SESSIONS, Scope.SEVERAL_WORKERS, Check.NEVER,
					"An HTTP session was created in the memory of a worker: the next request of its client may reach "
							+ "another worker, and the session ends with its worker, at a reload too",
					"Keep sessions outside with Spring Session, such as spring-boot-starter-session-jdbc, or keep no "
							+ "state in them"),
			new FleetWarning("memory-database", Scope.SEVERAL_WORKERS, StateInMemory::databaseInMemory,
					"Every worker has a database of its own in its memory (%s): what one writes the others do not see, "
							+ "and it ends with its worker, at a reload too",
					"Use a database server, or a file with H2's AUTO_SERVER=TRUE"));

	private StateInMemory() {
	}

	/**
	 * Looks at addresses only: to connect might take long.
	 */
	private static @Nullable String databaseInMemory(ApplicationFacts application) {
		return application.created("javax.sql.DataSource").flatMap((bean) -> {
			String database = DataSources.address(bean.instance());
			if (database != null && DATABASES_IN_MEMORY.stream().anyMatch(database::startsWith)) {
				// Options and credentials are nobody's business
				return Stream.of("%s of bean '%s'".formatted(database.split("[;?]", 2)[0], bean.name()));
			}
			boolean embedded = application.isA(bean.instance(), DataSources.EMBEDDED);
			return embedded ? Stream.of("bean '%s'".formatted(bean.name())) : Stream.empty();
		}).findFirst().orElse(null);
	}

}
