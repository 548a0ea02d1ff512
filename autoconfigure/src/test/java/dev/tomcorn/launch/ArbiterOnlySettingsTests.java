package dev.tomcorn.launch;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.env.RandomValuePropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

class ArbiterOnlySettingsTests {

	private static final String RANDOM_PORT = "server.port=${random.int[20000,60000]}";

	private final MockEnvironment arbiter = new MockEnvironment().withProperty("server.port", "8080")
		.withProperty("tomcorn.run-directory", "/run/a=b")
		.withProperty("tomcorn.workers", "2");

	private Map<String, String> forwarded() {
		return ArbiterOnlySettings.draw(this.arbiter).toEnvironment();
	}

	/**
	 * Return the environment of a process that reads these properties.
	 */
	private static ConfigurableEnvironment process(String... properties) {
		MockEnvironment environment = new MockEnvironment();
		for (String property : properties) {
			environment.setProperty(property.split("=", 2)[0], property.split("=", 2)[1]);
		}
		RandomValuePropertySource.addToEnvironment(environment);
		return environment;
	}

	@Test
	void workerWithTheSameSettingsHasNothingToSay() {
		assertThat(ArbiterOnlySettings.changes(this.arbiter, forwarded())).isEmpty();
	}

	@Test
	void whatAReloadCannotChangeIsSaidWithBothValues() {
		MockEnvironment changed = new MockEnvironment().withProperty("server.port", "9090")
			.withProperty("tomcorn.backlog", "100")
			.withProperty("tomcorn.workers", "4");
		assertThat(ArbiterOnlySettings.changes(changed, forwarded())).containsExactly("server.port (8080, now 9090)",
				"tomcorn.backlog (not set, now 100)", "tomcorn.run-directory (/run/a=b, now not set)");
	}

	@Test
	void processWithoutAnArbiterHasNothingToCompare() {
		assertThat(ArbiterOnlySettings.changes(this.arbiter, Map.of())).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { RANDOM_PORT, "management.server.port=${random.int[20000,60000]}", "server.port=${my.port}",
			"server.port=${other.port:${my.port}}", "server.port=2${random.int[1000,9999]}",
			"tomcorn.run-directory=/run/${random.uuid}" })
	void valueThatIsDrawnIsTheSameInAllProcesses(String setting) {
		String property = setting.split("=")[0];
		String[] settings = { setting, "my.port=${random.int[20000,60000]}" };
		ConfigurableEnvironment arbiterEnvironment = process(settings);
		ArbiterOnlySettings drawn = ArbiterOnlySettings.draw(arbiterEnvironment);
		for (int worker = 0; worker < 3; worker++) {
			ConfigurableEnvironment environment = process(settings);
			ArbiterOnlySettings.adopt(environment, drawn.toEnvironment());
			assertThat(environment.getProperty(property)).isNotNull()
				.isEqualTo(arbiterEnvironment.getProperty(property));
			assertThat(ArbiterOnlySettings.changes(environment, drawn.toEnvironment())).isEmpty();
		}
	}

	@Test
	void valueThatIsNotDrawnAnyMoreHasChanged() {
		Map<String, String> forwarded = ArbiterOnlySettings.draw(process(RANDOM_PORT)).toEnvironment();
		ConfigurableEnvironment changed = process("server.port=9090");
		ArbiterOnlySettings.adopt(changed, forwarded);
		assertThat(ArbiterOnlySettings.changes(changed, forwarded)).singleElement()
			.asString()
			.startsWith("server.port (")
			.endsWith(", now 9090)");
	}

	@Test
	void successorKeepsThePortThatWasDrawnBefore() {
		ConfigurableEnvironment environment = process(RANDOM_PORT);
		ArbiterOnlySettings successor = ArbiterOnlySettings.draw(environment).with("server.port", "12345", environment);
		assertThat(environment.getProperty("server.port")).isEqualTo("12345");
		ConfigurableEnvironment worker = process(RANDOM_PORT);
		ArbiterOnlySettings.adopt(worker, successor.toEnvironment());
		assertThat(worker.getProperty("server.port")).isEqualTo("12345");
	}

	@Test
	void portThatTheSystemChoosesIsNotDrawn() {
		ConfigurableEnvironment environment = process("server.port=0");
		ArbiterOnlySettings settings = ArbiterOnlySettings.draw(environment).with("server.port", "12345", environment);
		assertThat(settings.drawn()).isEmpty();
		assertThat(environment.getProperty("server.port")).isEqualTo("0");
	}

	@Test
	void environmentWithoutSuchValuesStaysAsItIs() {
		StandardEnvironment environment = new StandardEnvironment();
		int sources = environment.getPropertySources().size();
		ArbiterOnlySettings.draw(environment);
		assertThat(environment.getPropertySources()).hasSize(sources);
	}

}
