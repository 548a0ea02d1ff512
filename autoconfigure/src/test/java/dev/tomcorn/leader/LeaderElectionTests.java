package dev.tomcorn.leader;

import java.io.IOException;
import java.nio.channels.FileLock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.tomcorn.Leadership.Hold;
import dev.tomcorn.LeadershipAcquiredEvent;
import dev.tomcorn.LeadershipLostEvent;
import dev.tomcorn.Worker;
import dev.tomcorn.core.scoreboard.FleetLocks;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.request.RequestsInFlight;
import dev.tomcorn.worker.WorkerProcess;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link LeaderElection}.
 */
class LeaderElectionTests {

	private final Worker worker = WorkerProcess.worker(WorkerProcess.solo(Duration.ZERO), "gevent",
			new RequestsInFlight());

	/**
	 * The one lock of the fleet.
	 */
	private final Lock lock = new Lock();

	private final Member one = new Member();

	private final Member other = new Member();

	@Test
	void oneOfThoseThatAreReadyLeads() {
		step();
		assertThat(this.one.election.isLeader()).isFalse();
		this.other.ready = true;
		step();
		this.one.ready = true;
		step();
		assertThat(this.one.election.isLeader()).isFalse();
		assertThat(this.other.election.isLeader()).isTrue();
		assertThat(this.other.published).isTrue();
		assertThat(this.other.events).containsExactly(new LeadershipAcquiredEvent(this.worker));
		assertThat(this.one.events).isEmpty();
	}

	@Test
	void whoEndsMakesRoom() {
		lead();
		this.one.ending = true;
		assertThat(this.one.election.isLeader()).as("at once").isFalse();
		assertThat(this.one.election.hold()).as("at once").isNull();
		step();
		assertThat(this.one.published).isFalse();
		assertThat(this.one.events).containsExactly(new LeadershipAcquiredEvent(this.worker),
				new LeadershipLostEvent(this.worker));
		assertThat(this.other.election.isLeader()).isTrue();
		step();
		assertThat(this.one.events).hasSize(2);
	}

	@Test
	void whoIsAloneLeadsFromWhenItIsReadyUntilItEndsWithoutAThread() {
		Member alone = new Member(true);
		alone.ready = true;
		alone.election.workerChanged();
		assertThat(alone.published).isTrue();
		alone.ending = true;
		alone.election.workerChanged();
		assertThat(alone.published).isFalse();
		assertThat(alone.events).containsExactly(new LeadershipAcquiredEvent(this.worker),
				new LeadershipLostEvent(this.worker));
		this.one.ready = true;
		this.one.election.workerChanged();
		assertThat(this.one.election.isLeader()).as("a worker with siblings waits for its thread").isFalse();
	}

	@Test
	void whatRunsKeepsTheLeadershipWhereItIs() {
		lead();
		Hold first = this.one.election.hold();
		Hold second = this.one.election.hold();
		assertThat(first).isNotNull();
		assertThat(second).isNotNull();
		this.one.ending = true;
		step();
		first.close();
		first.close();
		step();
		assertThat(this.one.election.isLeader()).isFalse();
		assertThat(this.one.election.hold()).as("nothing new begins").isNull();
		assertThat(this.other.election.isLeader()).as("something still runs").isFalse();
		second.close();
		step();
		assertThat(this.other.election.isLeader()).isTrue();
	}

	@Test
	void nobodyElseLeadsBeforeListenersHaveHeardThatItIsLost() {
		lead();
		this.one.whenTold = () -> {
			if (this.one.events.size() == 2) {
				this.other.election.step();
				assertThat(this.other.election.isLeader()).isFalse();
			}
		};
		this.one.ending = true;
		this.one.election.step();
		assertThat(this.one.events).hasSize(2);
		this.other.election.step();
		assertThat(this.other.election.isLeader()).isTrue();
	}

	@Test
	void listenerThatFailsHoldsNothingUp() {
		this.one.whenTold = () -> {
			throw new IllegalStateException("on purpose");
		};
		lead();
		assertThat(this.one.election.isLeader()).isTrue();
		this.one.ending = true;
		step();
		assertThat(this.other.election.isLeader()).isTrue();
	}

	@Test
	void listenerThatFailsBadlyOrIsInterruptedHoldsNothingUp() {
		this.one.whenTold = () -> {
			Thread.currentThread().interrupt();
			throw new AssertionError("on purpose");
		};
		lead();
		assertThat(Thread.interrupted()).as("left to the lock").isFalse();
		assertThat(this.one.election.isLeader()).isTrue();
		this.one.ending = true;
		step();
		assertThat(this.other.election.isLeader()).isTrue();
	}

	@Test
	void taskOfTheLeaderRunsInTheLeader() {
		lead();
		List<String> ran = new ArrayList<>();
		assertThat(this.one.election.runIfLeader(() -> ran.add("one"))).isTrue();
		assertThat(this.other.election.runIfLeader(() -> ran.add("other"))).isFalse();
		assertThat(ran).containsExactly("one");
	}

