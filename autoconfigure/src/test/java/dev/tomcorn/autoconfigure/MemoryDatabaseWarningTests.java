package dev.tomcorn.autoconfigure;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link MemoryDatabaseWarning}.
 */
class MemoryDatabaseWarningTests {

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:h2:mem:test;DB_CLOSE_DELAY=-1;PASSWORD=secret", "jdbc:hsqldb:mem:test",
			"jdbc:derby:memory:test;create=true", "jdbc:sqlite::memory:" })
	void addressInMemoryIsRecognized(String url) {
		assertThat(MemoryDatabaseWarning.inMemory(new Pool(url))).isNotNull().doesNotContain("secret");
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:h2:tcp://localhost/mem:test", "jdbc:h2:file:./test", "jdbc:postgresql://db/mem",
			"jdbc:sqlite:test.db" })
	void otherAddressIsNone(String url) {
		assertThat(MemoryDatabaseWarning.inMemory(new Pool(url))).isNull();
		assertThat(MemoryDatabaseWarning.inMemory(new Driver(url))).isNull();
	}

	@Test
	void driverTellsItsAddressToo() {
		assertThat(MemoryDatabaseWarning.inMemory(new Driver("jdbc:h2:mem:x"))).isEqualTo("jdbc:h2:mem:x");
	}

	@Test
	void dataSourceThatTellsNothingIsNone() {
		assertThat(MemoryDatabaseWarning.inMemory(new Object())).isNull();
		assertThat(MemoryDatabaseWarning.inMemory(new Silent())).isNull();
	}

	/**
	 * As HikariCP has it.
	 */
	public static class Pool {

		private final String url;

		Pool(String url) {
			this.url = url;
		}

		public String getJdbcUrl() {
			return this.url;
		}

	}

	/**
	 * As H2 has it.
	 */
	public static class Driver {

		private final String url;

		Driver(String url) {
			this.url = url;
		}

		public String getURL() {
			return this.url;
		}

	}

	/**
	 * One that fails when asked.
	 */
	public static class Silent {

		public String getUrl() {
			throw new IllegalStateException("not yet");
		}

	}

}
