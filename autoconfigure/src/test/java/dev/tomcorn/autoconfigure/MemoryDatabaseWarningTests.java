package dev.tomcorn.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import javax.sql.DataSource;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.worker.WorkerProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link MemoryDatabaseWarning}.
 */
@ExtendWith(OutputCaptureExtension.class)
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

	@Test
	void severalWorkersWarnOnce(@TempDir Path directory, CapturedOutput output) throws IOException {
		start(directory, 2);
		start(directory, 2);
		assertThat(output.toString().lines().filter((line) -> line.contains("has a database of its own")))
			.singleElement()
			.asString()
			.contains("jdbc:h2:mem:test of bean 'pool'", " WARN ");
	}

	@Test
	void onlyWorkerDoesNotWarn(@TempDir Path directory, CapturedOutput output) throws IOException {
		start(directory, 1);
		assertThat(output).doesNotContain("has a database of its own");
	}

	/**
	 * Start an application as a worker does.
	 */
	private static void start(Path runDirectory, int workers) throws IOException {
		Scoreboard scoreboard = Scoreboard.create(Files.createTempDirectory(runDirectory, null).resolve("scoreboard"),
				workers, 1);
		scoreboard.publish(1, workers, 0);
		WorkerProcess process = mock(WorkerProcess.class);
		given(process.isSupervised()).willReturn(true);
		given(process.scoreboard()).willReturn(scoreboard);
		given(process.runDirectory()).willReturn(runDirectory);
		PooledDataSource pool = mock(PooledDataSource.class);
		given(pool.getJdbcUrl()).willReturn("jdbc:h2:mem:test;PASSWORD=secret");
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(StateWarningsAutoConfiguration.class))
			.withBean(WorkerProcess.class, () -> process)
			.withBean("pool", DataSource.class, () -> pool)
			.run((context) -> context.publishEvent(new ApplicationReadyEvent(new SpringApplication(), new String[0],
					context.getSourceApplicationContext(), Duration.ZERO)));
	}

	/**
	 * What pools are.
	 */
	public interface PooledDataSource extends DataSource {

		String getJdbcUrl();

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
