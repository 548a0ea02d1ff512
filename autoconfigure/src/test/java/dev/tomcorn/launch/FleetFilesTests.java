package dev.tomcorn.launch;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;

import dev.tomcorn.core.arbiter.FleetEvent;
import dev.tomcorn.core.arbiter.Placement;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.bootstrap.DefaultBootstrapContext;
import org.springframework.boot.context.ApplicationPidFileWriter;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.event.ApplicationStartingEvent;
import org.springframework.boot.context.event.SpringApplicationEvent;
import org.springframework.boot.web.server.context.WebServerPortFileWriter;
import org.springframework.context.ApplicationListener;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link FleetFiles} and {@link FileWriters}.
 */
class FleetFilesTests {

	private static final String OWN = Long.toString(ProcessHandle.current().pid());

	@TempDir
	private Path directory;

	private final MockEnvironment environment = new MockEnvironment();

	private FleetFiles files(@Nullable Integer managementPort, ApplicationListener<?>... writers) {
		SpringApplication application = new SpringApplication(Object.class);
		application.addListeners(writers);
		FileWriters taken = FileWriters.takeFrom(application);
		assertThat(application.getListeners()).doesNotContainAnyElementsOf(List.of(writers));
		return taken.files(this.environment, 8080, managementPort);
	}

	private FleetFiles pidFile(Path path) {
		return files(null, new ApplicationPidFileWriter(path.toFile()));
	}

	private static void workerIsReady(FleetFiles files) {
		files.onFleetEvent(new FleetEvent.WorkerReady(new Placement(0, 0, 1, 1), 4711, Duration.ofSeconds(1)));
	}

	@Test
	void filesAreThereAsLongAsTheFleet() {
		Path pid = this.directory.resolve("run/app.pid");
		Path port = this.directory.resolve("run/app.port");
		try (FleetFiles files = files(9090, new ApplicationPidFileWriter(pid.toFile()),
				new WebServerPortFileWriter(port.toFile()))) {
			assertThat(pid).doesNotExist();
			files.write();
			workerIsReady(files);
			assertThat(pid).hasContent(OWN);
			assertThat(port).hasContent("8080");
			assertThat(this.directory.resolve("run/app-management.port")).hasContent("9090");
		}
		assertThat(this.directory.resolve("run")).isEmptyDirectory();
	}

	@Test
	void withoutAManagementPortOfItsOwnThereIsNoFileForIt() {
		try (FleetFiles files = files(null, new WebServerPortFileWriter(this.directory.resolve("app.port").toFile()))) {
			files.write();
			assertThat(this.directory.toFile().list()).containsExactly("app.port");
		}
	}

	@ParameterizedTest
	@CsvSource({ "app.port, app-management.port", "APP.PORT, APP-MANAGEMENT.PORT", "port, port-management",
			"a.b.port, a.b-management.port" })
	void fileOfTheManagementPortHasBootsName(String name, String expected) {
		try (FleetFiles files = files(9090, new WebServerPortFileWriter(this.directory.resolve(name).toFile()))) {
			files.write();
			assertThat(this.directory.toFile().list()).containsExactlyInAnyOrder(name, expected);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "spring.pid.file", "spring.pidfile" })
	void propertyNamesTheFile(String property) {
		Path file = this.directory.resolve("set.pid");
		this.environment.setProperty(property, file.toString());
		try (FleetFiles files = pidFile(this.directory.resolve("app.pid"))) {
			files.write();
			assertThat(this.directory.toFile().list()).containsExactly("set.pid");
		}
	}

	@Test
	void applicationWithoutWritersHasNoFiles() {
		assertThat(
				FileWriters.takeFrom(new SpringApplication(Object.class)).files(this.environment, 8080, 9090).isEmpty())
			.isTrue();
	}

	/**
	 * The previous arbiter ends after this one has taken over.
	 */
	@Test
	void filesAreExchangedAtATakeover() throws IOException {
		Path port = this.directory.resolve("app.port");
		FleetFiles before = files(null, new WebServerPortFileWriter(port.toFile()));
		before.write();
		workerIsReady(before);
		Files.setLastModifiedTime(port, FileTime.fromMillis(1));
		FleetFiles successor = files(null, new WebServerPortFileWriter(port.toFile()));
		successor.takeOver();
		before.close();
		assertThat(port).hasContent("8080");
		successor.close();
		assertThat(port).doesNotExist();
	}

