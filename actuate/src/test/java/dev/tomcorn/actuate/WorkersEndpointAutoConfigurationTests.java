package dev.tomcorn.actuate;

import dev.tomcorn.core.status.FleetDescriptor;
import dev.tomcorn.peer.PeerAutoConfiguration;
import dev.tomcorn.tomcat.TomcornAutoConfiguration;
import org.junit.jupiter.api.Test;

import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link WorkersEndpointAutoConfiguration}.
 */
class WorkersEndpointAutoConfigurationTests {

	private final WebApplicationContextRunner runner = new WebApplicationContextRunner(
			AnnotationConfigServletWebServerApplicationContext::new)
		.withConfiguration(AutoConfigurations.of(TomcatServletWebServerAutoConfiguration.class,
				TomcornAutoConfiguration.class, PeerAutoConfiguration.class, WorkersEndpointAutoConfiguration.class))
		.withPropertyValues("server.port=0");

	@Test
	void endpointIsThereWhenExposed() {
		this.runner.withConfiguration(AutoConfigurations.of(EndpointAutoConfiguration.class))
			.withPropertyValues("management.endpoints.web.exposure.include=workers")
			.run((context) -> {
				assertThat(context).hasSingleBean(WorkersEndpoint.class);
				FleetDescriptor fleet = context.getBean(WorkersEndpoint.class).workers();
				assertThat(fleet.arbiter()).isEmpty();
				assertThat(fleet.workers()).singleElement()
					.satisfies((worker) -> assertThat(worker.pid()).isEqualTo(ProcessHandle.current().pid()));
			});
	}

	@Test
	void endpointIsNotThereWhenNotExposed() {
		this.runner.withConfiguration(AutoConfigurations.of(EndpointAutoConfiguration.class))
			.withPropertyValues("management.endpoints.web.exposure.include=health")
			.run((context) -> assertThat(context).doesNotHaveBean(WorkersEndpoint.class));
	}

}
