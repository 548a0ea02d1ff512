package dev.tomcorn.warnings;

import java.util.List;

import dev.tomcorn.warnings.FleetWarning.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Warnings about messages that reach the clients of one worker only.
 */
final class Broadcasts {

	private static final String RELAY = "org.springframework.messaging.simp.stomp.StompBrokerRelayMessageHandler";

	private static final String USER_DESTINATIONS = "org.springframework.messaging.simp.user.UserDestinationMessageHandler";

	static final List<FleetWarning> ROWS = List.of(new FleetWarning("stomp-broker", Scope.SEVERAL_WORKERS,
			(application) -> application
				.firstBean("org.springframework.messaging.simp.broker.SimpleBrokerMessageHandler", (broker) -> true),
			"Each worker has a STOMP broker of its own in memory (bean '%s'): a message reaches the clients that are "
					+ "connected to the same worker only",
			"Use enableStompBrokerRelay with a broker such as RabbitMQ, or hand each message to all workers by a "
					+ "channel of Redis or of your database"),
			new FleetWarning("stomp-users", Scope.SEVERAL_WORKERS, Broadcasts::users,
					"A message to a user is lost when the user is connected to another worker (bean '%s')",
					"Write enableStompBrokerRelay(\"/topic\").setUserDestinationBroadcast(\"/topic/unresolved-user\") and "
							+ "setUserRegistryBroadcast(\"/topic/user-registry\")"),
			new FleetWarning("embedded-broker", Scope.SEVERAL_WORKERS, Broadcasts::embedded,
					"Each worker starts a message broker of its own (%s): a message stays in the worker that sends it",
					"Use a broker that all workers connect to"));

	private Broadcasts() {
	}

	private static @Nullable String users(ApplicationFacts application) {
		if (application.created(RELAY).findAny().isEmpty()) {
			return null;
		}
		return application.firstBean(USER_DESTINATIONS,
				(handler) -> ApplicationFacts.value(handler, "broadcastDestination") == null);
	}

	private static @Nullable String embedded(ApplicationFacts application) {
		String broker = application
			.firstBeanOf(List.of("org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ",
					"org.apache.activemq.broker.BrokerService", "redis.embedded.RedisServer"));
		String url = application.property("spring.activemq.broker-url");
		boolean inVm = (url != null) ? url.startsWith("vm:")
				: !"false".equals(application.property("spring.activemq.embedded.enabled"))
						&& application.hasClass("org.apache.activemq.broker.BrokerService");
		if (broker == null && inVm
				&& application.beans("jakarta.jms.ConnectionFactory")
					.stream()
					.anyMatch((bean) -> isOfActiveMq(application, bean))) {
			return "ActiveMQ at " + ((url != null) ? url : "vm://localhost");
		}
		return broker;
	}

	private static boolean isOfActiveMq(ApplicationFacts application, String factory) {
		String madeBy = application.madeBy(factory);
		return application.isOfType(factory, "org.apache.activemq.ActiveMQConnectionFactory")
				|| (madeBy != null && madeBy.startsWith("org.springframework.boot.activemq."));
	}

}
