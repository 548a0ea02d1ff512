package dev.tomcorn.ecosystem;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import com.netflix.appinfo.ApplicationInfoManager;
import com.netflix.appinfo.HealthCheckHandler;
import com.netflix.appinfo.InstanceInfo.InstanceStatus;
import de.codecentric.boot.admin.client.registration.Application;
import de.codecentric.boot.admin.client.registration.ApplicationRegistrator;
import de.codecentric.boot.admin.client.registration.DefaultApplicationRegistrator;
import de.codecentric.boot.admin.client.registration.RegistrationApplicationListener;
import de.codecentric.boot.admin.client.registration.RestClientRegistrationClient;
import dev.tomcorn.actuate.WorkersHealthIndicator;
import dev.tomcorn.registry.RegistryAutoConfiguration;
import dev.tomcorn.worker.WorkerProcess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import org.springframework.cloud.autoconfigure.RefreshAutoConfiguration;
import org.springframework.cloud.client.serviceregistry.AutoServiceRegistrationAutoConfiguration;
import org.springframework.cloud.client.serviceregistry.AutoServiceRegistrationConfiguration;
import org.springframework.cloud.commons.util.UtilAutoConfiguration;
import org.springframework.cloud.consul.ConsulAutoConfiguration;
import org.springframework.cloud.consul.discovery.ConsulDiscoveryClientConfiguration;
import org.springframework.cloud.consul.serviceregistry.ConsulAutoServiceRegistration;
import org.springframework.cloud.consul.serviceregistry.ConsulAutoServiceRegistrationAutoConfiguration;
import org.springframework.cloud.consul.serviceregistry.ConsulRegistration;
import org.springframework.cloud.consul.serviceregistry.ConsulServiceRegistry;
import org.springframework.cloud.consul.serviceregistry.ConsulServiceRegistryAutoConfiguration;
import org.springframework.cloud.consul.support.ConsulHeartbeatAutoConfiguration;
import org.springframework.cloud.netflix.eureka.EurekaClientAutoConfiguration;
import org.springframework.cloud.netflix.eureka.EurekaDiscoveryClientConfiguration;
import org.springframework.cloud.netflix.eureka.config.DiscoveryClientOptionalArgsConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for a fleet in a service registry, with the real clients.
 */
@Execution(ExecutionMode.CONCURRENT)
class ServiceRegistryTests {

	private StubRegistry registry;

	private TestFleet fleet;

	@BeforeEach
	void start(@TempDir Path directory) throws IOException {
		this.registry = new StubRegistry();
		this.fleet = new TestFleet(directory);
	}

	@AfterEach
	void stop() {
		this.fleet.close();
		this.registry.close();
	}

	private TestFleet.Member consul(String... more) {
		List<String> properties = new ArrayList<>(List.of("spring.application.name=app", "server.port=8080",
				"spring.cloud.consul.host=127.0.0.1", "spring.cloud.consul.port=" + this.registry.port(),
				"spring.cloud.consul.discovery.port=8080", "spring.cloud.consul.discovery.hostname=127.0.0.1"));
		properties.addAll(List.of(more));
		TestFleet.Member member = this.fleet.boot(properties, UtilAutoConfiguration.class,
				ConsulAutoConfiguration.class, ConsulDiscoveryClientConfiguration.class,
				ConsulHeartbeatAutoConfiguration.class, AutoServiceRegistrationConfiguration.class,
				AutoServiceRegistrationAutoConfiguration.class, ConsulServiceRegistryAutoConfiguration.class,
				ConsulAutoServiceRegistrationAutoConfiguration.class, RegistryAutoConfiguration.class);
		member.context.getBean(ConsulAutoServiceRegistration.class).start();
		return member;
	}

	private TestFleet.Member eureka(String... more) {
		List<String> properties = new ArrayList<>(List.of("spring.application.name=app", "server.port=8080",
				"eureka.client.service-url.defaultZone=http://127.0.0.1:" + this.registry.port() + "/eureka/",
				"eureka.client.fetch-registry=false", "eureka.client.jersey.enabled=false",
				"eureka.instance.hostname=127.0.0.1", "eureka.instance.instance-id=app-8080",
				"eureka.instance.lease-renewal-interval-in-seconds=1",
				// The end of the client waits for the task that this delays
				"eureka.client.instance-info-replication-interval-seconds=1"));
		properties.addAll(List.of(more));
		return this.fleet.boot(properties, UtilAutoConfiguration.class, RefreshAutoConfiguration.class,
				DiscoveryClientOptionalArgsConfiguration.class, EurekaDiscoveryClientConfiguration.class,
				AutoServiceRegistrationConfiguration.class, AutoServiceRegistrationAutoConfiguration.class,
				EurekaClientAutoConfiguration.class, RegistryAutoConfiguration.class, Health.class);
	}

