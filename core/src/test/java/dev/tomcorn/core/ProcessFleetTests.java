package dev.tomcorn.core;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import dev.tomcorn.core.arbiter.Command;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.tomcorn.core.arbiter.ArbiterSettings;
import dev.tomcorn.core.arbiter.Death;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.arbiter.Placement;
import dev.tomcorn.core.control.ControlClient;
import dev.tomcorn.core.control.ControlServer;
import dev.tomcorn.core.control.Message;
import dev.tomcorn.core.incident.Incident;
import dev.tomcorn.core.incident.IncidentSettings;
import dev.tomcorn.core.process.CommandWord;
import dev.tomcorn.core.process.HeapShare;
import dev.tomcorn.core.process.JvmOptions;
import dev.tomcorn.core.process.LaunchPlan;
import dev.tomcorn.core.process.Predecessor;
import dev.tomcorn.core.process.ShellFile;
import dev.tomcorn.core.process.StartDirectory;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.process.WorkerLauncher;
import dev.tomcorn.core.process.OptionIndexes;
import dev.tomcorn.core.release.PreloadSettings;
import dev.tomcorn.core.release.Releases;
import dev.tomcorn.core.scoreboard.FleetLocks;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerRecords;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link ProcessFleet} with shell scripts as workers.
 */
class ProcessFleetTests {

	private static final Placement PLACEMENT = new Placement(1, 0, 7, 1);

	private static final ArbiterSettings SETTINGS = new ArbiterSettings(3, 0, 1, 1, Duration.ofSeconds(60),
			Duration.ofSeconds(30), Duration.ofSeconds(20), Duration.ofSeconds(10), ArbiterSettings.RECORD_LIMIT);

	private static final String FOREVER = "exec sleep 600";

	private static final int MANY = 40;

	private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

	private final BlockingQueue<String> logged = new LinkedBlockingQueue<>();

	private final BlockingQueue<Long> dumped = new LinkedBlockingQueue<>();

	private Path directory;

	private Scoreboard scoreboard;

	private WorkerRecords records;

	private FleetLocks locks;

	private ControlServer control;

	private RunDirectoryKeeper keeper;

	private WorkerDiagnostics diagnostics;

	private ProcessFleet fleet;

	@BeforeEach
	void setUp(@TempDir Path tempDirectory) throws IOException {
		this.directory = tempDirectory;
		this.scoreboard = Scoreboard.create(WorkerIdentity.scoreboard(this.directory), ProcessFleet.SLOTS, 1);
		this.records = WorkerRecords.create(WorkerIdentity.records(this.directory), ProcessFleet.SLOTS);
		this.locks = FleetLocks.create(WorkerIdentity.locks(this.directory));
		this.control = ControlServer.open(WorkerIdentity.controlSocket(this.directory), "token", this.events::add,
				(folder, age) -> this.dumped.add(age), (name, text) -> {
				}, (facts, age) -> {
				});
		this.keeper = new RunDirectoryKeeper(this.directory,
				new ShellFile(Path.of("java"), this.directory.resolve("shell"), List.of()), this.scoreboard,
				this.control, DescriptorServers.open(this.directory, List.of(), null), (level, message) -> {
				});
		// Without folders: the recorder may still write when the directory is deleted
		this.diagnostics = new WorkerDiagnostics(
				new IncidentSettings(this.directory.resolve("incidents"), 0, 1 << 20, false, false),
				new Incident.Fleet("test", true, "", "", 8080, Instant.EPOCH), (level, message) -> {
				});
		this.fleet = fleet("/bin/sh", FOREVER);
	}

	@AfterEach
	void tearDown() throws IOException {
		this.keeper.close();
		this.fleet.close();
		this.control.close();
		this.diagnostics.close();
	}

