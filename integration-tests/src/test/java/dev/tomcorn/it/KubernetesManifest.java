package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V2HorizontalPodAutoscaler;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.json.JsonMapper;

/**
 * An object of Kubernetes in the documentation.
 *
 * @param kind the API's group and version, and the kind
 * @param name its name
 * @param content all of its fields
 */
record KubernetesManifest(String kind, String name, Map<String, Object> content) {

	static final Path DIRECTORY = Documentation.DOCS.resolve("deploy/kubernetes");

	private static final JsonMapper JSON = new JsonMapper();

	private static final Map<String, Reader> READERS = Map.of("apps/v1 Deployment", V1Deployment::fromJson,
			"v1 Service", V1Service::fromJson, "policy/v1 PodDisruptionBudget", V1PodDisruptionBudget::fromJson,
			"autoscaling/v2 HorizontalPodAutoscaler", V2HorizontalPodAutoscaler::fromJson);

	/**
	 * Reads an object of the API. It fails on a field that the API does not have, and on
	 * a missing field that the API requires.
	 */
	@FunctionalInterface
	private interface Reader {

		Object read(String json) throws IOException;

	}

	/**
	 * Read a file with one object.
	 */
	static KubernetesManifest of(String file) {
		try {
			return all(Files.readString(DIRECTORY.resolve(file))).getFirst();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Read objects from YAML. A duplicate key is an error.
	 */
	static List<KubernetesManifest> all(String yaml) {
		LoaderOptions options = new LoaderOptions();
		options.setAllowDuplicateKeys(false);
		List<KubernetesManifest> manifests = new ArrayList<>();
		for (Object document : new Yaml(new SafeConstructor(options)).loadAll(yaml)) {
			Map<String, Object> content = Json.map(document);
			manifests.add(new KubernetesManifest("%s %s".formatted(content.get("apiVersion"), content.get("kind")),
					Json.text(content, "metadata", "name"), content));
		}
		return manifests;
	}

	/**
	 * Return every file with objects, without files for kustomize and other programs.
	 */
	static List<Path> files() {
		try (Stream<Path> files = Files.walk(DIRECTORY)) {
			return files
				.filter((file) -> file.toString().endsWith(".yaml") && !file.endsWith("kustomization.yaml")
						&& !file.endsWith("prometheus-adapter.yaml"))
				.sorted()
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return whether the type of the object is available.
	 */
	boolean typed() {
		return READERS.containsKey(this.kind);
	}

	/**
	 * Read the object like an API server with strict validation.
	 * @throws IllegalArgumentException if a field is unknown or missing
	 */
	<T> T as(Class<T> type) {
		Reader reader = READERS.get(this.kind);
		if (reader == null) {
			throw new IllegalStateException("There is no type for " + this.kind);
		}
		try {
			return type.cast(reader.read(JSON.writeValueAsString(this.content)));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public String toString() {
		return "%s %s".formatted(this.kind, this.name);
	}

}
