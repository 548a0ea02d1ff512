package dev.tomcorn.ecosystem;

import java.util.Map;

import dev.tomcorn.logs.TelemetryInstance;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.resources.Resource;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetrySdkAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the attribute that distinguishes traces, logs and metrics of workers, with
 * Boot's own OpenTelemetry SDK.
 */
class TelemetryTests {

	private static final AttributeKey<String> INSTANCE = AttributeKey.stringKey("service.instance.id");

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(OpenTelemetrySdkAutoConfiguration.class))
		.withPropertyValues("server.port=9090");

	@Test
	void eachWorkerIsAnInstanceOfItsOwn() {
		assertThat(instance(this.runner, "2b", Map.of())).endsWith("-9090-2b");
	}

	@Test
	void whatTheUserSetsWins() {
		assertThat(instance(
				this.runner.withPropertyValues("management.opentelemetry.resource-attributes.service.instance.id=mine"),
				"0", Map.of()))
			.isEqualTo("mine");
		assertThat(
				instance(
						this.runner.withPropertyValues(
								"management.opentelemetry.resource-attributes[service.instance.id]=mine"),
						"0", Map.of()))
			.isEqualTo("mine");
		assertThat(instance(this.runner, "0", Map.of("OTEL_RESOURCE_ATTRIBUTES", "a=b, service.instance.id=mine")))
			.as("left to the variable, which this JVM does not have")
			.isNull();
	}

	private static String instance(ApplicationContextRunner runner, String label, Map<String, String> variables) {
		String[] instance = new String[1];
		runner.withInitializer((context) -> TelemetryInstance.addDefault(context.getEnvironment(), label, variables))
			.run((context) -> instance[0] = context.getBean(Resource.class).getAttribute(INSTANCE));
		return instance[0];
	}

}