	private void awaitCalls(String... calls) {
		await().untilAsserted(() -> assertThat(this.registry.calls).contains(calls));
	}

	@Test
	void consulHasOneInstanceFromTheFirstWorkerToTheEndOfTheLast() {
		TestFleet.Member first = consul();
		assertThat(this.registry.ids()).as("as plain Boot does, while it boots").containsExactly("app-8080");
		first.serve();
		TestFleet.Member second = consul();
		assertThat(this.registry.calls).as("it does not serve yet").hasSize(1);
		second.serve();
		await().until(() -> this.registry.calls.size() == 2);
		first.end();
		assertThat(this.registry.calls).as("recycled").hasSize(2);
		TestFleet.Member third = consul().serve();
		await().until(() -> this.registry.calls.size() == 3);
		second.kill();
		third.drain();
		awaitCalls("deregister app-8080");
		third.context.close();
		assertThat(this.registry.ids()).isEmpty();
		assertThat(this.registry.calls).filteredOn((call) -> call.startsWith("deregister")).hasSize(1);
	}

	@Test
	void successorThatHasBootedKeepsTheInstanceOfTheOnlyWorker() {
		TestFleet.Member first = consul().serve();
		TestFleet.Member second = consul();
		first.end();
		assertThat(this.registry.calls).as("before the successor has begun to serve")
			.containsExactly("register app-8080 UP");
		second.serve();
		await().until(() -> this.registry.calls.size() == 2);
		second.end();
		assertThat(this.registry.ids()).isEmpty();
	}

	@Test
	void workersWithIdsOfTheirOwnDeregisterThem() {
		TestFleet.Member first = consul("spring.cloud.consul.discovery.instance-id=app-1").serve();
		TestFleet.Member second = consul("spring.cloud.consul.discovery.instance-id=app-2").serve();
		await().until(() -> this.registry.ids().size() == 2);
		first.end();
		assertThat(this.registry.ids()).containsExactly("app-2");
		second.end();
		assertThat(this.registry.ids()).isEmpty();
	}

	@Test
	void heartbeatsForConsulEndWithTheWorkerThatSendsThem() {
		String[] heartbeats = { "spring.cloud.consul.discovery.heartbeat.enabled=true",
				"spring.cloud.consul.discovery.heartbeat.ttl=2s",
				"spring.cloud.consul.discovery.heartbeat.reregister-service-on-failure=true" };
		TestFleet.Member first = consul(heartbeats).serve();
		TestFleet.Member second = consul(heartbeats).serve();
		awaitCalls("beat service:app-8080");
		first.drain();
		second.end();
		await("the last of the two").until(() -> this.registry.ids().isEmpty());
		consul(heartbeats[0], heartbeats[1], "spring.cloud.consul.discovery.instance-id=another").serve();
		awaitCalls("beat service:another");
		long beats = beats("app-8080");
		await("as often as the others would have").until(() -> beats("another") > 2);
		assertThat(beats("app-8080")).as("neither of the two sends any").isEqualTo(beats);
		assertThat(this.registry.ids()).as("the worker that drains does not register it again")
			.containsExactly("another");
	}

	private long beats(String id) {
		return this.registry.calls.stream().filter(("beat service:" + id)::equals).count();
	}

	@Test
	void applicationMayDeregisterItselfFromConsulWhileItServes() {
		TestFleet.Member first = consul().serve();
		consul().serve();
		await().until(() -> this.registry.calls.size() == 2);
		first.context.getBean(ConsulServiceRegistry.class).deregister(first.context.getBean(ConsulRegistration.class));
		assertThat(this.registry.ids()).isEmpty();
	}

	@Test
	void settingNotToDeregisterFromConsulHolds() {
		consul("spring.cloud.consul.discovery.deregister=false").serve().end();
		assertThat(this.registry.ids()).containsExactly("app-8080");
	}

