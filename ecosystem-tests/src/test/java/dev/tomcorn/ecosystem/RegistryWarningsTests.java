package dev.tomcorn.ecosystem;

import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.client.serviceregistry.AutoServiceRegistration;
import org.springframework.cloud.consul.serviceregistry.ConsulAutoServiceRegistration;
import org.springframework.cloud.netflix.eureka.serviceregistry.EurekaAutoServiceRegistration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Tests for the warning of service registries.
 */
class RegistryWarningsTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner();

	@Test
	void registryOfAnotherKindIsToldOf() {
		assertThat(TestWorker
			.warningsOf(this.runner.withBean(AutoServiceRegistration.class, () -> mock(AutoServiceRegistration.class))))
			.containsOnlyKeys("service-registry");
	}

	@Test
	void registryThatHasOneInstanceForAFleetIsNot() {
		assertThat(TestWorker.warningsOf(this.runner
			.withBean(ConsulAutoServiceRegistration.class, () -> mock(ConsulAutoServiceRegistration.class))
			.withBean(EurekaAutoServiceRegistration.class, () -> mock(EurekaAutoServiceRegistration.class)))).isEmpty();
	}

}
