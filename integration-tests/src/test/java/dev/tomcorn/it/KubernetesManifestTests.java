package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.tomcorn.core.arbiter.ArbiterSettings;
import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Probe;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServicePort;
import io.kubernetes.client.openapi.models.V2HorizontalPodAutoscaler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for the manifests for Kubernetes: against the types of its API, and their numbers
 * against each other and against the needs of Tomcorn.
 */
class KubernetesManifestTests {

	/**
	 * Maps with keys of the user.
	 */
	private static final Set<String> FREE = Set.of("labels", "matchLabels", "selector", "limits", "requests");

	/**
	 * Fields of these kinds, for which there are no types: the documentation of the
	 * Prometheus Operator and of KEDA.
	 */
	private static final Map<String, Pattern> CUSTOM = Map
		.of("monitoring.coreos.com/v1 ServiceMonitor",
				Pattern.compile("metadata\\.(name|namespace|labels\\..+)|spec\\.selector\\.matchLabels\\..+"
						+ "|spec\\.endpoints\\[]\\.(port|path|interval|scrapeTimeout)"),
				"keda.sh/v1alpha1 ScaledObject",
				Pattern.compile("metadata\\.(name|namespace|labels\\..+)|spec\\.scaleTargetRef\\.name"
						+ "|spec\\.(pollingInterval|minReplicaCount|maxReplicaCount)"
						+ "|spec\\.fallback\\.(failureThreshold|replicas|behavior)"
						+ "|spec\\.advanced\\.horizontalPodAutoscalerConfig\\.behavior\\."
						+ "scale(Up|Down)\\.(stabilizationWindowSeconds|policies\\[]\\.(type|value|periodSeconds))"
						+ "|spec\\.triggers\\[]\\.(type|name|metricType)|spec\\.triggers\\[]\\.metadata\\."
						+ "(serverAddress|query|threshold|ignoreNullValues|value)"));

	/**
	 * Memory of the arbiter, and of a worker beside its heap. The page for Kubernetes has
	 * the measured values.
	 */
	private static final long ARBITER = 120L << 20;

	private static final long BESIDE_THE_HEAP = 200L << 20;

	private static final int MAX_SURGE = 1;

	private static final Duration BOOT_TIMEOUT = Duration.ofMinutes(2);

	/**
	 * Time to close the application, as in the page about the drain.
	 */
	private static final Duration CLOSE = Duration.ofSeconds(20);

	private static final Pattern HEAP = Pattern.compile("-XX:MaxRAMPercentage=(\\d+)");

	private static final V1Deployment DEPLOYMENT = KubernetesManifest.of("base/deployment.yaml").as(V1Deployment.class);

	private static final PodTemplate POD = PodTemplate.of(DEPLOYMENT);

	static List<Path> files() {
		return KubernetesManifest.files();
	}

	@ParameterizedTest
	@MethodSource("files")
	void everyFieldIsOneOfTheApi(Path file) throws IOException {
		assertFieldsAreKnown(KubernetesManifest.all(Files.readString(file)));
	}

	private static void assertFieldsAreKnown(List<KubernetesManifest> manifests) {
		assertThat(manifests).isNotEmpty();
		for (KubernetesManifest manifest : manifests) {
			if (manifest.typed()) {
				assertThat(manifest.as(Object.class)).as(manifest.toString()).isNotNull();
			}
			else {
				Pattern known = CUSTOM.get(manifest.kind());
				assertThat(known).as(manifest.toString()).isNotNull();
				assertThat(fields(manifest)).as(manifest.toString())
					.allMatch(
							(field) -> Set.of("apiVersion", "kind").contains(field) || known.matcher(field).matches());
			}
		}
	}

	private static List<String> fields(KubernetesManifest manifest) {
		List<String> fields = new ArrayList<>();
		collect("", manifest.content(), fields);
		return fields;
	}

	private static void collect(String name, Object value, List<String> fields) {
		switch (value) {
			case Map<?, ?> map ->
				map.forEach((key, child) -> collect(name.isEmpty() ? key.toString() : name + "." + key, child, fields));
			case List<?> list -> list.forEach((child) -> collect(name + "[]", child, fields));
			default -> fields.add(name);
		}
	}

	/**
	 * The types refuse unknown fields at every depth. Otherwise the test above would
	 * prove nothing.
	 */
	@ParameterizedTest
	@MethodSource("files")
	void fieldThatTheApiDoesNotKnowIsRefusedWhereverItIs(Path file) throws IOException {
		KubernetesManifest manifest = KubernetesManifest.all(Files.readString(file)).getFirst();
		List<Map<String, Object>> objects = new ArrayList<>();
		objects("", manifest.content(), objects);
		for (Map<String, Object> object : objects) {
			object.put("unknown", "value");
			if (manifest.typed()) {
				assertThatIllegalArgumentException().as("an unknown field in %s", object)
					.isThrownBy(() -> manifest.as(Object.class));
			}
			else {
				assertThat(fields(manifest)).anyMatch((field) -> !CUSTOM.get(manifest.kind()).matcher(field).matches());
			}
			object.remove("unknown");
		}
		assertFieldsAreKnown(List.of(manifest));
	}

