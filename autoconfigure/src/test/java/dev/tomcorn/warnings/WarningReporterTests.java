package dev.tomcorn.warnings;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import javax.sql.DataSource;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.worker.WorkerProcess;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.ApplicationPidFileWriter;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.web.server.context.WebServerPortFileWriter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.willAnswer;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link WarningReporter} and rows that need no library.
 */
class WarningReporterTests {

	private final Map<String, String> warnings = new ConcurrentHashMap<>();

	private final WorkerProcess process = mock(WorkerProcess.class);

	private ApplicationContextRunner runner;

	@BeforeEach
	void worker(@TempDir Path directory) throws IOException {
		workers(directory, 2);
		given(this.process.isSupervised()).willReturn(true);
		willAnswer((call) -> this.warnings.put(call.getArgument(0), call.getArgument(1))).given(this.process)
			.warn(anyString(), anyString());
		this.runner = new ApplicationContextRunner().withBean(WarningReporter.class,
				() -> new WarningReporter(this.process));
	}

	private void workers(Path directory, int workers) throws IOException {
		Scoreboard scoreboard = Scoreboard.create(directory.resolve("scoreboard-" + workers), 4, 1);
		scoreboard.publish(1, workers, 0);
		given(this.process.scoreboard()).willReturn(scoreboard);
	}

	private void start(ApplicationContextRunner application) {
		application.run((context) -> context.publishEvent(new ApplicationReadyEvent(new SpringApplication(),
				new String[0], context.getSourceApplicationContext(), Duration.ZERO)));
	}

	@Test
	void applicationThatHasNothingIsNotWarned() {
		start(this.runner);
		assertThat(this.warnings).isEmpty();
	}

	@Test
	void warningNamesWhatWasFoundTheRemedyAndHowToSwitchItOff() {
		start(this.runner.withBean("ports", WebServerPortFileWriter.class, WebServerPortFileWriter::new));
		assertThat(this.warnings).containsOnlyKeys("port-file");
		assertThat(this.warnings.get("port-file")).contains("bean 'ports'", "Add the listener to the SpringApplication",
				"docs/your-application.md#port-file", "tomcorn.warnings.port-file=false");
	}

	@Test
	void warningThatIsSwitchedOffIsNotGiven() {
		start(this.runner.withBean(WebServerPortFileWriter.class, WebServerPortFileWriter::new)
			.withBean(ApplicationPidFileWriter.class, () -> new ApplicationPidFileWriter("unused"))
			.withPropertyValues("tomcorn.warnings.port-file=false"));
		assertThat(this.warnings).containsOnlyKeys("pid-file");
	}

	@Test
	void soloApplicationIsNotWarned() {
		given(this.process.isSupervised()).willReturn(false);
		start(this.runner.withBean(WebServerPortFileWriter.class, WebServerPortFileWriter::new));
		assertThat(this.warnings).isEmpty();
	}

	@Test
	void soloApplicationIsNotWarnedOfWhatHappensWhileItRuns() {
		new WarningReporter(this.process).happened(StateInMemory.SESSIONS);
		assertThat(this.warnings).containsOnlyKeys(StateInMemory.SESSIONS);
		this.warnings.clear();
		given(this.process.isSupervised()).willReturn(false);
		new WarningReporter(this.process).happened(StateInMemory.SESSIONS);
		assertThat(this.warnings).isEmpty();
	}

	@Test
	void onlyWorkerIsWarnedOfWhatAReloadWouldDoOnly(@TempDir Path directory) throws IOException {
		workers(directory, 1);
		start(this.runner.withBean(WebServerPortFileWriter.class, WebServerPortFileWriter::new)
			.withBean("pool", DataSource.class, () -> pool("jdbc:h2:mem:test")));
		assertThat(this.warnings).containsOnlyKeys("port-file");
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:h2:mem:test;DB_CLOSE_DELAY=-1;PASSWORD=secret", "jdbc:hsqldb:mem:test",
			"jdbc:derby:memory:test;create=true", "jdbc:sqlite::memory:" })
	void databaseInMemoryIsToldOf(String url) {
		start(this.runner.withBean("pool", DataSource.class, () -> pool(url)));
		assertThat(this.warnings).containsOnlyKeys("memory-database");
		assertThat(this.warnings.get("memory-database")).contains("of bean 'pool'").doesNotContain("secret");
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:h2:tcp://localhost/mem:test", "jdbc:postgresql://db/mem", "jdbc:sqlite:test.db" })
	void otherDatabaseIsNot(String url) {
		start(this.runner.withBean("pool", DataSource.class, () -> pool(url)));
		assertThat(this.warnings).isEmpty();
	}

	@Test
	void dataSourceThatDoesNotTellItsAddressIsNot() {
		Pool silent = mock(Pool.class);
		given(silent.getJdbcUrl()).willThrow(new IllegalStateException("not yet"));
		start(this.runner.withBean("pool", DataSource.class, () -> silent));
		assertThat(this.warnings).isEmpty();
	}

	@Test
	void rowsHaveNamesOfTheirOwnAndSentencesThatFit() {
		for (FleetWarning warning : FleetWarnings.all()) {
			assertThat(warning.name()).matches("[a-z0-9]+(-[a-z0-9]+)*");
			assertThat(warning.text("what was found")).doesNotContain("..");
			assertThat(List.of(warning.sentence(), warning.remedy())).noneMatch((text) -> text.endsWith("."));
		}
	}

	private static Pool pool(String url) {
		Pool pool = mock(Pool.class);
		given(pool.getJdbcUrl()).willReturn(url);
		return pool;
	}

	/**
	 * A connection pool.
	 */
	public interface Pool extends DataSource {

		/**
		 * The getter of HikariCP.
		 */
		String getJdbcUrl();

	}

}