	@Test
	void eurekaHasOneInstanceFromTheFirstWorkerToTheEndOfTheLast() {
		TestFleet.Member first = eureka();
		awaitCalls("register app-8080 UP");
		first.serve();
		this.registry.instances.put("app-8080", "OUT_OF_SERVICE");
		TestFleet.Member second = eureka();
		int registrations = registrations();
		awaitBeats();
		assertThat(registrations()).as("it does not serve yet").isEqualTo(registrations);
		second.serve();
		await().until(() -> registrations() > registrations);
		first.end();
		assertThat(this.registry.instances).as("recycled").containsEntry("app-8080", "UP");
		awaitBeats();
		second.drain();
		awaitCalls("deregister app-8080");
		second.context.close();
		assertThat(this.registry.ids()).isEmpty();
		assertThat(this.registry.calls).filteredOn((call) -> call.startsWith("deregister")).hasSize(1);
		assertThat(this.registry.calls).doesNotContain("register app-8080 DOWN");
	}

	@Test
	void settingNotToDeregisterFromEurekaHolds() {
		TestFleet.Member only = eureka("eureka.client.should-unregister-on-shutdown=false");
		awaitCalls("register app-8080 UP");
		only.serve().end();
		assertThat(this.registry.ids()).containsExactly("app-8080");
	}

	private int registrations() {
		return (int) this.registry.calls.stream().filter((call) -> call.startsWith("register")).count();
	}

	private void awaitBeats() {
		int calls = this.registry.calls.size();
		await().until(() -> this.registry.calls.subList(calls, this.registry.calls.size()).contains("beat app-8080"));
	}

	@Test
	void degradedFleetIsUpInEureka() {
		TestFleet.Member first = eureka("eureka.client.healthcheck.enabled=true").serve();
		this.fleet.lose(1);
		assertThat(first.context.getBean(WorkersHealthIndicator.class).health().getStatus())
			.isEqualTo(WorkersHealthIndicator.DEGRADED);
		assertThat(first.context.getBean(HealthCheckHandler.class).getStatus(InstanceStatus.UP))
			.isEqualTo(InstanceStatus.UP);
	}

	@Test
	void workerThatSaysDownLeavesEurekaToTheOthers() {
		TestFleet.Member first = eureka().serve();
		eureka().serve();
		first.context.getBean(ApplicationInfoManager.class).setInstanceStatus(InstanceStatus.DOWN);
		awaitCalls("register app-8080 DOWN");
		first.drain();
		awaitCalls("deregister app-8080");
		await("the other registers it again").until(() -> "UP".equals(this.registry.instances.get("app-8080")));
	}

	@Test
	void springBootAdminHasOneInstanceAndOneWorkerThatTellsOfIt() {
		TestFleet.Member first = admin().serve();
		awaitCalls("register http://localhost:8080/actuator/health UP");
		first.lead(true);
		TestFleet.Member second = admin().serve();
		int before = registrations();
		ApplicationRegistrator registrator = second.context.getBean(ApplicationRegistrator.class);
		assertThat(registrator.register()).isTrue();
		assertThat(registrations()).as("only the leader does").isEqualTo(before);
		first.end();
		assertThat(this.registry.calls).doesNotContain("deregister 1");
		second.end();
		assertThat(this.registry.calls).contains("deregister 1");
	}

	private TestFleet.Member admin() {
		TestFleet.Member member = this.fleet.boot(
				List.of("spring.boot.admin.client.url=http://127.0.0.1:" + this.registry.port(),
						"spring.boot.admin.client.auto-deregistration=true"),
				Admin.class, RegistryAutoConfiguration.class);
		TestWorker.ready(member.context);
		return member;
	}

	/**
	 * The client as its auto-configuration defines it, which needs a web application.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Admin {

		@Bean
		ApplicationRegistrator registrator(Environment environment) {
			Application application = Application.create("app")
				.healthUrl("http://localhost:8080/actuator/health")
				.build();
			return new DefaultApplicationRegistrator(() -> application,
					new RestClientRegistrationClient(RestClient.create()),
					new String[] { environment.getProperty("spring.boot.admin.client.url") + "/instances" }, true);
		}

		@Bean
		RegistrationApplicationListener registrationListener(ApplicationRegistrator registrator) {
			RegistrationApplicationListener listener = new RegistrationApplicationListener(registrator);
			listener.setAutoDeregister(true);
			return listener;
		}

	}

	/**
	 * Beans that the actuator would define.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Health {

		@Bean
		WorkersHealthIndicator workersHealthIndicator(WorkerProcess process) {
			return new WorkersHealthIndicator(process);
		}

	}

}
