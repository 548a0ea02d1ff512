package dev.tomcorn.launch;

import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ManagementPort}.
 */
@Execution(ExecutionMode.CONCURRENT)
class ManagementPortTests {

	private final MockEnvironment environment = new MockEnvironment();

	@ParameterizedTest
	@ValueSource(strings = { "9090", "0" })
	void managementPortOfItsOwnIsSeparate(String port) {
		this.environment.setProperty("management.server.port", port);
		assertThat(ManagementPort.isSeparate(this.environment)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "8080", "-1" })
	void managementPortThatIsSharedOrOffIsNotSeparate(String port) {
		this.environment.setProperty("management.server.port", port);
		assertThat(ManagementPort.isSeparate(this.environment)).isFalse();
	}

}
