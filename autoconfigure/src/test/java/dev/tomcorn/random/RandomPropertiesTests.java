package dev.tomcorn.random;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.RandomValuePropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link RandomProperties}.
 */
class RandomPropertiesTests {

	private final byte[] secret = new byte[32];

	private final Map<String, Object> variables = new LinkedHashMap<>();

	private final Map<String, Object> configuration = new LinkedHashMap<>();

	/**
	 * Return the environment of another worker at each call.
	 */
	private ConfigurableEnvironment worker() {
		StandardEnvironment environment = new StandardEnvironment();
		String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
		environment.getPropertySources().replace(name, new SystemEnvironmentPropertySource(name, this.variables));
		environment.getPropertySources().addLast(new MapPropertySource("configuration", this.configuration));
		RandomValuePropertySource.addToEnvironment(environment);
		ConfigurationPropertySources.attach(environment);
		RandomProperties.share(environment, new FleetSecret(this.secret));
		return environment;
	}

	private String drawn(String value) {
		this.configuration.put("app.value", value);
		String drawn = worker().getRequiredProperty("app.value");
		assertThat(worker().getProperty("app.value")).isEqualTo(drawn);
		return drawn;
	}

	@Test
	void allWorkersDrawTheSameInTheFormatsOfBoot() {
		assertThat(UUID.fromString(drawn("${random.uuid}")).version()).isEqualTo(4);
		assertThat(UUID.fromString(drawn("${random.uuid}")).variant()).isEqualTo(2);
		assertThat(drawn("${random.value}")).matches("[0-9a-f]{32}");
		assertThat(drawn("${random.int}")).satisfies(Integer::parseInt);
		assertThat(drawn("${random.long}")).satisfies(Long::parseLong);
		assertThat(Integer.parseInt(drawn("${random.int(10)}"))).isBetween(0, 9);
		assertThat(Integer.parseInt(drawn("${random.int[100,103]}"))).isBetween(100, 102);
		assertThat(Long.parseLong(drawn("${random.long(-5,-3)}"))).isBetween(-5L, -4L);
		assertThat(drawn("a-${random.int(1)}-${random.value}-z")).matches("a-0-[0-9a-f]{32}-z");
		assertThat(drawn("${app.unknown:${random.value}}")).matches("[0-9a-f]{32}");
		assertThat(drawn("${random.uuid:none}")).hasSize(36);
	}

	@Test
	void boundsMayBeProperties() {
		this.configuration.put("app.max", "8");
		assertThat(drawn("${random.int[7,${app.max}]}")).isEqualTo("7");
	}

