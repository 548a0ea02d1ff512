package dev.tomcorn.settings;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link WarmUpSettings}.
 */
class WarmUpSettingsTests {

	@Test
	void thereIsNoWarmUpByDefault() {
		WarmUpSettings settings = TomcornSettings.of(new MockEnvironment()).warmUp();
		assertThat(settings.plan().paths()).isEmpty();
		assertThat(settings.plan().timeout()).hasSeconds(30);
		assertThat(settings.slowStart()).isZero();
	}

	@Test
	void listOfOneTextIsSplit() {
		MockEnvironment environment = new MockEnvironment().withProperty("tomcorn.warm-up.paths", "/a,/b?c=%20d")
			.withProperty("tomcorn.warm-up.timeout", "5")
			.withProperty("tomcorn.slow-start", "20");
		WarmUpSettings settings = TomcornSettings.of(environment).warmUp();
		assertThat(settings.plan().paths()).containsExactly("/a", "/b?c=%20d");
		assertThat(settings.plan().timeout()).hasSeconds(5);
		assertThat(settings.slowStart()).hasSeconds(20);
	}

	@ParameterizedTest
	@CsvSource({ "warm-up.paths[0],orders", "warm-up.paths[0],//host/orders", "warm-up.paths[0],/a b",
			"warm-up.paths[0],/a#b", "warm-up.paths[0],https://localhost/a", "warm-up.requests,0",
			"warm-up.requests,1000001", "warm-up.concurrency,0", "warm-up.concurrency,1001", "warm-up.timeout,0",
			"warm-up.timeout,-1s", "warm-up.timeout,2h", "slow-start,-1s", "slow-start,25h" })
	void whatIsWrongIsNamed(String property, String value) {
		MockEnvironment environment = new MockEnvironment().withProperty("tomcorn." + property, value);
		assertThatExceptionOfType(InvalidSettingException.class).isThrownBy(() -> TomcornSettings.of(environment))
			.satisfies((ex) -> assertThat(ex.property()).isEqualTo("tomcorn." + property));
	}

}