	@Test
	void fileThatNamesAnotherFleetByNowIsLeftAlone() throws IOException {
		Path pid = this.directory.resolve("app.pid");
		FleetFiles files = pidFile(pid);
		files.write();
		workerIsReady(files);
		Files.writeString(pid, "4711");
		files.close();
		assertThat(pid).hasContent("4711");
	}

	@Test
	void startThatFailsLeavesTheFileOfAnotherFleet() throws IOException {
		Path pid = Files.writeString(this.directory.resolve("app.pid"), "4711");
		try (FleetFiles files = pidFile(pid)) {
			assertThat(pid).hasContent("4711");
			files.write();
			assertThat(pid).hasContent(OWN);
		}
		assertThat(pid).hasContent("4711");
	}

	@Test
	void fleetStillKnowsItsFileAfterAnotherStartHasFailed() throws IOException {
		Path port = this.directory.resolve("app.port");
		FleetFiles first = files(null, new WebServerPortFileWriter(port.toFile()));
		first.write();
		workerIsReady(first);
		FleetFiles second = files(null, new WebServerPortFileWriter(port.toFile()));
		second.write();
		second.close();
		assertThat(port).hasContent("8080");
		first.close();
		assertThat(port).doesNotExist();
	}

	@Test
	void processIdIsKnownByWhatItSays() throws IOException {
		Path pid = this.directory.resolve("app.pid");
		FleetFiles files = pidFile(pid);
		files.write();
		workerIsReady(files);
		Files.setLastModifiedTime(pid, FileTime.fromMillis(1));
		files.close();
		assertThat(pid).doesNotExist();
	}

	@Test
	void arbiterThatHasWrittenNothingDeletesNothing() throws IOException {
		Path pid = Files.writeString(this.directory.resolve("app.pid"), OWN);
		pidFile(pid).close();
		assertThat(pid).hasContent(OWN);
	}

	@Test
	void fileThatCannotBeWrittenEndsTheStartOnlyIfTheUserSaysSo() {
		pidFile(this.directory).write();
		this.environment.setProperty("spring.pid.fail-on-write-error", "true");
		assertThatIllegalStateException().isThrownBy(() -> pidFile(this.directory).write())
			.withMessageContaining(this.directory.toString());
	}

	/**
	 * A subclass may do something else.
	 */
	@Test
	void writerOfTheUsersOwnStaysWhereItIs() {
		SpringApplication application = new SpringApplication(Object.class);
		ApplicationPidFileWriter own = new ApplicationPidFileWriter() {
		};
		application.addListeners(own);
		FileWriters.takeFrom(application);
		assertThat(application.getListeners()).contains(own);
	}

	@ParameterizedTest
	@ValueSource(classes = { ApplicationStartingEvent.class, ApplicationEnvironmentPreparedEvent.class })
	void soloApplicationHasItsWritersAndMissesNothing(Class<? extends SpringApplicationEvent> trigger) {
		SpringApplication application = new SpringApplication(Object.class);
		Path pid = this.directory.resolve("app.pid");
		ResettableWriter.again();
		ApplicationPidFileWriter writer = new ApplicationPidFileWriter(pid.toFile());
		writer.setTriggerEventType(trigger);
		WebServerPortFileWriter portWriter = new WebServerPortFileWriter(new File("unused.port"));
		application.addListeners(writer, portWriter);
		FileWriters taken = FileWriters.takeFrom(application);
		DefaultBootstrapContext context = new DefaultBootstrapContext();
		taken.giveBackTo(application, List.of(new ApplicationStartingEvent(context, application, new String[0]),
				new ApplicationEnvironmentPreparedEvent(context, application, new String[0], this.environment)));
		assertThat(application.getListeners()).contains(writer, portWriter);
		assertThat(pid).hasContent(OWN);
	}

	/**
	 * Boot writes the file only once in a JVM.
	 */
	private static final class ResettableWriter extends ApplicationPidFileWriter {

		static void again() {
			ApplicationPidFileWriter.reset();
		}

	}

}
