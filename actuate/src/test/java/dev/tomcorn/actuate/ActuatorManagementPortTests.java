package dev.tomcorn.actuate;

import dev.tomcorn.launch.SeparateManagementPort;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ActuatorManagementPort}, which the arbiter finds by its name.
 */
class ActuatorManagementPortTests {

	private final MockEnvironment environment = new MockEnvironment();

	private boolean isConfigured() {
		return SpringFactoriesLoader.forDefaultResourceLocation()
			.load(SeparateManagementPort.class)
			.stream()
			.anyMatch((port) -> port.isConfigured(this.environment));
	}

	@Test
	void withoutTheSettingEndpointsAreOnTheApplicationsPort() {
		assertThat(isConfigured()).isFalse();
	}

	@ParameterizedTest
	@CsvSource({ "9090, true", "0, true", "8081, false", "-1, false" })
	void anotherPortThanTheApplicationsIsSeparate(int port, boolean separate) {
		this.environment.withProperty("server.port", "8081")
			.withProperty("management.server.port", Integer.toString(port));
		assertThat(isConfigured()).isEqualTo(separate);
	}

}
