package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A running Prometheus server, on a port of this machine only, that scrapes one
 * application.
 */
final class PrometheusServer {

	/**
	 * The application's job.
	 */
	static final String JOB = "demo";

	private static final Pattern LISTENING = Pattern.compile("\"Listening on\" address=127\\.0\\.0\\.1:(\\d+)");

	private static final Duration PATIENCE = DemoProcess.PATIENCE;

	private static final Duration END_PATIENCE = Duration.ofSeconds(10);

	private static final int TAIL = 20;

	private static final JsonMapper JSON = new JsonMapper();

	private final Process process;

	private final Path log;

	private int port;

	private PrometheusServer(Process process, Path log) {
		this.process = process;
		this.log = log;
	}

	static PrometheusServer start(Path program, int target, Path rules, Path directory, Path log) throws IOException {
		Path configuration = Files.writeString(directory.resolve("prometheus.yml"), """
				global:
				  scrape_interval: 2s
				  scrape_timeout: 1s
				  evaluation_interval: 1s
				rule_files:
				  - "%s"
				scrape_configs:
				  - job_name: %s
				    metrics_path: /actuator/prometheus
				    static_configs:
				      - targets: ["127.0.0.1:%d"]
				""".formatted(rules, JOB, target));
		Process process = new ProcessBuilder(program.toString(), "--config.file=" + configuration,
				"--storage.tsdb.path=" + directory.resolve("data"), "--web.listen-address=127.0.0.1:0")
			.redirectErrorStream(true)
			.redirectOutput(log.toFile())
			.start();
		return new PrometheusServer(process, log);
	}

	void awaitReady() {
		await("Prometheus").atMost(PATIENCE).until(() -> {
			assertThat(this.process.isAlive()).as(tail()).isTrue();
			Matcher listening = LISTENING.matcher(output());
			if (!listening.find()) {
				return false;
			}
			this.port = Integer.parseInt(listening.group(1));
			return output().contains("Server is ready");
		});
	}

	/**
	 * A time series.
	 *
	 * @param labels its labels, its name being {@code __name__}
	 * @param samples its samples, earliest first
	 */
	record Series(Map<String, String> labels, List<Sample> samples) {

		String name() {
			return this.labels.getOrDefault("__name__", "");
		}

		double last() {
			return this.samples.getLast().value();
		}

	}

	/**
	 * A sample.
	 *
	 * @param at when it was scraped, or computed, in milliseconds since the epoch
	 * @param value its value
	 */
	record Sample(long at, double value) {

		static Sample of(JsonNode pair) {
			return new Sample(Math.round(pair.get(0).asDouble() * 1000), number(pair.get(1).asString()));
		}

		private static double number(String text) {
			return switch (text) {
				case "+Inf" -> Double.POSITIVE_INFINITY;
				case "-Inf" -> Double.NEGATIVE_INFINITY;
				default -> Double.parseDouble(text);
			};
		}

	}

	/**
	 * Return the current value of an expression. For one that ends in a range these are
	 * the samples of the scrapes.
	 */
	List<Series> query(String expression) {
		List<Series> series = new ArrayList<>();
		for (JsonNode result : get("query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8))
			.get("result")) {
			Map<String, String> labels = new TreeMap<>();
			result.get("metric")
				.properties()
				.forEach((label) -> labels.put(label.getKey(), label.getValue().asString()));
			List<Sample> samples = new ArrayList<>();
			if (result.has("value")) {
				samples.add(Sample.of(result.get("value")));
			}
			else {
				result.get("values").forEach((pair) -> samples.add(Sample.of(pair)));
			}
			series.add(new Series(labels, samples));
		}
		return series;
	}

	/**
	 * Return the one current value of an expression. A scrape that takes too long leaves
	 * none until the next.
	 */
	double value(String expression) {
		return await(expression).atMost(PATIENCE)
			.pollDelay(Duration.ZERO)
			.until(() -> query(expression), (series) -> series.size() == 1)
			.getFirst()
			.last();
	}

	/**
	 * Return the type of each metric that the application declares.
	 */
	Map<String, String> types() {
		Map<String, String> types = new TreeMap<>();
		get("targets/metadata")
			.forEach((metric) -> types.put(metric.get("metric").asString(), metric.get("type").asString()));
		return types;
	}

	/**
	 * Return the rules, each with its expression and the result of its last evaluation.
	 */
	List<JsonNode> rules() {
		List<JsonNode> rules = new ArrayList<>();
		get("rules").get("groups").forEach((group) -> group.get("rules").forEach(rules::add));
		return rules;
	}

	/**
	 * Return the alerts that fire now.
	 */
	List<Map<String, String>> firing() {
		List<Map<String, String>> firing = new ArrayList<>();
		for (JsonNode alert : get("alerts").get("alerts")) {
			if (alert.get("state").asString().equals("firing")) {
				Map<String, String> labels = new TreeMap<>();
				alert.get("labels")
					.properties()
					.forEach((label) -> labels.put(label.getKey(), label.getValue().asString()));
				firing.add(labels);
			}
		}
		return firing;
	}

	private JsonNode get(String path) {
		try (HttpConnection connection = new HttpConnection(this.port, PATIENCE)) {
			HttpConnection.Response response = connection.get("/api/v1/" + path);
			assertThat(response.status()).as(path + ": " + response.body()).isEqualTo(200);
			return JSON.readTree(response.body()).get("data");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private String output() {
		try {
			return Files.readString(this.log);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return the last lines of output.
	 */
	String tail() {
		List<String> lines = output().lines().toList();
		return "%s%n%s".formatted(this.log,
				String.join(System.lineSeparator(), lines.subList(Math.max(0, lines.size() - TAIL), lines.size())));
	}

	void end() {
		this.process.destroy();
		try {
			if (!this.process.waitFor(END_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
				this.process.destroyForcibly().waitFor();
			}
		}
		catch (InterruptedException ex) {
			this.process.destroyForcibly();
			Thread.currentThread().interrupt();
		}
	}

}
