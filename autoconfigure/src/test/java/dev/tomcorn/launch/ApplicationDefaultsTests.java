package dev.tomcorn.launch;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.env.DefaultPropertiesPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ApplicationDefaults}.
 */
class ApplicationDefaultsTests {

	private final MockEnvironment environment = new MockEnvironment();

	@Test
	void geventTurnsOnVirtualThreadsAsADefaultOnly() {
		StandardEnvironment standard = new StandardEnvironment();
		ApplicationDefaults.addVirtualThreads(standard);
		assertThat(standard.getProperty("spring.threads.virtual.enabled")).isEqualTo("true");
		this.environment.setProperty("spring.threads.virtual.enabled", "false");
		ApplicationDefaults.addVirtualThreads(this.environment);
		assertThat(this.environment.getProperty("spring.threads.virtual.enabled")).isEqualTo("false");
	}

	@Test
	void virtualThreadsAreNoDefaultOverTheApplicationsOwnDefaults() {
		StandardEnvironment standard = new StandardEnvironment();
		DefaultPropertiesPropertySource.addOrMerge(Map.of("spring.threads.virtual.enabled", "false"),
				standard.getPropertySources());
		ApplicationDefaults.addVirtualThreads(standard);
		assertThat(standard.getProperty("spring.threads.virtual.enabled")).isEqualTo("false");
	}

	@ParameterizedTest
	@ValueSource(strings = { "sync", "gthread", "platform", "com.example.Custom" })
	void otherWorkerClassesLeaveVirtualThreadsAlone(String workerClass) {
		this.environment.setProperty("tomcorn.worker-class", workerClass);
		ApplicationDefaults.addVirtualThreads(this.environment);
		assertThat(this.environment.containsProperty("spring.threads.virtual.enabled")).isFalse();
	}

	@Test
	void statusOfAFleetThatIsNotWholeHasItsPlaceUnlessTheUserSaysOtherwise() {
		StandardEnvironment environment = new StandardEnvironment();
		ApplicationDefaults.add(new Launch(Launch.Role.SOLO, true, true, "", LaunchMessage.NONE, null), environment);
		assertThat(environment.containsProperty("management.endpoint.health.status.order")).as("solo").isFalse();
		ApplicationDefaults.addHealthOrder(environment);
		assertThat(environment.getProperty("management.endpoint.health.status.order"))
			.isEqualTo("down,out-of-service,degraded,up,unknown");
	}

}