	private static void objects(String name, Object value, List<Map<String, Object>> objects) {
		switch (value) {
			case Map<?, ?> map when !(FREE.contains(name) && !map.containsKey("matchLabels")) -> {
				objects.add(Json.map(map));
				map.forEach((key, child) -> objects(key.toString(), child, objects));
			}
			case List<?> list -> list.forEach((child) -> objects(name, child, objects));
			default -> {
			}
		}
	}

	@Test
	void fieldThatTheApiRequiresIsMissed() {
		KubernetesManifest manifest = KubernetesManifest.of("base/deployment.yaml");
		Json.map(Json.at(manifest.content(), "spec")).remove("selector");
		assertThatIllegalArgumentException().isThrownBy(() -> manifest.as(V1Deployment.class))
			.withMessageContaining("selector");
	}

	@Test
	void overlaysAreBuilt() throws IOException {
		Kubectl.assumeInstalled();
		try (Stream<Path> overlays = Files.list(KubernetesManifest.DIRECTORY.resolve("overlays"))) {
			List<Path> directories = overlays.sorted().toList();
			assertThat(directories).hasSize(3);
			for (Path overlay : directories) {
				List<KubernetesManifest> manifests = Kubectl.kustomize(overlay);
				Figures.print("%s: %s", overlay.getFileName(), manifests);
				assertFieldsAreKnown(manifests);
				assertThat(manifests)
					.allMatch((manifest) -> Json.text(manifest.content(), "metadata", "namespace").equals("shop"));
				assertOverlayIsWhole(overlay, manifests);
			}
		}
	}

	private static void assertOverlayIsWhole(Path overlay, List<KubernetesManifest> manifests) {
		V1Deployment deployment = manifests.stream()
			.filter((manifest) -> manifest.kind().endsWith("Deployment"))
			.findFirst()
			.orElseThrow()
			.as(V1Deployment.class);
		assertThat(PodTemplate.of(deployment).container().getImage()).contains("/").contains(":");
		boolean scaled = manifests.stream().anyMatch((manifest) -> manifest.kind().matches(".* (Horiz|Scaled).*"));
		// Applying the manifests again would otherwise remove the pods that were added
		assertThat(deployment.getSpec().getReplicas() == null).as("pods of %s are somebody else's to count", overlay)
			.isEqualTo(scaled);
	}

	@Test
	void podsAreFoundByWhatIsAboutThem() {
		Map<String, String> labels = DEPLOYMENT.getSpec().getTemplate().getMetadata().getLabels();
		V1Service service = KubernetesManifest.of("base/service.yaml").as(V1Service.class);
		V1Service management = KubernetesManifest.of("components/service-monitor/service.yaml").as(V1Service.class);
		KubernetesManifest monitor = KubernetesManifest.of("components/service-monitor/service-monitor.yaml");
		V1PodDisruptionBudget budget = KubernetesManifest.of("base/pod-disruption-budget.yaml")
			.as(V1PodDisruptionBudget.class);
		assertThat(DEPLOYMENT.getSpec().getSelector().getMatchLabels()).isEqualTo(labels);
		assertThat(budget.getSpec().getSelector().getMatchLabels()).isEqualTo(labels);
		assertThat(POD.pod().getTopologySpreadConstraints().getFirst().getLabelSelector().getMatchLabels())
			.isEqualTo(labels);
		assertThat(service.getSpec().getSelector()).isEqualTo(labels);
		assertThat(management.getSpec().getSelector()).isEqualTo(labels);
		assertThat(target(service)).isEqualTo(8080);
		assertThat(target(management)).isEqualTo(8081);
		assertThat(Json.map(Json.at(monitor.content(), "spec", "selector", "matchLabels")))
			.isEqualTo(management.getMetadata().getLabels())
			.isNotEqualTo(service.getMetadata().getLabels());
		assertThat(Json.text(monitor.content(), "spec", "endpoints", 0, "port"))
			.isEqualTo(management.getSpec().getPorts().getFirst().getName());
	}

	private static int target(V1Service service) {
		V1ServicePort port = service.getSpec().getPorts().getFirst();
		return POD.port(port.getTargetPort().getStrValue());
	}

	@Test
	void portsAreThoseOfTheApplication() {
		assertThat(POD.environment()).containsEntry("SERVER_PORT", Integer.toString(POD.port("http")))
			.containsEntry("MANAGEMENT_SERVER_PORT", Integer.toString(POD.port("management")));
	}

