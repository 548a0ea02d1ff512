package dev.tomcorn.actuate;

import dev.tomcorn.worker.OnSupervised;
import dev.tomcorn.worker.WorkerProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import org.springframework.boot.actuate.autoconfigure.context.ShutdownEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration;
import org.springframework.boot.actuate.context.ShutdownEndpoint;
import org.springframework.boot.actuate.endpoint.web.WebEndpointsSupplier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link FleetShutdownAutoConfiguration}.
 */
@Execution(ExecutionMode.CONCURRENT)
class FleetShutdownAutoConfigurationTests {

	private static final String OPEN = "management.endpoint.shutdown.access=UNRESTRICTED";

	private final WebApplicationContextRunner solo = new WebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(EndpointAutoConfiguration.class, WebEndpointAutoConfiguration.class,
				ShutdownEndpointAutoConfiguration.class, FleetShutdownAutoConfiguration.class))
		.withPropertyValues("management.endpoints.web.exposure.include=*");

	private final WorkerProcess process = mock(WorkerProcess.class);

	private final WebApplicationContextRunner worker = this.solo.withInitializer(
			(context) -> context.getBeanFactory().registerSingleton(OnSupervised.WORKER_PROCESS_BEAN, supervised()));

	private WorkerProcess supervised() {
		given(this.process.isSupervised()).willReturn(true);
		return this.process;
	}

	@Test
	void endpointOfAWorkerIsTheFleets() {
		this.worker.withPropertyValues(OPEN).run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(ShutdownEndpoint.class);
			assertThat(context.getBean(ShutdownEndpoint.class)).isInstanceOf(FleetShutdownEndpoint.class);
			assertThat(context.getBean(WebEndpointsSupplier.class).getEndpoints()).singleElement()
				.satisfies((endpoint) -> assertThat(endpoint.getOperations()).hasSize(1));
		});
	}

	@Test
	void endpointIsClosedUnlessTheOperatorOpensIt() {
		this.worker.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ShutdownEndpoint.class));
	}

	@Test
	void soloHasTheEndpointOfBoot() {
		this.solo.withPropertyValues(OPEN)
			.run((context) -> assertThat(context.getBean(ShutdownEndpoint.class).getClass())
				.isEqualTo(ShutdownEndpoint.class));
	}

	@Test
	void backsOffToTheUsersEndpoint() {
		this.worker.withPropertyValues(OPEN)
			.withBean("own", ShutdownEndpoint.class, ShutdownEndpoint::new)
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(ShutdownEndpoint.class).hasBean("own"));
	}

}
