package dev.tomcorn.ecosystem;

import dev.tomcorn.settings.TomcornProperties;
import dev.tomcorn.tomcat.TomcornAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.autoconfigure.ConfigurationPropertiesRebinderAutoConfiguration;
import org.springframework.cloud.autoconfigure.RefreshAutoConfiguration;
import org.springframework.cloud.context.properties.ConfigurationPropertiesRebinder;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the effect of a refresh by Spring Cloud on the properties of Tomcorn.
 */
@ExtendWith(OutputCaptureExtension.class)
class RefreshTests {

	@Test
	void propertiesOfTomcornAreBoundAgainWithoutAWarning(CapturedOutput output) {
		new WebApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(TomcornAutoConfiguration.class, RefreshAutoConfiguration.class,
					ConfigurationPropertiesRebinderAutoConfiguration.class))
			.withPropertyValues("spring.cloud.bootstrap.enabled=false", "tomcorn.worker-class=gthread")
			.run((context) -> {
				ConfigurationPropertiesRebinder rebinder = context.getBean(ConfigurationPropertiesRebinder.class);
				rebinder.rebind();
				assertThat(rebinder.getBeanNames()).anyMatch((name) -> name.contains("TomcornProperties"));
				assertThat(context.getBean(TomcornProperties.class).getWorkerClass()).isEqualTo("gthread");
			});
		assertThat(output).doesNotContainPattern("WARN.*(?:tomcorn|Tomcorn)")
			.doesNotContainPattern("ERROR.*(?:tomcorn|Tomcorn)");
	}

}
