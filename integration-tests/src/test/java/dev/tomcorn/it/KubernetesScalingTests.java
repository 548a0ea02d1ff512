package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.openapi.models.V2HorizontalPodAutoscaler;
import io.kubernetes.client.openapi.models.V2PodsMetricSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the queries of the autoscalers of Kubernetes. No autoscaler runs in the
 * build: Prometheus evaluates the queries, and the arithmetic is that of their
 * documentation.
 */
class KubernetesScalingTests {

	private static final String BUSY = "shop-5d8c7b-busy1";

	private static final String IDLE = "shop-5d8c7b-idle1";

	/**
	 * Its queue is unknown, and it has had no request.
	 */
	private static final String FRESH = "shop-5d8c7b-fresh";

	private static final List<String> PODS = List.of(BUSY, IDLE, FRESH);

	private static final Map<String, Double> SATURATION = Map.of(BUSY, 1.0, IDLE, 0.0, FRESH, 0.5);

	/**
	 * Half a second in the kernel's queue, a quarter in the worker.
	 */
	private static final Map<String, Double> QUEUE_TIME = Map.of(BUSY, 0.75, IDLE, 0.0, FRESH, 0.0);

	private static final JsonMapper JSON = new JsonMapper();

	@RegisterExtension
	static final PrometheusTools tools = new PrometheusTools();

	@TempDir
	Path directory;

	private final List<Map<String, Object>> series = new ArrayList<>();

	private final List<Map<String, Object>> expectations = new ArrayList<>();

	@Test
	void bothAutoscalersSeeTheSameLoad() throws IOException {
		tools.assumeInstalled();
		pod("shop", BUSY, "1", "0.5", 64, 16);
		pod("shop", IDLE, "0", "0", 0, 0);
		series("shop", FRESH, "tomcorn_saturation", "", constant("0.5"));
		series("shop", FRESH, "tomcorn_listener_wait_seconds", "", constant("NaN"));
		// These two are not pods of this Deployment
		pod("shop", "shop-admin-5d8c7b-busy1", "1", "8", 64, 64);
		pod("other", BUSY, "1", "8", 64, 64);
		expectEach(adapterQuery("tomcorn_saturation"), SATURATION);
		expectEach(adapterQuery("tomcorn_queue_time_seconds"), QUEUE_TIME);
		expectOne(trigger("saturation", "query"), sum(SATURATION));
		expectOne(trigger("queue-time", "query"), sum(QUEUE_TIME));
		Path tests = Files.writeString(this.directory.resolve("scaling.test.yml"), JSON
			.writeValueAsString(Map.of("evaluation_interval", "15s", "tests", List
				.of(Map.of("interval", "15s", "input_series", this.series, "promql_expr_test", this.expectations)))));
		Figures.print("%s", PrometheusTools.check("test", "rules", tests.toString()));
	}

	@Test
	void bothAutoscalersHaveTheSameTargets() {
		assertThat(target("tomcorn_saturation")).isEqualTo(Double.parseDouble(trigger("saturation", "threshold")));
		assertThat(target("tomcorn_queue_time_seconds"))
			.isEqualTo(Double.parseDouble(trigger("queue-time", "threshold")));
		assertThat(trigger("cpu", "value")).isEqualTo(autoscaler().getSpec()
			.getMetrics()
			.stream()
			.filter((metric) -> metric.getResource() != null)
			.map((metric) -> metric.getResource().getTarget().getAverageUtilization().toString())
			.findFirst()
			.orElseThrow());
		assertThat(adapterRules().stream().map((rule) -> Json.text(rule, "name", "as")))
			.containsExactlyElementsOf(pods().stream().map((metric) -> metric.getMetric().getName()).toList());
	}

	/**
	 * Three pods of which one is busy: saturation needs one more, the queue as many as
	 * may be added at once.
	 */
	@Test
	void queueAsksForMorePodsThanSaturation() {
		assertThat(desired(SATURATION, target("tomcorn_saturation"))).isEqualTo(3);
		assertThat(desired(QUEUE_TIME, target("tomcorn_queue_time_seconds"))).isEqualTo(8);
		assertThat(desired(Map.of(IDLE, 0.0), target("tomcorn_queue_time_seconds"))).isZero();
	}

