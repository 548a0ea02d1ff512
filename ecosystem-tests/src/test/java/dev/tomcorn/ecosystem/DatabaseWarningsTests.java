package dev.tomcorn.ecosystem;

import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import com.hazelcast.hibernate.HazelcastCacheRegionFactory;
import jakarta.persistence.Cache;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import org.hibernate.cache.jcache.internal.JCacheRegionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for the warnings of databases, with the real pool, driver and Hibernate.
 */
class DatabaseWarningsTests {

	private static final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class));

	private static final ApplicationContextRunner jpa = runner
		.withConfiguration(AutoConfigurations.of(HibernateJpaAutoConfiguration.class))
		.withUserConfiguration(Entities.class);

	static Stream<WarningExample> examples() {
		ApplicationContextRunner shared = jpa
			.withPropertyValues("spring.datasource.url=jdbc:h2:file:./target/database-warnings/shop");
		ApplicationContextRunner cached = jpa.withPropertyValues(
				"spring.jpa.properties.jakarta.persistence.sharedCache.mode=ALL",
				"spring.jpa.properties.hibernate.cache.region.factory_class=jcache",
				"spring.jpa.properties.hibernate.javax.cache.missing_cache_strategy=create",
				"spring.jpa.properties.hibernate.javax.cache.provider=com.github.benmanes.caffeine.jcache.spi.CaffeineCachingProvider");
		ApplicationContextRunner indexed = new ApplicationContextRunner()
			.withClassLoader(new ExtraClasses("org.hibernate.search.backend.lucene.cfg.LuceneBackendSettings"))
			.withBean(EntityManagerFactory.class, () -> mock(EntityManagerFactory.class))
			.withPropertyValues("spring.jpa.properties.hibernate.search.backend.directory.root=/data/index");
		ApplicationContextRunner modulith = new ApplicationContextRunner()
			.withPropertyValues("spring.modulith.events.republish-outstanding-events-on-restart=true");
		return Stream.of(WarningExample.of(runner, at("jdbc:h2:tcp://localhost/x"), "memory-database"),
				WarningExample.of(at("jdbc:h2:./shop"), at("jdbc:h2:./shop;AUTO_SERVER=TRUE"), "database-file"),
				WarningExample
					.of(shared.withPropertyValues("spring.jpa.hibernate.ddl-auto=create-drop"),
							shared.withPropertyValues("spring.jpa.hibernate.ddl-auto=update"), "schema-drop")
					.saying("spring.jpa.hibernate.ddl-auto=create-drop"),
				WarningExample.of(cached,
						cached.withPropertyValues("spring.jpa.properties.hibernate.cache.use_second_level_cache=false"),
						"entity-cache"),
				WarningExample.of(indexed,
						indexed.withPropertyValues(
								"spring.jpa.properties.hibernate.search.backend.directory.type=local-heap"),
						"search-index")
					.saying("(/data/index)"),
				WarningExample.of(modulith,
						modulith.withClassLoader(new FilteredClassLoader("org.springframework.modulith")),
						"event-republication"));
	}

	private static ApplicationContextRunner at(String url) {
		return runner.withPropertyValues("spring.datasource.url=" + url);
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:h2:tcp://localhost/x", "jdbc:h2:file:./shop;AUTO_SERVER=TRUE",
			"jdbc:h2:file:./shop;ACCESS_MODE_DATA=r", "jdbc:h2:./shop;MODE=MySQL;auto_server=true",
			"jdbc:h2:zip:shop.zip!/shop" })
	void databaseThatSeveralProcessesCanOpenIsNot(String url) {
		assertThat(TestWorker.warningsOf(at(url))).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:h2:file:./shop;PASSWORD=secret", "jdbc:h2:~/shop", "jdbc:h2:./data/shop",
			"jdbc:h2:nio:/data/shop" })
	void fileOfADatabaseIsToldOfToASingleWorkerToo(String url) {
		assertThat(TestWorker.ofFleet(1).warnings(at(url)))
			.hasEntrySatisfying("database-file",
					(text) -> assertThat(text).contains("AUTO_SERVER=TRUE", "bean 'dataSource'")
						.doesNotContain("secret"))
			.hasSize(1);
	}

	@Test
	void schemaThatEachWorkerHasForItselfIsNotToldOf() {
		assertThat(TestWorker.warningsOf(jpa)).containsOnlyKeys("memory-database");
	}

	@Test
	void republicationOfEventsIsToldOfToASingleWorkerToo() {
		assertThat(TestWorker.ofFleet(1)
			.warnings(new ApplicationContextRunner()
				.withPropertyValues("spring.modulith.events.republish-outstanding-events-on-restart=true")))
			.containsOnlyKeys("event-republication");
	}

	@Test
	void entityCacheThatAllWorkersShareIsNotToldOf() {
		assertThat(entityCache(Set.of("notes"), new JCacheRegionFactory())).containsOnlyKeys("entity-cache");
		assertThat(entityCache(Set.of("notes"), new HazelcastCacheRegionFactory())).isEmpty();
		assertThat(entityCache(Set.of(), new JCacheRegionFactory())).as("unused").isEmpty();
	}

	private static Map<String, String> entityCache(Set<String> regions, Object regionFactory) {
		HibernateCache cache = mock(HibernateCache.class);
		given(cache.getCacheRegionNames()).willReturn(regions);
		given(cache.getRegionFactory()).willReturn(regionFactory);
		EntityManagerFactory factory = mock(EntityManagerFactory.class);
		given(factory.getCache()).willReturn(cache);
		return TestWorker
			.warningsOf(new ApplicationContextRunner().withBean(EntityManagerFactory.class, () -> factory));
	}

	@ParameterizedTest
	@ValueSource(strings = { "enabled=false", "backend.type=elasticsearch" })
	void searchWithoutADirectoryIsNotToldOf(String property) {
		assertThat(TestWorker.warningsOf(new ApplicationContextRunner()
			.withClassLoader(new ExtraClasses("org.hibernate.search.backend.lucene.LuceneBackend"))
			.withBean(EntityManagerFactory.class, () -> mock(EntityManagerFactory.class))
			.withPropertyValues("spring.jpa.properties.hibernate.search." + property))).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "spring.liquibase.drop-first=true",
			"spring.quartz.job-store-type=jdbc,spring.quartz.jdbc.initialize-schema=always",
			"spring.sql.init.mode=always,spring.sql.init.schema-locations=classpath:scripts/dropping.sql" })
	void otherThingsThatDropTablesAreToldOf(String properties) {
		assertThat(TestWorker.warningsOf(at("jdbc:h2:tcp://localhost/x").withPropertyValues(properties.split(","))))
			.containsOnlyKeys("schema-drop");
	}

	@Test
	void scriptThatMayRunTwiceIsNot() {
		assertThat(TestWorker.warningsOf(runner.withPropertyValues("spring.datasource.url=jdbc:h2:tcp://localhost/x",
				"spring.sql.init.mode=always", "spring.sql.init.schema-locations=classpath:scripts/repeatable.sql")))
			.isEmpty();
	}

	/**
	 * The settings that Hibernate uses.
	 */
	public interface HibernateCache extends Cache {

		Set<String> getCacheRegionNames();

		Object getRegionFactory();

	}

	@Entity
	static class Note {

		@Id
		Long id;

	}

	@Configuration(proxyBeanMethods = false)
	@EntityScan(basePackageClasses = Note.class)
	static class Entities {

	}

}
