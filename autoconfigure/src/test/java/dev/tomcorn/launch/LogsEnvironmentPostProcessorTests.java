package dev.tomcorn.launch;

import java.util.Map;

import dev.tomcorn.core.process.WorkerLabel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.bootstrap.DefaultBootstrapContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LogsEnvironmentPostProcessor}.
 */
@Isolated("It sets a system property")
class LogsEnvironmentPostProcessorTests {

	private static final String GROUP = "APPLICATION_GROUP";

	private final @Nullable String before = System.getProperty(GROUP);

	private final StandardEnvironment environment = new StandardEnvironment();

	@BeforeEach
	@AfterEach
	void restore() {
		if (this.before != null) {
			System.setProperty(GROUP, this.before);
		}
		else {
			System.clearProperty(GROUP);
		}
	}

	private void set(Map<String, Object> properties) {
		this.environment.getPropertySources().addLast(new MapPropertySource("test", properties));
	}

	@Test
	void workerIsNamedInLinesAndFields() {
		LogsEnvironmentPostProcessor.tellWorker(this.environment, new WorkerLabel(2, 1));
		assertThat(System.getProperty(GROUP)).isEqualTo("worker-2");
		assertThat(this.environment.getProperty("logging.structured.json.add.worker")).isEqualTo("2");
		assertThat(this.environment.getProperty("tomcorn.worker.index")).isEqualTo("2");
		assertThat(this.environment.getProperty("tomcorn.worker.label")).isEqualTo("2b");
		assertThat(this.environment.getProperty("spring.application.group")).isNull();
	}

	@Test
	void groupAndFieldOfTheUserStay() {
		set(Map.of("spring.application.group", "eu", "logging.structured.json.add.worker", "mine"));
		LogsEnvironmentPostProcessor.tellArbiter(this.environment);
		assertThat(System.getProperty(GROUP)).isEqualTo("eu arbiter");
		assertThat(this.environment.getProperty("spring.application.group")).isEqualTo("eu");
		assertThat(this.environment.getProperty("logging.structured.json.add.worker")).isEqualTo("mine");
	}

	@Test
	void whoWantsNoGroupInLinesGetsNone() {
		set(Map.of("logging.include-application-group", "false"));
		LogsEnvironmentPostProcessor.tellWorker(this.environment, new WorkerLabel(2, 0));
		assertThat(System.getProperty(GROUP)).isEqualTo(this.before);
	}

	@Test
	void filesOfTheWorkerWinOverTheUsersNames() {
		set(Map.of("logging.file.name", "app.log", "logging.logback.rollingpolicy.file-name-pattern",
				"${LOG_FILE}.%d.%i"));
		LogsEnvironmentPostProcessor.tellWorker(this.environment, new WorkerLabel(2, 0));
		assertThat(this.environment.getProperty("logging.file.name")).isEqualTo("app-2.log");
	}

	@Test
	void soloApplicationLogsAsBefore() {
		set(Map.of("logging.file.name", "app.log", "tomcorn.workers", "1"));
		new LogsEnvironmentPostProcessor(new DefaultBootstrapContext()).postProcessEnvironment(this.environment,
				new SpringApplication(LogsEnvironmentPostProcessorTests.class));
		assertThat(System.getProperty(GROUP)).isEqualTo(this.before);
		assertThat(this.environment.getPropertySources().contains(LogsEnvironmentPostProcessor.SOURCE)).isFalse();
		assertThat(this.environment.containsProperty("logging.structured.json.add.worker")).isFalse();
	}

	@Test
	void placeholderOfASoloApplicationIsItsOnlyIndex() {
		set(Map.of("logging.file.name", "app-{worker}.log"));
		new LogsEnvironmentPostProcessor(new DefaultBootstrapContext()).postProcessEnvironment(this.environment,
				new SpringApplication(LogsEnvironmentPostProcessorTests.class));
		assertThat(this.environment.getProperty("logging.file.name")).isEqualTo("app-0.log");
	}

}