	private static int desired(Map<String, Double> pods, double target) {
		return (int) Math.ceil(sum(pods) / target);
	}

	private static double sum(Map<String, Double> pods) {
		return pods.values().stream().mapToDouble(Double::doubleValue).sum();
	}

	private void pod(String namespace, String pod, String saturation, String wait, int requests, int seconds) {
		series(namespace, pod, "tomcorn_saturation", "", constant(saturation));
		series(namespace, pod, "tomcorn_listener_wait_seconds", "", constant(wait));
		String stage = "stage=\"waiting\",worker=\"0\",";
		series(namespace, pod, "tomcorn_request_time_seconds_count", stage, "0+%dx20".formatted(requests));
		series(namespace, pod, "tomcorn_request_time_seconds_sum", stage, "0+%dx20".formatted(seconds));
	}

	private void series(String namespace, String pod, String name, String labels, String values) {
		this.series.add(Map.of("series", "%s{%snamespace=\"%s\",pod=\"%s\"}".formatted(name, labels, namespace, pod),
				"values", values));
	}

	private static String constant(String value) {
		return (value + " ").repeat(20).strip();
	}

	private void expectEach(String query, Map<String, Double> values) {
		expect(query,
				new TreeMap<>(values).entrySet()
					.stream()
					.map((pod) -> Map.<String, Object>of("labels", "{pod=\"%s\"}".formatted(pod.getKey()), "value",
							pod.getValue()))
					.toList());
	}

	private void expectOne(String query, double value) {
		expect(query, List.of(Map.of("labels", "{}", "value", value)));
	}

	private void expect(String query, List<Map<String, Object>> samples) {
		this.expectations.add(Map.of("expr", query, "eval_time", "4m", "exp_samples", samples));
	}

	/**
	 * Return a query as the adapter creates it for some pods.
	 */
	private static String adapterQuery(String metric) {
		String query = adapterRules().stream()
			.filter((rule) -> Json.text(rule, "name", "as").equals(metric))
			.map((rule) -> Json.text(rule, "metricsQuery"))
			.findFirst()
			.orElseThrow();
		assertThat(query).contains("<<.LabelMatchers>>").contains("<<.GroupBy>>");
		return query
			.replace("<<.LabelMatchers>>",
					"namespace=\"shop\",pod=~\"%s\"".formatted(PODS.stream().collect(Collectors.joining("|"))))
			.replace("<<.GroupBy>>", "pod");
	}

	private static List<?> adapterRules() {
		try {
			String text = Files
				.readString(KubernetesManifest.DIRECTORY.resolve("overlays/hpa/prometheus-adapter.yaml"));
			return Json.list(new Yaml(new SafeConstructor(new LoaderOptions())).load(text), "rules");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static V2HorizontalPodAutoscaler autoscaler() {
		return KubernetesManifest.of("overlays/hpa/horizontal-pod-autoscaler.yaml").as(V2HorizontalPodAutoscaler.class);
	}

	private static List<V2PodsMetricSource> pods() {
		return autoscaler().getSpec()
			.getMetrics()
			.stream()
			.map((metric) -> metric.getPods())
			.filter((metric) -> metric != null)
			.toList();
	}

	private static double target(String metric) {
		Quantity target = pods().stream()
			.filter((source) -> source.getMetric().getName().equals(metric))
			.map((source) -> source.getTarget().getAverageValue())
			.findFirst()
			.orElseThrow();
		return target.getNumber().doubleValue();
	}

	private static String trigger(String name, String key) {
		return Json.list(KubernetesManifest.of("overlays/keda/scaled-object.yaml").content(), "spec", "triggers")
			.stream()
			.filter((trigger) -> Json.text(trigger, "name").equals(name))
			.map((trigger) -> Json.text(trigger, "metadata", key))
			.findFirst()
			.orElseThrow();
	}

}
