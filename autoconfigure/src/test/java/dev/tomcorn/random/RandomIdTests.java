package dev.tomcorn.random;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RandomId}.
 */
class RandomIdTests {

	@ParameterizedTest
	@ValueSource(strings = { "9d2f4c1e-7a3b-4f60-8e21-5b6c7d8e9f00", "shop-9D2F4C1E-7A3B-4F60-8E21-5B6C7D8E9F00-1",
			"shop.9d2f4c1e7a3b4f608e215b6c7d8e9f00" })
	void textWithAUuidHasARandomId(String text) {
		assertThat(RandomId.isIn(text)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "shop", "9d2f4c1e-7a3b-4f60-8e21", "9d2f4c1e7a3b4f608e215b6c7d8e9f0",
			"9d2f4c1e7a3b4f608e215b6c7d8e9f001" })
	void otherTextHasNone(String text) {
		assertThat(RandomId.isIn(text)).isFalse();
	}

}
