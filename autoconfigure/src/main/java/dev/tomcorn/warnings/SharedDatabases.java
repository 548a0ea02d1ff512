package dev.tomcorn.warnings;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.tomcorn.warnings.FleetWarning.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Warnings about databases that all workers open.
 */
final class SharedDatabases {

	static final List<FleetWarning> ROWS = List.of(
			new FleetWarning("database-file", Scope.EVERY_FLEET, SharedDatabases::file,
					"The file of a database can be open in one process only (%s): a second worker does not boot, at a "
							+ "reload either",
					"Add ;AUTO_SERVER=TRUE to the address of an H2 file, or use a database server"),
			new FleetWarning("schema-drop", Scope.EVERY_FLEET, SharedDatabases::drop,
					"Each worker that boots, at a reload too, drops the schema of a database that all workers share, or "
							+ "empties its tables: the data goes (%s)",
					"Write spring.jpa.hibernate.ddl-auto=validate, or update, and let Flyway or Liquibase make the schema"),
			new FleetWarning("event-republication", Scope.EVERY_FLEET, SharedDatabases::republication,
					"Each worker that boots, at a reload or recycling too, publishes the events again that others have not "
							+ "completed yet (%s): they are handled twice",
					"Leave it out, and call IncompleteEventPublications from a job of the leader (tomcorn.scheduling: "
							+ "leader)"),
			new FleetWarning("search-index", Scope.EVERY_FLEET, SharedDatabases::searchIndex,
					"The directory of a Lucene index can be written by one process only (%s): in a second worker writes "
							+ "fail",
					"Use Elasticsearch or OpenSearch as Hibernate Search's backend"));

	private static final String DDL_AUTO = "hibernate.hbm2ddl.auto";

	private static final String DATABASE_ACTION = "jakarta.persistence.schema-generation.database.action";

	private static final Pattern DROPS = Pattern
		.compile("\\b(drop\\s+(table|schema|database)|truncate|delete\\s+from)\\b", Pattern.CASE_INSENSITIVE);

	private SharedDatabases() {
	}

	private static @Nullable String file(ApplicationFacts application) {
		return application.created("javax.sql.DataSource").flatMap((bean) -> {
			String address = DataSources.address(bean.instance());
			return (address != null && DataSources.isInFilesOfOneProcess(address))
					? Stream.of("%s of bean '%s'".formatted(DataSources.plain(address), bean.name())) : Stream.empty();
		}).findFirst().orElse(null);
	}

	private static @Nullable String drop(ApplicationFacts application) {
		if (!DataSources.isAnyShared(application)) {
			return null;
		}
		String action = application.created("jakarta.persistence.EntityManagerFactory")
			.map((bean) -> action(bean.instance()))
			.filter(Objects::nonNull)
			.findFirst()
			.orElse(null);
		if (action != null) {
			return action;
		}
		if (application.isTrue("spring.liquibase.drop-first")) {
			return "spring.liquibase.drop-first=true";
		}
		if ("jdbc".equals(application.property("spring.quartz.job-store-type"))
				&& "always".equals(application.property("spring.quartz.jdbc.initialize-schema"))) {
			return "spring.quartz.jdbc.initialize-schema=always";
		}
		return "always".equals(application.property("spring.sql.init.mode")) ? script(application) : null;
	}

	private static @Nullable String action(Object factory) {
		if (!(ApplicationFacts.value(factory, "properties") instanceof Map<?, ?> properties)) {
			return null;
		}
		for (String property : List.of(DDL_AUTO, DATABASE_ACTION)) {
			String action = String.valueOf(properties.get(property));
			if (action.startsWith("create") && !action.equals("create-only") || action.startsWith("drop")) {
				String name = property.equals(DDL_AUTO) ? "spring.jpa.hibernate.ddl-auto" : property;
				// The value "create" of JPA's own property creates only what is missing
				return (property.equals(DATABASE_ACTION) && action.equals("create")) ? null : name + "=" + action;
			}
		}
		return null;
	}

	private static @Nullable String script(ApplicationFacts application) {
		for (String kind : List.of("schema", "data")) {
			String locations = application.property("spring.sql.init.%s-locations".formatted(kind));
			String used = (locations != null) ? locations : "classpath*:%s.sql".formatted(kind);
			if (application.texts(used.replace("optional:", "").split("\\s*,\\s*"))
				.anyMatch((text) -> DROPS.matcher(text.replaceAll("--.*", "")).find())) {
				return "spring.sql.init.mode=always with %s".formatted(used);
			}
		}
		return null;
	}

	private static @Nullable String republication(ApplicationFacts application) {
		if (application.hasClass("org.springframework.modulith.events.IncompleteEventPublications")) {
			for (String property : List.of("spring.modulith.events.republish-outstanding-events-on-restart",
					"spring.modulith.republish-outstanding-events-on-restart")) {
				if (application.isTrue(property)) {
					return property + "=true";
				}
			}
		}
		return null;
	}

	private static @Nullable String searchIndex(ApplicationFacts application) {
		String prefix = "spring.jpa.properties.hibernate.search.";
		boolean lucene = application.hasClass("org.hibernate.search.backend.lucene.LuceneBackend")
				|| application.hasClass("org.hibernate.search.backend.lucene.cfg.LuceneBackendSettings");
		String backend = application.property(prefix + "backend.type");
		if (!lucene || application.beans("jakarta.persistence.EntityManagerFactory").isEmpty()
				|| (backend != null && !backend.equals("lucene"))
				|| "false".equals(application.property(prefix + "enabled"))
				|| "local-heap".equals(application.property(prefix + "backend.directory.type"))) {
			return null;
		}
		String root = application.property(prefix + "backend.directory.root");
		return (root != null) ? root : "the working directory";
	}

}
