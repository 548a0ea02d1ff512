package dev.tomcorn.it;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import io.kubernetes.client.openapi.models.V1HTTPGetAction;
import io.kubernetes.client.openapi.models.V1Probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A pod whose container is a process of this machine. It follows the manifest like a
 * kubelet: the startup probe until it succeeds, then the others; at the end preStop,
 * TERM, and KILL after the grace period.
 * <p>
 * Pure waiting times are shorter than on a node. A probe that exceeds its time limit does
 * not fail the test, because this machine may be slow.
 */
final class Pod implements AutoCloseable {

	/**
	 * Seconds of the manifest that pass in one second of the test.
	 */
	private static final int PACE = 10;

	/**
	 * How much slower than a node this machine may be.
	 */
	private static final int SLOWNESS = 4;

	private static final int OK = 200;

	private static final int FIRST_FAILURE = 400;

	private final DemoProcess process;

	private final PodTemplate template;

	private final int workers;

	private final Thread kubelet;

	private volatile boolean started;

	private volatile boolean ready;

	private volatile boolean terminating;

	private volatile int restarts;

	/**
	 * Start the probes of a pod.
	 * @param process its process
	 * @param template its manifest
	 * @param workers number of its workers
	 */
	Pod(DemoProcess process, PodTemplate template, int workers) {
		this.workers = workers;
		this.process = process;
		this.template = template;
		this.kubelet = Thread.ofVirtual().start(this::probe);
	}

	/**
	 * The end of a pod.
	 *
	 * @param exitCode the exit code of its process
	 * @param killed whether the grace period was over before that
	 */
	record End(int exitCode, boolean killed) {
	}

	/**
	 * Return how long a wait of the manifest lasts here.
	 */
	static Duration scaled(Duration duration) {
		return duration.dividedBy(PACE);
	}

	boolean started() {
		return this.started;
	}

	boolean ready() {
		return this.ready;
	}

	/**
	 * Return how often the kubelet would have restarted the container by now.
	 */
	int restarts() {
		return this.restarts;
	}

	/**
	 * Return the number that a port has on this machine.
	 */
	int port(String name) {
		return switch (name) {
			case "http" -> this.process.port();
			case "management" -> management().port();
			default -> throw new IllegalArgumentException("The demo has no port " + name);
		};
	}

	ManagementClient management() {
		return ManagementClient.of(this.process);
	}

	/**
	 * Wait until all workers serve. The pod is ready before that.
	 * @return their process ids
	 */
	Set<Long> awaitWorkers() {
		return await("all workers of a pod").atMost(DemoProcess.PATIENCE)
			.pollInterval(DemoProcess.FLEET_INTERVAL)
			.until(() -> management().fleet(), (fleet) -> fleet.whole(this.workers))
			.pids();
	}

	void awaitReady() {
		await("a pod that is ready").atMost(DemoProcess.PATIENCE)
			.pollInterval(DemoProcess.POLL_INTERVAL)
			.until(() -> ready() || !this.kubelet.isAlive());
		assertThat(ready()).as("ready, last output:%n%s", this.process.tail()).isTrue();
	}

	private void probe() {
		V1Probe startup = this.template.container().getStartupProbe();
		V1Probe readiness = this.template.container().getReadinessProbe();
		V1Probe liveness = this.template.container().getLivenessProbe();
		this.process.awaitLine("listening on");
		while (!succeeds(startup)) {
			if (!this.process.isAlive() || !pause(startup)) {
				return;
			}
		}
		this.started = true;
		Thread alive = Thread.ofVirtual().start(() -> probeLiveness(liveness));
		int failures = 0;
		do {
			failures = succeeds(readiness) ? 0 : failures + 1;
			this.ready = (failures == 0) || (this.ready && failures < readiness.getFailureThreshold());
		}
		while (pause(readiness));
		alive.interrupt();
	}

	/**
	 * A kubelet does not check whether the process that it terminates lives.
	 */
	private void probeLiveness(V1Probe liveness) {
		int failures = 0;
		while (pause(liveness) && !this.terminating) {
			failures = succeeds(liveness) ? 0 : failures + 1;
			if (failures == liveness.getFailureThreshold()) {
				this.restarts++;
				failures = 0;
			}
		}
	}

	private boolean pause(V1Probe probe) {
		try {
			Thread.sleep(scaled(Duration.ofSeconds(probe.getPeriodSeconds())));
			return true;
		}
		catch (InterruptedException ex) {
			return false;
		}
	}

	private boolean succeeds(V1Probe probe) {
		V1HTTPGetAction action = probe.getHttpGet();
		try {
			int status = new ManagementClient(port(action.getPort().getStrValue())).get(action.getPath()).status();
			return status >= OK && status < FIRST_FAILURE;
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Return whether the pod serves for that long after the decision to end it.
	 */
	boolean servesFor(Duration late) {
		return this.template.preStop().compareTo(late) >= 0;
	}

	/**
	 * End the pod. Clients that route to it learn of that at the same time as the
	 * kubelet.
	 * @param removed done when none of them routes to it any more
	 * @param late how late that is
	 */
	CompletableFuture<End> terminate(CompletableFuture<Void> removed, Duration late) {
		this.terminating = true;
		return CompletableFuture.supplyAsync(() -> {
			try {
				Thread.sleep(scaled(this.template.preStop()));
				if (servesFor(late)) {
					// This machine may be slower than both waits
					removed.join();
				}
				this.process.signal("TERM");
				return awaitEnd(this.template.gracePeriod().minus(this.template.preStop()).multipliedBy(SLOWNESS));
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new IllegalStateException(ex);
			}
		}, Thread::startVirtualThread);
	}

	private End awaitEnd(Duration left) throws InterruptedException {
		long deadline = System.nanoTime() + left.toNanos();
		while (this.process.isAlive() && System.nanoTime() < deadline) {
			Thread.sleep(DemoProcess.POLL_INTERVAL);
		}
		boolean killed = this.process.isAlive();
		if (killed) {
			this.process.tree().forEach((pid) -> Processes.signalUnlessGone("KILL", pid));
		}
		int exitCode = this.process.awaitExit();
		close();
		return new End(exitCode, killed);
	}

	@Override
	public void close() {
		this.kubelet.interrupt();
		this.ready = false;
	}

}