	private ProcessFleet fleet(String launcher, String script) {
		StartDirectory start = StartDirectory.ofThisProcess(Map.of(), null);
		LaunchPlan plan = new LaunchPlan(Path.of(launcher), new JvmOptions(List.of(), List.of()), List.of(), List.of(),
				List.of(CommandWord.visible("-c"), CommandWord.visible(script)), List.of(), Map.of(), start, start);
		ArbiterReplacement replacement = new ArbiterReplacement(null, new Predecessor(1, this.directory), plan, () -> {
		}, this.events::add, (level, message) -> {
		});
		// Without a socket: file descriptor 0 belongs to Surefire
		return new ProcessFleet(
				new WorkerLauncher(List.of("-javaagent:/opt/agent.jar=x"), Set.of(),
						(level, message) -> this.logged.add(message)),
				new Releases(PreloadSettings.OFF, plan, "test", false, this.events::add, (level, message) -> {
				}), new HeapShare(0), SETTINGS, this.scoreboard, this.records, this.locks, null, null,
				(placement) -> new WorkerIdentity(placement, 1, this.directory), this.control, this.keeper,
				this.events::add, this.diagnostics, replacement, new OptionIndexes(Set.of(), -1));
	}

	/**
	 * Return the next event, which must be the exit of the worker.
	 */
	private Death death() throws InterruptedException {
		Event event = this.events.take();
		assertThat(event).isInstanceOfSatisfying(Event.Exited.class, (exited) -> assertThat(exited.age()).isEqualTo(7));
		return ((Event.Exited) event).death();
	}

	private WorkerSlot slot() {
		return this.scoreboard.slot(PLACEMENT.slot());
	}

	@Test
	void exitIsReported() throws Exception {
		this.fleet = fleet("/bin/sh", "exit 7");
		this.fleet.spawn(PLACEMENT);
		assertThat(death().description()).contains("exit code 7");
	}

	@ParameterizedTest
	@ValueSource(strings = { "exit 1", "kill -ABRT $$" })
	void endBeforeItsApplicationNamesTheAgentsThatStartInEveryProcess(String end) throws Exception {
		this.fleet = fleet("/bin/sh", end);
		this.fleet.spawn(PLACEMENT);
		death();
		assertThat(this.logged).singleElement()
			.asString()
			.contains("ended before its application was loaded", "-javaagent:/opt/agent.jar", "tomcorn.jvm-options");
	}

	@ParameterizedTest
	@ValueSource(strings = { "exit 0", "kill -KILL $$" })
	void endForAnotherReasonDoesNotNameAgents(String end) throws Exception {
		this.fleet = fleet("/bin/sh", end);
		this.fleet.spawn(PLACEMENT);
		death();
		assertThat(this.logged).isEmpty();
	}

	/**
	 * Waited for one after the other, they would take longer than the limit.
	 */
	@Test
	void connectionsThatWorkersLeaveOpenAreWaitedForTogether() throws Exception {
		for (int slot = 0; slot < MANY; slot++) {
			this.fleet.spawn(new Placement(slot, slot, slot, 1));
			ControlClient.connect(WorkerIdentity.controlSocket(this.directory), slot, "token");
		}
		for (int age = 0; age < MANY; age++) {
			this.fleet.carryOut(new Command.Kill(age));
		}
		await().atMost(Duration.ofSeconds(MANY / 2)).until(() -> this.events.size() == MANY);
		assertThat(this.events).hasOnlyElementsOfType(Event.Exited.class);
	}

	@Test
	void workerHasItsSlotFromSpawnToRelease() throws Exception {
		long pid = this.fleet.spawn(PLACEMENT);
		try {
			assertThat(slot().state()).isEqualTo(WorkerState.STARTING);
			assertThat(slot().pid()).isEqualTo(pid);
			assertThat(slot().age()).isEqualTo(7);
			assertThat(this.fleet.heartbeats()).containsOnlyKeys(7L)
				.containsValue(new Event.Heartbeat(slot().heartbeat(), "", 0));
			this.fleet.carryOut(new Command.Release(7));
			assertThat(slot().state()).isEqualTo(WorkerState.VACANT);
			assertThat(this.fleet.heartbeats()).isEmpty();
		}
		finally {
			// Released, so that the fleet does not end it
			ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
		}
	}

