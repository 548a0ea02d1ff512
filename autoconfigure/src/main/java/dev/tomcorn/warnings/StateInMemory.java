package dev.tomcorn.warnings;

import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

import dev.tomcorn.warnings.FleetWarning.Check;
import dev.tomcorn.warnings.FleetWarning.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Warnings about state that each worker has for itself.
 */
final class StateInMemory {

	static final String SESSIONS = "sessions";

	private static final List<String> SHARED_CACHES = List.of("hazelcast", "infinispan", "redisson", "ignite",
			"coherence");

	private static final List<String> STORES = List.of("org.jobrunr.storage.InMemoryStorageProvider",
			"net.javacrumbs.shedlock.provider.inmemory.InMemoryLockProvider",
			"org.togglz.core.repository.mem.InMemoryStateRepository", "org.ff4j.store.InMemoryFeatureStore",
			"org.axonframework.eventsourcing.eventstore.inmemory.InMemoryEventStorageEngine");

	static final List<FleetWarning> ROWS = List.of(
			new FleetWarning(SESSIONS, Scope.SEVERAL_WORKERS, Check.NEVER,
					"An HTTP session was created in the memory of a worker: the next request of its client may reach "
							+ "another worker, and the session ends with its worker, at a reload too",
					"Keep sessions outside with Spring Session, such as spring-boot-starter-session-jdbc, or keep no "
							+ "state in them"),
			new FleetWarning("memory-database", Scope.SEVERAL_WORKERS, StateInMemory::databaseInMemory,
					"Every worker has a database of its own in its memory (%s): what one writes, sessions of Spring Session "
							+ "included, the others do not see, and it ends with its worker, at a reload too",
					"Use a database server, or a file with H2's AUTO_SERVER=TRUE and a schema of your own making"),
			new FleetWarning("session-repository", Scope.SEVERAL_WORKERS,
					(application) -> application
						.firstBeanOf(List.of("org.springframework.session.MapSessionRepository")),
					"Each worker keeps sessions of its own in memory (%s): the next request of a client may reach "
							+ "another worker, and a session ends with its worker, at a reload too",
					"Use a repository that all workers share, such as that of spring-boot-starter-session-jdbc"),
			new FleetWarning("cache-writes", Scope.SEVERAL_WORKERS, CacheWrites::find,
					"What one worker puts into its cache or evicts from it, the others do not see (%s)",
					"Use a cache that all workers share, such as Redis, or let entries expire soon and switch the warning off"),
			new FleetWarning("entity-cache", Scope.SEVERAL_WORKERS, StateInMemory::entityCache,
					"Hibernate's second-level cache is in the memory of each worker (%s): the others go on reading an "
							+ "entity that one has changed",
					"Switch it off (spring.jpa.properties.hibernate.cache.use_second_level_cache=false), or use one that "
							+ "all workers share, such as Hazelcast's or Infinispan's"),
			new FleetWarning("rate-limits", Scope.SEVERAL_WORKERS, StateInMemory::rateLimits,
					"Each worker counts for itself what a rate limiter lets through (%s): the fleet lets through as many "
							+ "times more as it has workers",
					"Divide the limit by the number of workers, or limit by a store that all share, or in the proxy "
							+ "before the fleet"),
			new FleetWarning("memory-stores", Scope.SEVERAL_WORKERS, (application) -> application.firstBeanOf(STORES),
					"Each worker has a store of its own in memory (%s): what one writes the others do not see, and it "
							+ "ends with its worker, at a reload too",
					"Use a store in a database that all workers share"),
			new FleetWarning("chat-memory", Scope.SEVERAL_WORKERS, StateInMemory::chatMemory,
					"Each worker remembers conversations of its own (%s): the next message of a user may reach another "
							+ "worker",
					"Use a repository that all workers share, such as spring-ai-starter-model-chat-memory-repository-jdbc"),
			new FleetWarning("mcp-sessions", Scope.SEVERAL_WORKERS, StateInMemory::mcpSessions,
					"The sessions of the MCP server are in the memory of one worker (%s): another answers their next "
							+ "request with an error",
					"Write spring.ai.mcp.server.protocol=STATELESS"),
			new FleetWarning("vaadin", Scope.SEVERAL_WORKERS,
					(application) -> application
						.firstBeanOf(List.of("com.vaadin.flow.spring.SpringBootAutoConfiguration")),
					"Vaadin keeps a user's pages in the memory of one worker (%s): requests that reach another begin anew",
					"Use one worker (tomcorn.workers: 1), with tomcorn.arbiter.enabled: true for supervision"));

	private StateInMemory() {
	}

	private static @Nullable String entityCache(ApplicationFacts application) {
		return application.firstBean("jakarta.persistence.EntityManagerFactory", (factory) -> {
			Object cache = ApplicationFacts.value(factory, "cache");
			if (cache == null
					|| !(ApplicationFacts.value(cache, "cacheRegionNames") instanceof Collection<?> regions)) {
				return false;
			}
			Object implementation = ApplicationFacts.value(cache, "regionFactory");
			// With JCache, a provider has the cache
			Object provider = (implementation != null) ? ApplicationFacts.value(implementation, "cacheManager") : null;
			String name = String.valueOf((provider != null) ? provider.getClass().getName()
					: (implementation != null) ? implementation.getClass().getName() : "");
			return !regions.isEmpty() && SHARED_CACHES.stream().noneMatch(name::contains);
		});
	}

	private static @Nullable String rateLimits(ApplicationFacts application) {
		return application.firstBean("io.github.resilience4j.ratelimiter.RateLimiterRegistry",
				(registry) -> ApplicationFacts.value(registry, "allRateLimiters") instanceof Collection<?> limiters
						&& !limiters.isEmpty());
	}

	/**
	 * Return the chat memory if it is used. Spring AI creates one for every application
	 * with a model.
	 */
	private static @Nullable String chatMemory(ApplicationFacts application) {
		if (application.beans("org.springframework.ai.chat.memory.InMemoryChatMemoryRepository").isEmpty()) {
			return null;
		}
		return application.beans("org.springframework.ai.chat.memory.ChatMemory")
			.stream()
			.filter(application::isUsed)
			.findFirst()
			.orElse(null);
	}

	private static @Nullable String mcpSessions(ApplicationFacts application) {
		return application.isTrue("spring.ai.mcp.server.stdio") ? null : application.firstBeanOf(List
			.of("io.modelcontextprotocol.server.McpSyncServer", "io.modelcontextprotocol.server.McpAsyncServer"));
	}

	/**
	 * Return a database in memory. Checks addresses only, because connecting might take
	 * long.
	 */
	private static @Nullable String databaseInMemory(ApplicationFacts application) {
		return application.created("javax.sql.DataSource").flatMap((bean) -> {
			String database = DataSources.address(bean.instance());
			if (database != null && DataSources.isInMemory(database)) {
				return Stream.of("%s of bean '%s'".formatted(DataSources.plain(database), bean.name()));
			}
			boolean embedded = application.isA(bean.instance(), DataSources.EMBEDDED);
			return embedded ? Stream.of("bean '%s'".formatted(bean.name())) : Stream.empty();
		}).findFirst().orElse(null);
	}

}
