package dev.tomcorn.warnings;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.tomcorn.random.RandomId;
import dev.tomcorn.warnings.FleetWarning.Scope;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeansException;
import org.springframework.beans.DirectFieldAccessor;

/**
 * Warnings about broker clients that need distinct IDs and have the same.
 */
final class BrokerClients {

	private static final String INDEX = "${tomcorn.worker.index:0}";

	static final List<FleetWarning> ROWS = List.of(new FleetWarning("group-instance-id", Scope.SEVERAL_WORKERS,
			BrokerClients::groupInstanceId,
			"Each worker has the same group.instance.id in Kafka (%s): the listeners of all but one end for good",
			"Write " + INDEX + " into it"),
			new FleetWarning("streams-state", Scope.EVERY_FLEET, BrokerClients::streamsState,
					"One process can open the state directory of Kafka Streams (%s): the streams of the other workers do not "
							+ "start",
					"Write spring.kafka.streams.state-dir with ${tomcorn.worker.label:0} in it"),
			new FleetWarning("client-id", Scope.EVERY_FLEET, BrokerClients::clientId,
					"Each worker connects to a broker with the same client id (%s): the broker refuses all but one",
					"Write " + INDEX + " into it, or leave it out and use a shared subscription"));

	private static final Pattern STORES = Pattern.compile("stores: \\[[^\\]]");

	private BrokerClients() {
	}

	private static @Nullable String groupInstanceId(ApplicationFacts application) {
		Stream<@Nullable Object> factories = application.created("org.springframework.kafka.core.ConsumerFactory")
			.map((factory) -> ApplicationFacts.value(factory.instance(), "configurationProperties"));
		Stream<@Nullable Object> listeners = containers(application,
				"org.springframework.kafka.config.KafkaListenerEndpointRegistry")
			.map((container) -> ApplicationFacts.value(container, "containerProperties.kafkaConsumerProperties"));
		return same(application, Stream.concat(factories, listeners)
			.map((properties) -> (properties instanceof Map<?, ?> map) ? map.get("group.instance.id") : null));
	}

	private static @Nullable String streamsState(ApplicationFacts application) {
		return application.created("org.springframework.kafka.config.StreamsBuilderFactoryBean")
			.map(ApplicationFacts.NamedBean::instance)
			.filter((factory) -> hasState(factory))
			.map((factory) -> ApplicationFacts.value(factory, "streamsConfiguration"))
			.map((properties) -> (properties instanceof Map<?, ?> map) ? map.get("state.dir") : null)
			.map((directory) -> (directory != null) ? directory.toString() : "the default")
			.filter((directory) -> !tellsWorkersApart(application, directory))
			.findFirst()
			.orElse(null);
	}

	/**
	 * A topology without state opens no directory.
	 */
	private static boolean hasState(Object factory) {
		Object topology = ApplicationFacts.value(factory, "topology");
		return topology == null || STORES.matcher(String.valueOf(describe(topology))).find();
	}

	private static @Nullable Object describe(Object topology) {
		try {
			return topology.getClass().getMethod("describe").invoke(topology);
		}
		catch (ReflectiveOperationException ex) {
			return null;
		}
	}

	private static @Nullable String clientId(ApplicationFacts application) {
		Stream<@Nullable Object> factories = application.created("jakarta.jms.ConnectionFactory")
			.flatMap((factory) -> Stream.of("clientId", "clientID", "targetConnectionFactory.clientID")
				.map((property) -> value(factory.instance(), property)));
		Stream<@Nullable Object> listeners = containers(application,
				"org.springframework.jms.config.JmsListenerEndpointRegistry")
			.map((container) -> value(container, "clientId"));
		Stream<@Nullable Object> mqtt = application
			.created("org.springframework.integration.mqtt.core.ClientManager",
					"org.springframework.integration.mqtt.inbound.AbstractMqttMessageDrivenChannelAdapter",
					"org.springframework.integration.mqtt.outbound.AbstractMqttMessageHandler")
			.map((client) -> value(client.instance(), "clientId"));
		return same(application, Stream.of(factories, listeners, mqtt).flatMap((ids) -> ids));
	}

	private static Stream<Object> containers(ApplicationFacts application, String registry) {
		return application.created(registry)
			.map((bean) -> ApplicationFacts.value(bean.instance(), "listenerContainers"))
			.flatMap((containers) -> (containers instanceof Collection<?> all) ? all.stream() : Stream.empty());
	}

	/**
	 * Return a property or field. Spring's connection factories have no getter for it.
	 */
	private static @Nullable Object value(Object object, String name) {
		Object value = ApplicationFacts.value(object, name);
		try {
			return (value != null) ? value : new DirectFieldAccessor(object).getPropertyValue(name);
		}
		catch (BeansException ex) {
			return null;
		}
	}

	private static @Nullable String same(ApplicationFacts application, Stream<@Nullable Object> ids) {
		return ids.filter(Objects::nonNull)
			.map(String::valueOf)
			.filter((id) -> !id.isBlank() && !tellsWorkersApart(application, id))
			.findFirst()
			.orElse(null);
	}

	/**
	 * Return whether a text appears to be unique to this worker. If a text contains this
	 * worker's index by accident, another worker reports it.
	 */
	private static boolean tellsWorkersApart(ApplicationFacts application, String text) {
		List<String> parts = List.of(text.split("[^A-Za-z0-9]+"));
		return RandomId.isIn(text) || parts.contains(Long.toString(ProcessHandle.current().pid()))
				|| Stream.of("tomcorn.worker.index", "tomcorn.worker.label")
					.map(application::property)
					.anyMatch((own) -> own != null && parts.contains(own));
	}

}