	@Test
	void circleIsReportedAsInBoot() {
		this.configuration.put("app.value", "${random.int[0,${app.value}]}");
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> worker().getProperty("app.value"));
	}

	@Test
	void eachDrawIsOfItsOwn() {
		assertThat(drawn("${random.value} ${random.value}").split(" ")).doesNotHaveDuplicates();
		this.configuration.put("app.other", "${random.value}");
		assertThat(drawn("${random.value}")).isNotEqualTo(worker().getProperty("app.other"));
	}

	@Test
	void otherFleetDrawsOtherValues() {
		String before = drawn("${random.uuid}");
		this.secret[0] = 1;
		assertThat(drawn("${random.uuid}")).isNotEqualTo(before);
	}

	@Test
	void propertyThatRefersToOneHasItsValue() {
		this.configuration.put("app.key", "${random.uuid}");
		assertThat(drawn("key ${app.key}")).isEqualTo("key " + worker().getProperty("app.key"));
	}

	@Test
	void propertyMayTellWorkersApart() {
		this.configuration.put("app.value", "${random.value}-${tomcorn.worker.index}");
		this.configuration.put("tomcorn.worker.index", "0");
		String first = worker().getRequiredProperty("app.value");
		this.configuration.put("tomcorn.worker.index", "1");
		assertThat(worker().getProperty("app.value")).isEqualTo(first.replaceAll("0$", "1"));
	}

	@Test
	void keyOfSpringCloudHasOneValueInEveryProperty() {
		this.configuration.put("spring.application.name", "shop");
		this.configuration.put("app.other", "${cachedrandom.shop.value:none}");
		assertThat(drawn("${cachedrandom.${spring.application.name}.value}")).matches("[0-9a-f]{32}")
			.isEqualTo(worker().getProperty("app.other"));
	}

	@Test
	void variableIsFoundByItsOtherSpellings() {
		this.variables.put("APP_SIGNINGKEY", "${random.uuid}");
		String key = Binder.get(worker()).bind("app.signing-key", String.class).get();
		assertThat(key).hasSize(36);
		assertThat(Binder.get(worker()).bind("app.signing-key", String.class).get()).isEqualTo(key);
	}

	@Test
	void otherSpellingOfAPropertyIsFound() {
		this.configuration.put("app.signingKey", "${random.uuid}");
		assertThat(Binder.get(worker()).bind("app.signing-key", String.class).get())
			.isEqualTo(Binder.get(worker()).bind("app.signing-key", String.class).get());
	}

	@Test
	void whatOverridesAPropertyStillDoes() {
		this.configuration.put("app.value", "${random.uuid}");
		this.variables.put("APP_VALUE", "mine");
		assertThat(worker().getProperty("app.value")).isEqualTo("mine");
	}

	@Test
	void sourceThatIsReplacedWhileTheApplicationRunsCounts() {
		this.configuration.put("app.value", "${random.uuid}");
		ConfigurableEnvironment environment = worker();
		environment.getPropertySources()
			.replace("configuration", new MapPropertySource("configuration", Map.of("app.value", "fixed")));
		assertThat(environment.getProperty("app.value")).isEqualTo("fixed");
	}

	@Test
	void sourceThatComesLaterIsSeenToAndTheOthersStay() {
		this.configuration.put("app.value", "${random.uuid}");
		ConfigurableEnvironment environment = worker();
		String value = environment.getProperty("app.value");
		environment.getPropertySources()
			.addLast(new MapPropertySource("later", Map.of("app.later", "${random.uuid} ${app.value}")));
		RandomProperties.share(environment, new FleetSecret(this.secret));
		assertThat(environment.getProperty("app.later")).endsWith(" " + value)
			.isEqualTo(environment.getProperty("app.later"));
		assertThat(environment.getProperty("app.value")).isEqualTo(value);
	}

	@ParameterizedTest
	@ValueSource(strings = { "spring.kafka.consumer.group-id", "spring.cloud.stream.bindings.in.group",
			"spring.cloud.bus.id", "app.kafka.groupId", "app.mqtt.client-id", "spring.quartz.properties.instanceId" })
	void whatTellsProcessesApartStaysSo(String property) {
		this.configuration.put(property, "${random.uuid}");
		assertThat(worker().getProperty(property)).isNotEqualTo(worker().getProperty(property));
	}

	@ParameterizedTest
	@ValueSource(strings = { "eureka.instance.instance-id", "spring.cloud.consul.discovery.instance-id",
			"spring.application.instance_id", "app.group.secret", "jwt.secret", "spring.security.user.password" })
	void restIsTheFleets(String property) {
		this.configuration.put(property, "${random.uuid}");
		assertThat(worker().getProperty(property)).isEqualTo(worker().getProperty(property));
	}

	@Test
	void rangeThatBootRefusesIsRefusedByBoot() {
		this.configuration.put("app.value", "${random.int[5,5]}");
		assertThatIllegalStateException().isThrownBy(() -> worker().getProperty("app.value"));
	}

	@Test
	void environmentThatDrawsNothingStaysAsItIs() {
		this.configuration.put("app.value", "fixed");
		assertThat(worker().getPropertySources().stream().map((source) -> source.getName()))
			.noneMatch((name) -> name.startsWith("tomcornRandom"));
	}

}
