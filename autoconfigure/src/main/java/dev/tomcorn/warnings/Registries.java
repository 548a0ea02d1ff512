package dev.tomcorn.warnings;

import java.util.List;
import java.util.stream.Stream;

import dev.tomcorn.warnings.FleetWarning.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Warnings about service registries whose clients do not support a fleet.
 */
final class Registries {

	private static final String REGISTRATION = "org.springframework.cloud.client.serviceregistry.AutoServiceRegistration";

	private static final String ZOOKEEPER = "org.springframework.cloud.zookeeper.serviceregistry.ZookeeperAutoServiceRegistration";

	/**
	 * Clients that register the fleet as one instance, and the client of Kubernetes,
	 * which registers nothing.
	 */
	private static final List<String> HARMLESS = List.of(
			"org.springframework.cloud.consul.serviceregistry.ConsulAutoServiceRegistration",
			"org.springframework.cloud.netflix.eureka.serviceregistry.EurekaAutoServiceRegistration",
			"org.springframework.cloud.kubernetes.commons.discovery.KubernetesAutoServiceRegistration");

	static final List<FleetWarning> ROWS = List.of(new FleetWarning("service-registry", Scope.EVERY_FLEET,
			Registries::registration,
			"Each worker registers with a service registry for itself, and deregisters at its end (%s): with one id "
					+ "for all, a reload takes the service out",
			"Let the id differ between processes, as by a random value. Then clients see an instance for each worker"));

	private Registries() {
	}

	private static @Nullable String registration(ApplicationFacts application) {
		return application.created(REGISTRATION).flatMap((bean) -> {
			boolean harmless = HARMLESS.stream().anyMatch((type) -> application.isA(bean.instance(), type))
					|| (application.isA(bean.instance(), ZOOKEEPER)
							&& application.property("spring.cloud.zookeeper.discovery.instance-id") == null);
			return harmless ? Stream.empty() : Stream.of("bean '%s'".formatted(bean.name()));
		}).findFirst().orElse(null);
	}

}
