package dev.tomcorn.launch;

import java.util.Set;

import dev.tomcorn.settings.TomcornProperties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.autoconfigure.ConfigurationPropertiesRebinderAutoConfiguration;
import org.springframework.cloud.autoconfigure.RefreshAutoConfiguration;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.cloud.context.properties.ConfigurationPropertiesRebinder;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for a refresh of Spring Cloud, with the real library.
 */
@ExtendWith(OutputCaptureExtension.class)
class RefreshTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(RefreshAutoConfiguration.class,
				ConfigurationPropertiesRebinderAutoConfiguration.class))
		.withUserConfiguration(Properties.class)
		.withInitializer((context) -> ApplicationDefaults.leaveOutOfRefresh(context.getEnvironment()));

	@Test
	void refreshLeavesOurPropertiesAsTheyAre(CapturedOutput output) {
		refresh(this.runner, "com.zaxxer.hikari.HikariDataSource");
		refresh(this.runner.withPropertyValues("spring.cloud.refresh.never-refreshable=com.example.Mine"),
				"com.example.Mine");
		assertThat(output).doesNotContain("TomcornProperties");
	}

	private static void refresh(ApplicationContextRunner runner, String other) {
		runner.run((context) -> {
			ConfigurationPropertiesRebinder rebinder = context.getBean(ConfigurationPropertiesRebinder.class);
			assertThat(rebinder.getBeanNames()).anyMatch((name) -> name.contains("TomcornProperties"));
			assertThat(rebinder.getNeverRefreshable()).containsExactlyInAnyOrder(other,
					TomcornProperties.class.getName());
			TestPropertyValues.of("tomcorn.worker-class=sync").applyTo(context.getSourceApplicationContext());
			context.publishEvent(
					new EnvironmentChangeEvent(context.getSourceApplicationContext(), Set.of("tomcorn.worker-class")));
			assertThat(context.getBean(TomcornProperties.class).getWorkerClass()).isEqualTo("gevent");
		});
	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(TomcornProperties.class)
	static class Properties {

	}

}
