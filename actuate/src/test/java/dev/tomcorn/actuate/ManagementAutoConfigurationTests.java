package dev.tomcorn.actuate;

import java.io.IOException;
import java.nio.file.Path;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.peer.PeerAutoConfiguration;
import dev.tomcorn.peer.Peers;
import dev.tomcorn.tomcat.TomcornAutoConfiguration;
import dev.tomcorn.worker.OnSupervised;
import dev.tomcorn.worker.WorkerProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.logging.LoggersEndpointAutoConfiguration;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.health.application.ReadinessStateHealthIndicator;
import org.springframework.boot.health.autoconfigure.application.AvailabilityHealthContributorAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link ManagementAutoConfiguration} and {@link WorkerSelectionConfiguration},
 * solo.
 */
@Execution(ExecutionMode.CONCURRENT)
class ManagementAutoConfigurationTests {

	private final WebApplicationContextRunner runner = new WebApplicationContextRunner(
			AnnotationConfigServletWebServerApplicationContext::new)
		.withConfiguration(AutoConfigurations.of(TomcatServletWebServerAutoConfiguration.class,
				TomcornAutoConfiguration.class, PeerAutoConfiguration.class, ManagementAutoConfiguration.class))
		.withPropertyValues("server.port=0");

	@Test
	void soloHasHealthAndLeavesTheRestToBoot() {
		this.runner
			.withConfiguration(AutoConfigurations.of(EndpointAutoConfiguration.class,
					LoggersEndpointAutoConfiguration.class, ApplicationAvailabilityAutoConfiguration.class,
					AvailabilityHealthContributorAutoConfiguration.class))
			.withPropertyValues("management.health.readinessstate.enabled=true",
					"management.endpoints.web.exposure.include=*")
			.run((context) -> {
				assertThat(context).hasNotFailed()
					.hasSingleBean(WorkersHealthIndicator.class)
					.doesNotHaveBean(LoggerLevels.class);
				assertThat(context.getBean(ReadinessStateHealthIndicator.class).getClass())
					.isEqualTo(ReadinessStateHealthIndicator.class);
				assertThat(context.getBean(WorkersHealthIndicator.class).health().getStatus().getCode())
					.isEqualTo("UP");
			});
	}

	@Test
	void healthBacksOffToTheUsersAndCanBeSwitchedOff() {
		this.runner.withUserConfiguration(OwnHealth.class)
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(WorkersHealthIndicator.class));
		this.runner.withPropertyValues("management.health.workers.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(WorkersHealthIndicator.class));
	}

	@Test
	void applicationWithoutActuatorOrHealthStarts() {
		this.runner
			.withClassLoader(
					new FilteredClassLoader("org.springframework.boot.health", "org.springframework.boot.actuate"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("workersHealthIndicator"));
	}

	@Test
	void soloNoFilterTakesParametersOfEndpointsForItself() {
		this.runner.withConfiguration(AutoConfigurations.of(WorkerSelectionConfiguration.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(Peers.class)
				.doesNotHaveBean(FilterRegistrationBean.class));
	}

	@Test
	void workerWithoutThePeersSharesLevelsOfLoggers(@TempDir Path directory) {
		Scoreboard scoreboard = Scoreboard.solo();
		WorkerSlot slot = scoreboard.claim(0, 0, 1, 1);
		WorkerProcess process = mock(WorkerProcess.class);
		given(process.isSupervised()).willReturn(true);
		given(process.runDirectory()).willReturn(directory);
		given(process.scoreboard()).willReturn(scoreboard);
		given(process.slot()).willReturn(slot);
		new WebApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(EndpointAutoConfiguration.class, WebEndpointAutoConfiguration.class,
							LoggersEndpointAutoConfiguration.class, ManagementAutoConfiguration.class))
			.withPropertyValues("management.endpoints.web.exposure.include=*")
			.withInitializer((context) -> {
				context.getBeanFactory().registerSingleton(OnSupervised.WORKER_PROCESS_BEAN, process);
				context.getBeanFactory()
					.registerSingleton("springBootLoggingSystem", LoggingSystem.get(getClass().getClassLoader()));
			})
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(LoggerLevels.class));
	}

	/**
	 * An unused index shows whether the filter is active.
	 */
	@ParameterizedTest
	@CsvSource({ "/actuator/own, 404", "/actuator/own/part, 404", "/actuator/owner, 200", "/actuator/ow, 200",
			"/actuator, 200", "/own, 200", "/, 200", "'', 200" })
	void inAWorkerTheParameterIsThatOfEndpointsOnly(String path, int status, @TempDir Path directory)
			throws IOException {
		Scoreboard scoreboard = Scoreboard.create(directory.resolve("scoreboard"), 1, 1);
		scoreboard.claim(0, 0, 1, 1).setState(WorkerState.READY);
		WorkerProcess process = mock(WorkerProcess.class);
		given(process.isSupervised()).willReturn(true);
		new WebApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(EndpointAutoConfiguration.class,
					WebEndpointAutoConfiguration.class, WorkerSelectionConfiguration.class))
			.withPropertyValues("management.endpoints.web.exposure.include=own")
			.withInitializer(
					(context) -> context.getBeanFactory().registerSingleton(OnSupervised.WORKER_PROCESS_BEAN, process))
			.withBean(Peers.class, () -> new Peers(scoreboard, scoreboard.slot(0), directory))
			.withBean(OwnEndpoint.class)
			.run((context) -> {
				FilterRegistrationBean<?> registration = context.getBean(FilterRegistrationBean.class);
				assertThat(registration.getFilter()).isInstanceOf(WorkerSelectionFilter.class);
				MockHttpServletRequest request = new MockHttpServletRequest("GET", path);
				request.setServletPath(path);
				request.setQueryString("worker=7");
				MockHttpServletResponse response = new MockHttpServletResponse();
				registration.getFilter().doFilter(request, response, new MockFilterChain());
				assertThat(response.getStatus()).isEqualTo(status);
			});
	}

	@Endpoint(id = "own")
	static class OwnEndpoint {

		@ReadOperation
		String read() {
			return "own";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnHealth {

		@Bean
		HealthIndicator workersHealthIndicator() {
			return () -> Health.unknown().build();
		}

	}

}
