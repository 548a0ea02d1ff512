package dev.tomcorn.it;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

import org.awaitility.Awaitility;

/**
 * A Service of Kubernetes: it chooses the pod for each new connection. An open connection
 * stays where it is. Like the nodes of a cluster, it learns late that a pod is to end,
 * and routes connections to it until then.
 */
final class ServiceEndpoints {

	/**
	 * A port on which nothing listens: a Service without an endpoint refuses connections.
	 */
	private static final int REFUSES = 1;

	private final List<Endpoint> endpoints = new CopyOnWriteArrayList<>();

	private final AtomicInteger next = new AtomicInteger();

	/**
	 * A pod, and how often it was chosen.
	 */
	private record Endpoint(Pod pod, AtomicInteger chosen) {
	}

	void add(Pod pod) {
		this.endpoints.add(new Endpoint(pod, new AtomicInteger()));
	}

	/**
	 * Return the port for a new connection.
	 */
	int port() {
		List<Endpoint> ready = this.endpoints.stream().filter((endpoint) -> endpoint.pod().ready()).toList();
		if (ready.isEmpty()) {
			return REFUSES;
		}
		Endpoint endpoint = ready.get(Math.floorMod(this.next.getAndIncrement(), ready.size()));
		endpoint.chosen().incrementAndGet();
		return endpoint.pod().port("http");
	}

	/**
	 * Learn after a while that a pod is to end. Until then it gets connections: at least
	 * one while it still serves or, if it does not serve for that long, when it has
	 * closed its port.
	 * @param late how late that is
	 */
	CompletableFuture<Void> remove(Pod pod, Duration late) {
		Endpoint endpoint = this.endpoints.stream()
			.filter((candidate) -> candidate.pod() == pod)
			.findFirst()
			.orElseThrow();
		int port = pod.port("http");
		return CompletableFuture.runAsync(() -> {
			long heard = System.nanoTime() + Pod.scaled(late).toNanos();
			await(() -> System.nanoTime() > heard && (pod.servesFor(late) || !TcpTable.listening(port)));
			int chosen = endpoint.chosen().get();
			await(() -> endpoint.chosen().get() > chosen);
			this.endpoints.remove(endpoint);
		}, Thread::startVirtualThread);
	}

	private static void await(BooleanSupplier condition) {
		Awaitility.await()
			.atMost(DemoProcess.PATIENCE)
			.pollInterval(DemoProcess.POLL_INTERVAL)
			.until(condition::getAsBoolean);
	}

}