	@Test
	void voteThatFailsIsTriedAgain() {
		this.lock.broken = true;
		this.one.ready = true;
		step();
		assertThat(this.one.election.isLeader()).isFalse();
		this.lock.broken = false;
		step();
		assertThat(this.one.election.isLeader()).isTrue();
	}

	@Test
	void onlyWorkerLeadsFromTheBeginning() {
		Member alone = new Member(true);
		assertThat(alone.election.isLeader()).isTrue();
		assertThat(alone.events).isEmpty();
		alone.ready = true;
		alone.election.step();
		assertThat(alone.events).containsExactly(new LeadershipAcquiredEvent(this.worker));
		alone.ending = true;
		assertThat(alone.election.isLeader()).isFalse();
	}

	/**
	 * The worker takes no traffic yet when its runners are called.
	 */
	@Test
	void onlyWorkerOfAFleetLeadsOnceItsApplicationHasStarted() throws IOException {
		FleetLocks locks = mock();
		FileLock lock = mock();
		given(locks.tryLead()).willReturn(lock);
		WorkerProcess process = mock();
		Scoreboard scoreboard = mock();
		WorkerSlot slot = mock();
		given(process.locks()).willReturn(locks);
		given(process.scoreboard()).willReturn(scoreboard);
		given(process.slot()).willReturn(slot);
		given(slot.state()).willReturn(WorkerState.STARTING);
		try (LeaderElection election = LeaderElection.start(process, this.worker, (event) -> {
		})) {
			election.applicationStarted();
			assertThat(election.isLeader()).as("one of several").isFalse();
			given(scoreboard.isOnly(slot)).willReturn(true);
			election.applicationStarted();
			assertThat(election.runIfLeader(() -> {
			})).isTrue();
		}
	}

	/**
	 * While it leads, its thread does not poll.
	 */
	@Test
	void leaderResignsWhenItIsToldThatItEnds() throws IOException {
		FleetLocks locks = mock();
		FileLock lock = mock();
		given(locks.tryLead()).willReturn(lock);
		WorkerProcess process = mock();
		Scoreboard scoreboard = mock();
		WorkerSlot slot = mock();
		AtomicBoolean ending = new AtomicBoolean();
		given(process.locks()).willReturn(locks);
		given(process.scoreboard()).willReturn(scoreboard);
		given(process.slot()).willReturn(slot);
		given(process.isEnding()).willAnswer((_) -> ending.get());
		given(slot.state()).willReturn(WorkerState.READY);
		List<Object> events = new CopyOnWriteArrayList<>();
		try (LeaderElection election = LeaderElection.start(process, this.worker, events::add)) {
			ArgumentCaptor<Runnable> told = ArgumentCaptor.captor();
			then(process).should().whenEnding(told.capture());
			await().until(() -> events.contains(new LeadershipAcquiredEvent(this.worker)));
			Hold hold = election.hold();
			assertThat(hold).isNotNull();
			ending.set(true);
			told.getValue().run();
			await().until(() -> events.contains(new LeadershipLostEvent(this.worker)));
			then(lock).shouldHaveNoInteractions();
			hold.close();
			await().untilAsserted(() -> then(lock).should().release());
		}
	}

	private void lead() {
		this.one.ready = true;
		this.other.ready = true;
		step();
	}

	private void step() {
		this.one.election.step();
		this.other.election.step();
	}

	private static final class Lock {

		private boolean taken;

		private boolean broken;

	}

	/**
	 * A worker of the fleet.
	 */
	private final class Member implements Candidate, LeaderLock {

		private final List<Object> events = new ArrayList<>();

		private final LeaderElection election;

		private boolean ready;

		private boolean ending;

		private boolean published;

		private Runnable whenTold = () -> {
		};

		Member() {
			this(false);
		}

		Member(boolean alone) {
			this.election = new LeaderElection(this, this, alone, LeaderElectionTests.this.worker, this::tell);
		}

		private void tell(Object event) {
			this.events.add(event);
			this.whenTold.run();
		}

		@Override
		public boolean tryAcquire() throws IOException {
			Lock lock = LeaderElectionTests.this.lock;
			if (lock.broken) {
				throw new IOException("No locks available");
			}
			boolean won = !lock.taken;
			lock.taken = true;
			return won;
		}

		@Override
		public void release() {
			LeaderElectionTests.this.lock.taken = false;
		}

		@Override
		public boolean isReady() {
			return this.ready;
		}

		@Override
		public boolean isOnly() {
			return false;
		}

		@Override
		public boolean isEnding() {
			return this.ending;
		}

		@Override
		public void publish(boolean leader) {
			this.published = leader;
		}

	}

}
