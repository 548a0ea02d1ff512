package dev.tomcorn.it;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A Service of Kubernetes: it chooses the pod for each new connection. An open connection
 * stays where it is. As the nodes of a cluster do, it hears late that a pod is to end, and
 * sends connections there until then.
 */
final class ServiceEndpoints {

	/**
	 * A port on which nothing listens: a Service without an endpoint refuses connections.
	 */
	private static final int REFUSES = 1;

	private final List<Pod> pods = new CopyOnWriteArrayList<>();

	private final AtomicInteger next = new AtomicInteger();

	void add(Pod pod) {
		this.pods.add(pod);
	}

	/**
	 * Return the port for a new connection.
	 */
	int port() {
		List<Pod> ready = this.pods.stream().filter(Pod::ready).toList();
		return ready.isEmpty() ? REFUSES
				: ready.get(Math.floorMod(this.next.getAndIncrement(), ready.size())).port("http");
	}

	/**
	 * Hear after a while that a pod is to end.
	 * @param late how late that is
	 */
	CompletableFuture<Void> remove(Pod pod, Duration late) {
		return CompletableFuture.runAsync(() -> this.pods.remove(pod),
				CompletableFuture.delayedExecutor(late.toMillis(), TimeUnit.MILLISECONDS));
	}

}