	@Test
	void propertiesExist() {
		ConfigurationMetadata metadata = ConfigurationMetadata.load();
		assertThat(POD.environment().keySet().stream().filter((name) -> !name.equals("JDK_JAVA_OPTIONS"))).isNotEmpty()
			.allMatch((name) -> metadata.properties()
				.keySet()
				.stream()
				.anyMatch((property) -> property.replace("-", "").replace('.', '_').equalsIgnoreCase(name)
						|| property.replaceAll("[.-]", "_").equalsIgnoreCase(name)));
	}

	@Test
	void gracePeriodIsEnoughForEveryStepOfTheEnd() {
		Duration drain = Duration.parse("PT" + POD.environment().get("TOMCORN_GRACEFUL_TIMEOUT"));
		assertThat(POD.preStop()).isPositive();
		assertThat(POD.gracePeriod()).isGreaterThanOrEqualTo(POD.preStop().plus(drain).plus(CLOSE));
	}

	@Test
	void probesWaitForABoot() {
		V1Probe startup = POD.container().getStartupProbe();
		V1Probe liveness = POD.container().getLivenessProbe();
		V1Probe readiness = POD.container().getReadinessProbe();
		assertThat(PodTemplate.patience(startup)).isGreaterThan(BOOT_TIMEOUT);
		// If all workers die at once, nothing answers until one has booted
		assertThat(PodTemplate.patience(liveness)).isGreaterThanOrEqualTo(BOOT_TIMEOUT);
		assertThat(PodTemplate.patience(readiness)).isLessThan(PodTemplate.patience(liveness));
		assertThat(Stream.of(startup, readiness, liveness))
			.allMatch((probe) -> probe.getHttpGet().getPort().getStrValue().equals("management"));
		assertThat(DEPLOYMENT.getSpec().getProgressDeadlineSeconds())
			.isGreaterThan((int) PodTemplate.patience(startup).toSeconds());
	}

	/**
	 * Workers share the heap that one JVM would have had. A reload or a recycling boots
	 * one more before one ends.
	 */
	@Test
	void memoryIsEnoughForAllWorkersAndOneMore() {
		Quantity limit = POD.container().getResources().getLimits().get("memory");
		int workers = Integer.parseInt(POD.environment().get("TOMCORN_WORKERS"));
		long percentage = HEAP.matcher(POD.environment().get("JDK_JAVA_OPTIONS"))
			.results()
			.mapToLong((match) -> Long.parseLong(match.group(1)))
			.findFirst()
			.orElseThrow();
		long heap = limit.getNumber().longValueExact() * percentage / 100 / workers;
		long needed = ARBITER + (workers + MAX_SURGE) * (heap + BESIDE_THE_HEAP);
		Figures.print("%d workers with %d MB of heap each, %d MB of %s needed with one more", workers, heap >> 20,
				needed >> 20, limit.toSuffixedString());
		assertThat(needed).isLessThanOrEqualTo(limit.getNumber().longValueExact());
		assertThat(POD.container().getResources().getRequests().get("memory")).isEqualTo(limit);
		assertThat(workers).isLessThanOrEqualTo(ArbiterSettings.MAX_WORKERS);
	}

	@Test
	void containerHasNoRightsAndWritesToItsVolumesOnly() {
		assertThat(POD.pod().getSecurityContext().getRunAsNonRoot()).isTrue();
		assertThat(POD.pod().getSecurityContext().getRunAsUser()).isPositive();
		assertThat(POD.pod().getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
		assertThat(POD.container().getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
		assertThat(POD.container().getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
		assertThat(POD.container().getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
		assertThat(POD.container().getVolumeMounts().stream().map((mount) -> mount.getMountPath()))
			.containsExactlyInAnyOrder(POD.environment().get("TOMCORN_RUN_DIRECTORY"), "/tmp");
		assertThat(POD.pod().getVolumes()).allMatch((volume) -> volume.getEmptyDir() != null);
	}

	@Test
	void autoscalersScaleAlike() {
		V2HorizontalPodAutoscaler autoscaler = KubernetesManifest.of("overlays/hpa/horizontal-pod-autoscaler.yaml")
			.as(V2HorizontalPodAutoscaler.class);
		KubernetesManifest scaled = KubernetesManifest.of("overlays/keda/scaled-object.yaml");
		assertThat(autoscaler.getSpec().getScaleTargetRef().getName()).isEqualTo(DEPLOYMENT.getMetadata().getName())
			.isEqualTo(Json.text(scaled.content(), "spec", "scaleTargetRef", "name"));
		assertThat(Json.at(scaled.content(), "spec", "minReplicaCount"))
			.isEqualTo(autoscaler.getSpec().getMinReplicas());
		assertThat(Json.at(scaled.content(), "spec", "maxReplicaCount"))
			.isEqualTo(autoscaler.getSpec().getMaxReplicas());
		assertThat(Json.at(scaled.content(), "spec", "advanced", "horizontalPodAutoscalerConfig", "behavior"))
			.isEqualTo(Json.at(KubernetesManifest.of("overlays/hpa/horizontal-pod-autoscaler.yaml").content(), "spec",
					"behavior"));
	}

}
