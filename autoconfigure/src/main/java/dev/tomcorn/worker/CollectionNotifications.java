package dev.tomcorn.worker;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.NotificationListener;
import javax.management.openmbean.CompositeData;

import com.sun.management.GarbageCollectionNotificationInfo;
import org.jspecify.annotations.Nullable;

/**
 * Listens to the JVM's garbage collections. Needs the module {@code jdk.management},
 * which a custom runtime may lack.
 */
final class CollectionNotifications implements NotificationListener {

	private final LiveSet liveSet = new LiveSet();

	private final Set<String> heapPools = ManagementFactory.getMemoryPoolMXBeans()
		.stream()
		.filter((pool) -> pool.getType() == MemoryType.HEAP)
		.map(MemoryPoolMXBean::getName)
		.collect(Collectors.toSet());

	private final LongConsumer consumer;

	private CollectionNotifications(LongConsumer consumer) {
		this.consumer = consumer;
	}

	/**
	 * Pass each estimate of the live set, in bytes, to a consumer while this JVM lives.
	 * @return whether this runtime reports collections
	 */
	static boolean listen(LongConsumer consumer) {
		if (ModuleLayer.boot().findModule("jdk.management").isEmpty()) {
			return false;
		}
		// One listener for all: with G1, each collector reports a part of a cycle
		CollectionNotifications listener = new CollectionNotifications(consumer);
		ManagementFactory.getGarbageCollectorMXBeans().forEach((collector) -> {
			if (collector instanceof NotificationEmitter emitter) {
				emitter.addNotificationListener(listener, null, null);
			}
		});
		return true;
	}

	@Override
	public void handleNotification(Notification notification, @Nullable Object handback) {
		if (notification.getType().equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION)
				&& notification.getUserData() instanceof CompositeData data) {
			GarbageCollectionNotificationInfo info = GarbageCollectionNotificationInfo.from(data);
			this.liveSet
				.afterCollection(info.getGcName(), info.getGcAction(),
						heapUsed(info.getGcInfo().getMemoryUsageAfterGc()))
				.ifPresent(this.consumer);
		}
	}

	private long heapUsed(Map<String, MemoryUsage> usage) {
		return usage.entrySet()
			.stream()
			.filter((pool) -> this.heapPools.contains(pool.getKey()))
			.mapToLong((pool) -> pool.getValue().getUsed())
			.sum();
	}

}
