package dev.tomcorn.autoconfigure;

import java.util.Map;

import org.junit.jupiter.api.Test;

import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

class ArbiterOnlySettingsTests {

	private final MockEnvironment arbiter = new MockEnvironment().withProperty("server.port", "8080")
		.withProperty("tomcorn.run-directory", "/run/a=b")
		.withProperty("tomcorn.workers", "2");

	private Map<String, String> handedOn() {
		return ArbiterOnlySettings.of(this.arbiter).toEnvironment();
	}

	@Test
	void workerWithTheSameSettingsHasNothingToSay() {
		assertThat(ArbiterOnlySettings.changes(this.arbiter, handedOn())).isEmpty();
	}

	@Test
	void whatAReloadCannotChangeIsSaidWithBothValues() {
		MockEnvironment changed = new MockEnvironment().withProperty("server.port", "9090")
			.withProperty("tomcorn.backlog", "100")
			.withProperty("tomcorn.workers", "4");
		assertThat(ArbiterOnlySettings.changes(changed, handedOn())).containsExactly("server.port (8080, now 9090)",
				"tomcorn.backlog (not set, now 100)", "tomcorn.run-directory (/run/a=b, now not set)");
	}

	@Test
	void processWithoutAnArbiterHasNothingToCompare() {
		assertThat(ArbiterOnlySettings.changes(this.arbiter, Map.of())).isEmpty();
	}

}
