package dev.tomcorn.it;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1EnvVar;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1Probe;

/**
 * The pod template of a Deployment, as a kubelet reads it.
 *
 * @param pod the pod
 */
record PodTemplate(V1PodSpec pod) {

	static PodTemplate of(V1Deployment deployment) {
		return new PodTemplate(Objects.requireNonNull(deployment.getSpec().getTemplate().getSpec()));
	}

	/**
	 * Return the one container.
	 */
	V1Container container() {
		return this.pod.getContainers().getFirst();
	}

	/**
	 * Return the environment variables.
	 */
	Map<String, String> environment() {
		Map<String, String> environment = new LinkedHashMap<>();
		for (V1EnvVar variable : container().getEnv()) {
			environment.put(variable.getName(), variable.getValue());
		}
		return environment;
	}

	/**
	 * Return the number of a port, by its name.
	 */
	int port(String name) {
		return container().getPorts()
			.stream()
			.filter((port) -> name.equals(port.getName()))
			.findFirst()
			.orElseThrow()
			.getContainerPort();
	}

	Duration preStop() {
		return Duration.ofSeconds(container().getLifecycle().getPreStop().getSleep().getSeconds());
	}

	Duration gracePeriod() {
		return Duration.ofSeconds(this.pod.getTerminationGracePeriodSeconds());
	}

	/**
	 * Return the time after which a probe that never succeeds has failed.
	 */
	static Duration patience(V1Probe probe) {
		return Duration.ofSeconds((long) probe.getPeriodSeconds() * probe.getFailureThreshold());
	}

}
