package dev.tomcorn.ecosystem;

import java.util.stream.Stream;

import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.junit.jupiter.api.Test;

import org.springframework.boot.activemq.autoconfigure.ActiveMQAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.messaging.simp.config.MessageBrokerRegistry;
import org.springframework.messaging.simp.config.StompBrokerRelayRegistration;
import org.springframework.web.socket.config.annotation.EnableWebSocketMessageBroker;
import org.springframework.web.socket.config.annotation.StompEndpointRegistry;
import org.springframework.web.socket.config.annotation.WebSocketMessageBrokerConfigurer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the warnings of messages that reach the clients of one worker only.
 */
class BroadcastWarningsTests {

	private static final WebApplicationContextRunner web = new WebApplicationContextRunner();

	private static final ApplicationContextRunner activeMq = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ActiveMQAutoConfiguration.class));

	static Stream<WarningExample> examples() {
		WebApplicationContextRunner relay = web.withUserConfiguration(Relay.class);
		WebApplicationContextRunner broadcast = relay.withPropertyValues("app.broadcast=true");
		return Stream.of(WarningExample.of(web.withUserConfiguration(SimpleBroker.class), broadcast, "stomp-broker"),
				WarningExample.of(relay, broadcast, "stomp-users"),
				WarningExample
					.of(activeMq, activeMq.withPropertyValues("spring.activemq.broker-url=tcp://localhost:61616"),
							"embedded-broker")
					.saying("ActiveMQ at vm://localhost"));
	}

	@Test
	void brokerWithinTheApplicationIsToldOfHoweverItIsMade() {
		ApplicationContextRunner outside = activeMq.withPropertyValues("spring.activemq.embedded.enabled=false");
		assertThat(TestWorker.warningsOf(outside)).isEmpty();
		assertThat(TestWorker.warningsOf(outside.withPropertyValues("spring.activemq.broker-url=vm:(broker:(tcp:))")))
			.containsOnlyKeys("embedded-broker");
		assertThat(TestWorker.warningsOf(outside.withBean("artemis", EmbeddedActiveMQ.class))).hasEntrySatisfying(
				"embedded-broker", (text) -> assertThat(text).contains("EmbeddedActiveMQ of bean 'artemis'"));
	}

	@Configuration(proxyBeanMethods = false)
	@EnableWebSocketMessageBroker
	static class SimpleBroker implements WebSocketMessageBrokerConfigurer {

		@Override
		public void configureMessageBroker(MessageBrokerRegistry registry) {
			registry.enableSimpleBroker("/topic");
		}

		@Override
		public void registerStompEndpoints(StompEndpointRegistry registry) {
			registry.addEndpoint("/stomp");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableWebSocketMessageBroker
	static class Relay implements WebSocketMessageBrokerConfigurer {

		private final boolean broadcast;

		Relay(Environment environment) {
			this.broadcast = environment.getProperty("app.broadcast", boolean.class, false);
		}

		@Override
		public void configureMessageBroker(MessageBrokerRegistry registry) {
			// There is no broker
			StompBrokerRelayRegistration relay = registry.enableStompBrokerRelay("/topic").setAutoStartup(false);
			if (this.broadcast) {
				relay.setUserDestinationBroadcast("/topic/unresolved-user")
					.setUserRegistryBroadcast("/topic/user-registry");
			}
		}

		@Override
		public void registerStompEndpoints(StompEndpointRegistry registry) {
			registry.addEndpoint("/stomp");
		}

	}

}
