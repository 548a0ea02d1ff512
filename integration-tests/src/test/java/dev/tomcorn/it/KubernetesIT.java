package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.tomcorn.it.Pod.End;
import io.kubernetes.client.openapi.models.V1Deployment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The manifests for Kubernetes on real fleets: a rolling update replaces a pod by
 * another, under load.
 */
class KubernetesIT {

	private static final PodTemplate TEMPLATE = PodTemplate
		.of(KubernetesManifest.of("base/deployment.yaml").as(V1Deployment.class));

	/**
	 * Of a pod: fewer than the manifest says in a build.
	 */
	private static final int WORKERS = Boolean.getBoolean("chaos.full")
			? Integer.parseInt(TEMPLATE.environment().get("TOMCORN_WORKERS")) : 1;

	private static final Pattern METER = Pattern.compile("\\btomcorn_[a-z_]+(?=\\{)");

	/**
	 * Time until the last node knows of the end of a pod.
	 */
	private static final Duration LAST_NODE = Duration.ofSeconds(5);

	private static final int KEPT = 3;

	private static final int NEW = 3;

	/**
	 * Requests that wait, so that a pod has CPU left to boot.
	 */
	private static final String LOAD = "/io?ms=600";

	private static final int SOME = 20;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@TempDir
	Path directory;

	private final ServiceEndpoints service = new ServiceEndpoints();

	private Pod first;

	private Pod second;

	@AfterEach
	void stopAsking() {
		Stream.of(this.first, this.second).filter((pod) -> pod != null).forEach(Pod::close);
	}

	@Test
	void rollingUpdateLosesNoRequest() throws IOException {
		this.first = start("first");
		assertThat(this.first.ready()).as("ready before it has booted").isFalse();
		this.first.awaitReady();
		Set<Long> before = this.first.awaitWorkers();
		LoadGenerator generator = new LoadGenerator(this.service::port, DemoProcess.PATIENCE);
		try (LoadGenerator.Load load = generator.start(KEPT, NEW, LOAD)) {
			awaitServedBy(load, before);
			this.second = start("second");
			this.second.awaitReady();
			Set<Long> after = this.second.awaitWorkers();
			awaitServedBy(load, after);
			CompletableFuture<Void> removed = this.service.remove(this.first, LAST_NODE);
			CompletableFuture<End> end = this.first.terminate(removed, LAST_NODE);
			assertThat(removed).isNotDone();
			assertThat(end.join()).isEqualTo(new End(0, false));
			assertThat(load.soFar().failures().exchanges()).as("requests that failed").isEmpty();
			removed.join();
			long replacedAt = System.nanoTime();
			awaitMore(load);
			Tally tally = load.stop();
			tally.print("a pod of %d workers replaced by another, %d kept and %d new connections at a time"
				.formatted(before.size(), KEPT, NEW));
			tally.assertAllOk(tally.size());
			assertThat(tally.byPid().keySet()).as("who has served")
				.isEqualTo(Stream.of(before, after).flatMap(Set::stream).collect(Collectors.toSet()));
			assertThat(tally.only((exchange) -> exchange.begun() > replacedAt).byPid().keySet()).as("who serves now")
				.isEqualTo(after);
		}
		assertThat(Stream.of(this.first, this.second)).as("restarts by the kubelet")
			.allMatch((pod) -> pod.started() && pod.restarts() == 0);
		exportsWhatAutoscalersAskFor();
	}

	private Pod start(String name) {
		Launch launch = Launch.demo().arguments("--tomcorn.arbiter.enabled=true");
		for (var variable : TEMPLATE.environment().entrySet()) {
			launch = launch.environment(variable.getKey(), switch (variable.getKey()) {
				// Several pods are on this machine
				case "TOMCORN_WORKERS" -> Integer.toString(WORKERS);
				case "SERVER_PORT", "MANAGEMENT_SERVER_PORT" -> "0";
				case "TOMCORN_RUN_DIRECTORY" -> this.directory.resolve(name).toString();
				default -> variable.getValue();
			});
		}
		Pod pod = new Pod(this.apps.start(launch), TEMPLATE, WORKERS);
		this.service.add(pod);
		return pod;
	}

	private static void awaitMore(LoadGenerator.Load load) {
		int size = load.soFar().size() + SOME;
		await("requests").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().size() >= size);
	}

	private static void awaitServedBy(LoadGenerator.Load load, Set<Long> workers) {
		await("answers of a pod").atMost(DemoProcess.PATIENCE)
			.until(() -> load.soFar().byPid().keySet().containsAll(workers));
	}

	private void exportsWhatAutoscalersAskFor() throws IOException {
		String scrape = this.second.management().get("/actuator/prometheus").body();
		Set<String> meters = Stream.of("overlays/hpa/prometheus-adapter.yaml", "overlays/keda/scaled-object.yaml")
			.map((file) -> read(KubernetesManifest.DIRECTORY.resolve(file)))
			.flatMap((text) -> METER.matcher(text).results().map(MatchResult::group))
			.collect(Collectors.toSet());
		assertThat(meters).hasSizeGreaterThan(2)
			.allSatisfy((meter) -> assertThat(scrape).containsPattern("(?m)^" + meter + "[{ ]"));
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
