package dev.tomcorn.ecosystem;

import java.nio.file.Path;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the warnings of databases, with the real pool, driver and Hibernate.
 */
class DatabaseWarningsTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class));

	@Test
	void databaseThatBootMakesInMemoryIsToldOf() {
		assertThat(TestWorker.warningsOf(this.runner)).containsOnlyKeys("memory-database");
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:h2:tcp://localhost/x", "jdbc:h2:file:./shop;AUTO_SERVER=TRUE",
			"jdbc:h2:file:./shop;ACCESS_MODE_DATA=r", "jdbc:h2:./shop;MODE=MySQL;auto_server=true",
			"jdbc:h2:zip:shop.zip!/shop" })
	void databaseThatSeveralProcessesCanOpenIsNot(String url) {
		assertThat(TestWorker.warningsOf(this.runner.withPropertyValues("spring.datasource.url=" + url))).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:h2:file:./shop;PASSWORD=secret", "jdbc:h2:~/shop", "jdbc:h2:./data/shop",
			"jdbc:h2:nio:/data/shop" })
	void fileOfADatabaseIsToldOfToASingleWorkerToo(String url) {
		assertThat(TestWorker.ofFleet(1).warnings(this.runner.withPropertyValues("spring.datasource.url=" + url)))
			.hasEntrySatisfying("database-file",
					(text) -> assertThat(text).contains("AUTO_SERVER=TRUE", "bean 'dataSource'")
						.doesNotContain("secret"))
			.hasSize(1);
	}

	@Test
	void schemaThatEachWorkerDropsIsToldOf(@TempDir Path directory) {
		ApplicationContextRunner jpa = this.runner
			.withConfiguration(AutoConfigurations.of(HibernateJpaAutoConfiguration.class))
			.withUserConfiguration(Entities.class);
		String file = "spring.datasource.url=jdbc:h2:file:" + directory.resolve("shop");
		assertThat(TestWorker.warningsOf(jpa)).as("each its own").containsOnlyKeys("memory-database");
		assertThat(TestWorker.warningsOf(jpa.withPropertyValues(file, "spring.jpa.hibernate.ddl-auto=create-drop")))
			.hasEntrySatisfying("schema-drop",
					(text) -> assertThat(text).contains("spring.jpa.hibernate.ddl-auto=create-drop"))
			.containsOnlyKeys("schema-drop", "database-file");
		assertThat(TestWorker.warningsOf(jpa.withPropertyValues(file, "spring.jpa.hibernate.ddl-auto=update")))
			.containsOnlyKeys("database-file");
	}

	@ParameterizedTest
	@ValueSource(strings = { "spring.liquibase.drop-first=true",
			"spring.quartz.job-store-type=jdbc,spring.quartz.jdbc.initialize-schema=always",
			"spring.sql.init.mode=always,spring.sql.init.schema-locations=classpath:scripts/dropping.sql" })
	void otherThingsThatDropTablesAreToldOf(String properties) {
		assertThat(
				TestWorker.warningsOf(this.runner.withPropertyValues("spring.datasource.url=jdbc:h2:tcp://localhost/x")
					.withPropertyValues(properties.split(","))))
			.containsOnlyKeys("schema-drop");
	}

	@Test
	void scriptThatMayRunTwiceIsNot() {
		assertThat(TestWorker.warningsOf(this.runner.withPropertyValues(
				"spring.datasource.url=jdbc:h2:tcp://localhost/x", "spring.sql.init.mode=always",
				"spring.sql.init.schema-locations=classpath:scripts/repeatable.sql")))
			.isEmpty();
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
