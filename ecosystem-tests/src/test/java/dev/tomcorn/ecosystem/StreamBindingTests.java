package dev.tomcorn.ecosystem;

import java.util.List;
import java.util.function.Consumer;

import dev.tomcorn.ecosystem.TestFleet.Member;
import dev.tomcorn.leader.BackgroundAutoConfiguration;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.integration.autoconfigure.IntegrationAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.cloud.function.cloudevent.CloudEventsFunctionExtensionConfiguration;
import org.springframework.cloud.function.context.config.ContextFunctionCatalogAutoConfiguration;
import org.springframework.cloud.stream.binder.Binding;
import org.springframework.cloud.stream.binder.test.TestChannelBinderConfiguration;
import org.springframework.cloud.stream.binding.BindingsLifecycleController;
import org.springframework.cloud.stream.config.BindingServiceConfiguration;
import org.springframework.cloud.stream.function.FunctionConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for consumers of Spring Cloud Stream in the workers of a fleet.
 */
class StreamBindingTests extends AbstractFleetTests {

	@Test
	void firstWorkerConsumesAsUnderPlainBootAndStopsWhenItDrains() {
		Member first = boot();
		assertThat(consumes(first, "orders")).isTrue();
		assertThat(consumes(first, "manual")).isFalse();
		first.serve().drain();
		await(() -> !consumes(first, "orders"));
	}

	@Test
	void anotherWorkerConsumesWhileItServes() {
		boot().serve();
		Member second = boot();
		assertThat(consumes(second, "orders")).isFalse();
		second.serve();
		await(() -> consumes(second, "orders"));
		assertThat(consumes(second, "manual")).as("one that does not start by itself").isFalse();
		second.drain();
		await(() -> !consumes(second, "orders"));
	}

	@Test
	void consumerWithoutAGroupTakesNothingFromOthers() {
		boot().serve();
		assertThat(consumes(boot(), "changes")).isTrue();
	}

	private Member boot() {
		return this.fleet.boot(
				List.of("spring.cloud.function.definition=orders;changes;manual",
						"spring.cloud.stream.bindings.orders-in-0.group=shop",
						"spring.cloud.stream.bindings.manual-in-0.group=shop",
						"spring.cloud.stream.bindings.manual-in-0.consumer.auto-startup=false"),
				BackgroundAutoConfiguration.class, Consumers.class);
	}

	private static boolean consumes(Member member, String consumer) {
		return member.context.getBean(BindingsLifecycleController.class)
			.queryState(consumer + "-in-0")
			.stream()
			.anyMatch(Binding::isRunning);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ JacksonAutoConfiguration.class, PropertyPlaceholderAutoConfiguration.class,
			IntegrationAutoConfiguration.class, ContextFunctionCatalogAutoConfiguration.class,
			CloudEventsFunctionExtensionConfiguration.class, BindingServiceConfiguration.class,
			FunctionConfiguration.class })
	@Import(TestChannelBinderConfiguration.class)
	static class Consumers {

		@Bean
		Consumer<String> orders() {
			return (_) -> {
			};
		}

		@Bean
		Consumer<String> changes() {
			return (_) -> {
			};
		}

		@Bean
		Consumer<String> manual() {
			return (_) -> {
			};
		}

	}

}
