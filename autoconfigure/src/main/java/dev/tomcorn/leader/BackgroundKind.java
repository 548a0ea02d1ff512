package dev.tomcorn.leader;

import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

import dev.tomcorn.random.RandomId;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeansException;
import org.springframework.beans.PropertyAccessorFactory;

/**
 * A row of the table of the kinds of background work. Types are given by name, so that no
 * library is required.
 *
 * @param type name of the type
 * @param condition when it may start
 * @param harmless whether a bean of this type may start at any time in every worker
 */
record BackgroundKind(String type, StartCondition condition, Predicate<Object> harmless) {

	static final String POLLER = "org.springframework.integration.endpoint.SourcePollingChannelAdapter";

	static final String QUARTZ = "org.springframework.scheduling.quartz.SchedulerFactoryBean";

	private static final Predicate<Object> NEVER = (bean) -> false;

	private static final String INTEGRATION = "org.springframework.integration.";

	/**
	 * Suffixes of the names of registries whose containers are not beans.
	 */
	private static final List<String> REGISTRIES = List.of("ListenerEndpointRegistry", "ListenerContainerRegistry");

	/**
	 * Suffixes of the names of listener containers, including those of libraries that are
	 * not in the table.
	 */
	private static final List<String> CONTAINERS = List.of("ListenerContainer");

	/**
	 * Containers of broadcasts: each process gets every message.
	 */
	private static final List<String> BROADCASTS = List.of(
			"org.springframework.data.redis.listener.RedisMessageListenerContainer",
			"org.springframework.data.mongodb.core.messaging.MessageListenerContainer");

	private static final List<BackgroundKind> ALL = List.of(
			listener("org.springframework.kafka.listener.MessageListenerContainer", BackgroundKind::hasRandomGroup),
			listener("org.springframework.kafka.config.StreamsBuilderFactoryBean"),
			listener("org.springframework.jms.listener.AbstractJmsListeningContainer", BackgroundKind::isSubscription),
			listener("org.springframework.amqp.rabbit.listener.MessageListenerContainer",
					BackgroundKind::hasQueueOfItsOwn),
			listener("org.springframework.pulsar.listener.MessageListenerContainer"),
			listener(StreamBinding.class.getName(),
					(bean) -> bean instanceof StreamBinding binding && !binding.hasGroup()),
			listener(INTEGRATION + "kafka.inbound.KafkaMessageDrivenChannelAdapter"),
			listener(INTEGRATION + "kafka.inbound.KafkaInboundGateway"),
			listener(INTEGRATION + "jms.JmsMessageDrivenEndpoint"), listener(INTEGRATION + "jms.JmsInboundGateway"),
			listener(INTEGRATION + "amqp.inbound.AmqpInboundChannelAdapter"),
			listener(INTEGRATION + "amqp.inbound.AmqpInboundGateway"),
			listener(INTEGRATION + "mqtt.inbound.AbstractMqttMessageDrivenChannelAdapter"),
			listener(INTEGRATION + "redis.inbound.RedisQueueMessageDrivenEndpoint"),
			listener(INTEGRATION + "redis.inbound.RedisQueueInboundGateway"),
			new BackgroundKind(POLLER, StartCondition.LEADING, NEVER),
			new BackgroundKind(INTEGRATION + "mail.inbound.ImapIdleChannelAdapter", StartCondition.LEADING, NEVER),
			new BackgroundKind(INTEGRATION + "mail.ImapIdleChannelAdapter", StartCondition.LEADING, NEVER),
			new BackgroundKind(INTEGRATION + "file.tail.FileTailingMessageProducerSupport", StartCondition.LEADING,
					NEVER),
			new BackgroundKind(INTEGRATION + "debezium.inbound.DebeziumMessageProducer", StartCondition.LEADING, NEVER),
			new BackgroundKind(QUARTZ, StartCondition.LEADING, BackgroundKind::isCluster));

	private static BackgroundKind listener(String type) {
		return listener(type, NEVER);
	}

	private static BackgroundKind listener(String type, Predicate<Object> harmless) {
		return new BackgroundKind(type, StartCondition.SERVING, harmless);
	}

	/**
	 * Return the kind of a bean.
	 * @return its kind, or {@code null} if Spring may start it as usual
	 */
	static @Nullable BackgroundKind of(Object bean) {
		List<BackgroundKind> known = ALL.stream().filter((kind) -> isA(bean, kind.type())).toList();
		if (known.isEmpty() && isNamed(bean.getClass(), CONTAINERS)
				&& BROADCASTS.stream().noneMatch((type) -> isA(bean, type))) {
			return listener(bean.getClass().getName());
		}
		return known.stream().filter((kind) -> !kind.harmless().test(bean)).findFirst().orElse(null);
	}

	/**
	 * Return the listener containers that a bean has created.
	 */
	static Collection<?> containersOf(Object bean) {
		return (isNamed(bean.getClass(), REGISTRIES)
				&& value(bean, "listenerContainers") instanceof Collection<?> containers) ? containers : List.of();
	}

	/**
	 * With a consumer group of its own, each process gets every message and takes none
	 * from the others.
	 */
	private static boolean hasRandomGroup(Object container) {
		return value(container, "groupId") instanceof String group && RandomId.isIn(group);
	}

	private static boolean isSubscription(Object container) {
		return Boolean.TRUE.equals(value(container, "pubSubDomain"))
				&& !Boolean.TRUE.equals(value(container, "subscriptionDurable"))
				&& !Boolean.TRUE.equals(value(container, "subscriptionShared"));
	}

	private static boolean hasQueueOfItsOwn(Object container) {
		return value(container, "queueNames") instanceof String[] names && names.length > 0
				&& List.of(names).stream().allMatch((name) -> name.startsWith("spring.gen-"));
	}

	/**
	 * The members of a cluster share the work among themselves.
	 */
	private static boolean isCluster(Object factory) {
		Object scheduler = value(factory, "scheduler");
		Object store = (scheduler != null) ? value(scheduler, "metaData") : null;
		return store != null && Boolean.TRUE.equals(value(store, "jobStoreClustered"));
	}

	static boolean isA(Object object, String typeName) {
		return isA(object.getClass(), typeName);
	}

	private static boolean isA(Class<?> type, String typeName) {
		return type.getName().equals(typeName) || (type.getSuperclass() != null && isA(type.getSuperclass(), typeName))
				|| Stream.of(type.getInterfaces()).anyMatch((parent) -> isA(parent, typeName));
	}

	private static boolean isNamed(Class<?> type, List<String> endings) {
		return endings.stream().anyMatch(type.getSimpleName()::endsWith)
				|| (type.getSuperclass() != null && isNamed(type.getSuperclass(), endings))
				|| Stream.of(type.getInterfaces()).anyMatch((parent) -> isNamed(parent, endings));
	}

	/**
	 * Return the value of an object's property.
	 * @return the value, or {@code null} if there is none or it cannot be read
	 */
	static @Nullable Object value(Object object, String name) {
		try {
			return PropertyAccessorFactory.forBeanPropertyAccess(object).getPropertyValue(name);
		}
		catch (BeansException ex) {
			return null;
		}
	}

}
