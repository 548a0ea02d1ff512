package dev.tomcorn.ecosystem;

import java.util.stream.Stream;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.client.serviceregistry.AutoServiceRegistration;
import org.springframework.cloud.consul.serviceregistry.ConsulAutoServiceRegistration;
import org.springframework.cloud.netflix.eureka.serviceregistry.EurekaAutoServiceRegistration;

import static org.mockito.Mockito.mock;

/**
 * Tests for the warning of service registries.
 */
class RegistryWarningsTests {

	static Stream<WarningExample> examples() {
		ApplicationContextRunner oneInstance = new ApplicationContextRunner()
			.withBean(ConsulAutoServiceRegistration.class, () -> mock(ConsulAutoServiceRegistration.class))
			.withBean(EurekaAutoServiceRegistration.class, () -> mock(EurekaAutoServiceRegistration.class));
		return Stream.of(WarningExample.of(
				oneInstance.withBean(AutoServiceRegistration.class, () -> mock(AutoServiceRegistration.class)),
				oneInstance, "service-registry"));
	}

}