	@Test
	void processFindsItsIdentityInItsEnvironment() throws Exception {
		Path out = this.directory.resolve("environment");
		this.fleet = fleet("/bin/sh", "env > '" + out + "'");
		this.fleet.spawn(PLACEMENT);
		assertThat(death().description()).contains("exit code 0");
		assertThat(Files.readAllLines(out)).contains("TOMCORN_WORKER=1,0,7,1",
				"TOMCORN_WORKER_DIRECTORY=" + this.directory);
	}

	@Test
	void workerThatCannotBeStartedLeavesItsSlot() {
		this.fleet = fleet(this.directory.toString(), "");
		assertThatIOException().isThrownBy(() -> this.fleet.spawn(PLACEMENT))
			.withMessageContaining(this.directory.toString());
		assertThat(slot().state()).isEqualTo(WorkerState.VACANT);
		assertThat(this.fleet.heartbeats()).isEmpty();
		this.fleet.carryOut(new Command.Release(7));
	}

	@Test
	void spawnBeyondTheLastSlotFails() {
		assertThatIOException().isThrownBy(() -> this.fleet.spawn(new Placement(ProcessFleet.SLOTS, 0, 7, 1)));
	}

	@Test
	void workerThatIsNotConnectedIsStoppedBySignal() throws Exception {
		this.fleet.spawn(PLACEMENT);
		this.fleet.carryOut(new Command.Stop(7, Duration.ofSeconds(5)));
		assertThat(death().description()).startsWith("signal SIGTERM");
	}

	@Test
	void workerThatIsConnectedIsStoppedByMessage() throws Exception {
		long pid = this.fleet.spawn(PLACEMENT);
		BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
		ControlClient.connect(WorkerIdentity.controlSocket(this.directory), 7, "token").listen(messages::add, () -> {
		});
		this.fleet.carryOut(new Command.Stop(7, Duration.ofSeconds(5)));
		assertThat(messages.take()).isEqualTo(new Message.Order(new Command.Stop(0, Duration.ofSeconds(5))));
		assertThat(ProcessHandle.of(pid)).hasValueSatisfying((process) -> assertThat(process.isAlive()).isTrue());
		assertThat(this.events).isEmpty();
	}

	@Test
	void workerThatIgnoresTheSignalIsKilled() throws Exception {
		Path ignoring = this.directory.resolve("ignoring");
		this.fleet = fleet("/bin/sh", "trap '' TERM; : > '" + ignoring + "'; exec sleep 600");
		this.fleet.spawn(PLACEMENT);
		await().until(() -> Files.exists(ignoring));
		this.fleet.carryOut(new Command.Stop(7, Duration.ofSeconds(5)));
		this.fleet.carryOut(new Command.Kill(7));
		assertThat(death().description()).isEqualTo("signal SIGKILL, sent by the arbiter");
	}

	@Test
	void commandsForWorkersThatAreGoneDoNothing() {
		this.fleet.carryOut(new Command.Stop(99, Duration.ZERO));
		this.fleet.carryOut(new Command.Kill(99));
		this.fleet.carryOut(new Command.Release(99));
		assertThat(this.events).isEmpty();
	}

	@Test
	void closingEndsWhatIsLeft() throws Exception {
		this.fleet.spawn(PLACEMENT);
		this.fleet.close();
		assertThat(death().description()).isEqualTo("signal SIGTERM, sent by the arbiter");
	}

	@Test
	void targetIsPublishedOnTheScoreboard() {
		this.fleet.carryOut(new Command.Publish(2, SETTINGS, 5));
		assertThat(this.scoreboard.generation()).isEqualTo(2);
		assertThat(this.scoreboard.targetWorkers()).isEqualTo(5);
	}

	@Test
	void reportIsPostedOnTheScoreboard() {
		FleetReport report = new FleetReport(true, null, List.of(new FleetReport.CrashLoop(1, 4, 5)), List.of(),
				FleetReport.ofBytes(new byte[0]).history());
		this.fleet.carryOut(new Command.Post(report));
		assertThat(FleetReport.ofBytes(this.scoreboard.notice())).isEqualTo(report);
	}

}
