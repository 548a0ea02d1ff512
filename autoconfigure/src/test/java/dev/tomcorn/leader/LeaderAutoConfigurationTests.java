package dev.tomcorn.leader;

import dev.tomcorn.Leadership;
import dev.tomcorn.tomcat.TomcornAutoConfiguration;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.scheduling.annotation.SchedulingConfigurer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LeaderAutoConfiguration}.
 */
class LeaderAutoConfigurationTests {

	private static final AutoConfigurations CONFIGURATIONS = AutoConfigurations.of(
			TomcatServletWebServerAutoConfiguration.class, TomcornAutoConfiguration.class,
			LeaderAutoConfiguration.class);

	private final WebApplicationContextRunner runner = new WebApplicationContextRunner(
			AnnotationConfigServletWebServerApplicationContext::new)
		.withConfiguration(CONFIGURATIONS)
		.withPropertyValues("server.port=0");

	@Test
	void soloApplicationLeads() {
		this.runner.run((context) -> {
			assertThat(context.getBean(Leadership.class).isLeader()).isTrue();
			assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
				.doesNotContain("tomcorn-leader");
			assertThat(context).hasSingleBean(LeaderOnlyPostProcessor.class);
			assertThat(context).doesNotHaveBean(SchedulingConfigurer.class);
		});
	}

	@Test
	void schedulingFollowsTheLeaderOnRequest() {
		this.runner.withPropertyValues("tomcorn.scheduling=leader")
			.run((context) -> assertThat(context).hasSingleBean(SchedulingConfigurer.class));
	}

	@Test
	void unknownSchedulingIsRefused() {
		this.runner.withPropertyValues("tomcorn.scheduling=some")
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.rootCause()
				.hasMessageContaining("Scheduling.some"));
	}

	@Test
	void otherApplicationsHaveNoLeader() {
		new ApplicationContextRunner().withConfiguration(CONFIGURATIONS)
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(Leadership.class));
	}

}
