package dev.tomcorn.ecosystem;

import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the warnings of databases, with the real pool and driver.
 */
class DatabaseWarningsTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class));

	@Test
	void databaseThatBootMakesInMemoryIsToldOf() {
		assertThat(TestWorker.warningsOf(this.runner)).containsOnlyKeys("memory-database");
	}

	@Test
	void databaseOfAServerIsNot() {
		assertThat(TestWorker
			.warningsOf(this.runner.withPropertyValues("spring.datasource.url=jdbc:h2:tcp://localhost/x"))).isEmpty();
	}

}
