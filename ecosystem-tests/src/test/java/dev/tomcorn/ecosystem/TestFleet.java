package dev.tomcorn.ecosystem;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import dev.tomcorn.Worker;
import dev.tomcorn.WorkerDrainingEvent;
import dev.tomcorn.WorkerReadyEvent;
import dev.tomcorn.core.arbiter.ExitCause;
import dev.tomcorn.core.arbiter.FleetHistory;
import dev.tomcorn.core.arbiter.FleetHistory.Exit;
import dev.tomcorn.core.arbiter.FleetHistory.Place;
import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.scoreboard.FleetLocks;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.worker.WorkerProcess;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.Configurations;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Several workers of a fleet in one JVM, without an arbiter. Kernel locks belong to
 * processes, so the test has locks of its own.
 */
final class TestFleet implements AutoCloseable {

	private final Scoreboard scoreboard;

	private final List<Member> members = new ArrayList<>();

	private final TestLocks locks = new TestLocks();

	private final Path directory;

	private int slots;

	TestFleet(Path directory) throws IOException {
		this.directory = directory;
		Path file = directory.resolve("scoreboard");
		this.scoreboard = Scoreboard.create(file, 8, 1);
		Files.deleteIfExists(file);
		this.scoreboard.publish(1, 2, 0);
	}

	/**
	 * Boot an application in a new worker, which does not serve yet.
	 * @param properties its properties
	 * @param configurations its auto-configurations
	 */
	Member boot(List<String> properties, Class<?>... configurations) {
		return boot(1, properties, configurations);
	}

	/**
	 * Boot an application in a new worker of a generation, which does not serve yet.
	 * @param generation number of the generation
	 * @param properties its properties
	 * @param configurations its auto-configurations
	 */
	Member boot(int generation, List<String> properties, Class<?>... configurations) {
		Member member = new Member(this.scoreboard.claim(this.slots, this.slots, this.slots + 1, generation));
		this.slots++;
		this.members.add(member);
		TestPropertyValues.of(properties).applyTo(member.context);
		member.context.getBeanFactory().registerSingleton("tomcornWorkerProcess", member.process);
		member.context.register(Configurations.getClasses(AutoConfigurations.of(configurations)));
		member.context.refresh();
		return member;
	}

	/**
	 * Return the scoreboard, after showing that the workers are alive: nothing else does
	 * so here, and the machine may be slow.
	 */
	private Scoreboard beating() {
		this.scoreboard.slots().forEach(WorkerSlot::beat);
		return this.scoreboard;
	}

	/**
	 * Record that the worker with an index has ended unexpectedly.
	 */
	void lose(int index) {
		FleetHistory none = FleetReport.ofBytes(new byte[0]).history();
		Place place = new Place(index, Map.of(), new Exit(1, ExitCause.SIGNAL, "killed"));
		beating().post(new FleetReport(false, null, List.of(), List.of(),
				new FleetHistory(List.of(), Map.of(), 0, Map.of(), none.boots(), none.drains(), List.of(place), 0))
			.toBytes());
	}

	@Override
	public void close() {
		this.members.forEach((member) -> member.context.close());
	}

	/**
	 * A worker.
	 */
	final class Member {

		final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

		private final WorkerProcess process = mock(WorkerProcess.class);

		private final WorkerSlot slot;

		Member(WorkerSlot slot) {
			this.slot = slot;
			slot.beat();
			given(this.process.isSupervised()).willReturn(true);
			given(this.process.scoreboard()).willAnswer((_) -> beating());
			given(this.process.slot()).willReturn(slot);
			FleetLocks locks = TestFleet.this.locks.of(this);
			given(this.process.locks()).willReturn(locks);
			given(this.process.runDirectory()).willReturn(TestFleet.this.directory);
		}

		/**
		 * Begin to take traffic.
		 */
		Member serve() {
			this.slot.setState(WorkerState.READY);
			this.context.publishEvent(new WorkerReadyEvent(mock(Worker.class)));
			return this;
		}

		void lead(boolean leader) {
			this.slot.setLeader(leader);
		}

		/**
		 * Drain, and close the application.
		 */
		void end() {
			drain();
			this.context.close();
		}

		void drain() {
			this.slot.setState(WorkerState.DRAINING);
			this.context.publishEvent(new WorkerDrainingEvent(mock(Worker.class)));
		}

		/**
		 * End like a killed process: nothing of it acts any more.
		 */
		void kill() {
			this.slot.setState(WorkerState.VACANT);
			TestFleet.this.locks.end(this);
		}

	}

}
