package dev.tomcorn.tomcat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.tomcorn.core.listener.ReceivedListener;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.atLeastOnce;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;

/**
 * Tests for {@link ManagementGate}, with a socket that only notes what it is told.
 */
class ManagementGateTests {

	@TempDir
	private Path directory;

	/**
	 * Threads that look whether another fleet serves. They do while no worker does.
	 */
	private final Set<Thread> looking = ConcurrentHashMap.newKeySet();

	private final ReceivedListener listener = mock(ReceivedListener.class);

	private WorkerSlot self;

	private WorkerSlot sibling;

	private ManagementGate gate;

	@BeforeEach
	void start() throws IOException {
		Scoreboard scoreboard = Scoreboard.create(this.directory.resolve("scoreboard"), 4, 1);
		this.self = scoreboard.claim(0, 0, 1, 1);
		this.sibling = scoreboard.claim(1, 1, 2, 1);
		this.gate = new ManagementGate(scoreboard, this.self, this.listener, () -> {
			this.looking.add(Thread.currentThread());
			return false;
		});
	}

	@AfterEach
	void stop() {
		this.gate.close();
	}

	@Test
	void workerThatDrainsLeavesThePortToASiblingThatComesLater() throws IOException {
		this.self.setState(WorkerState.READY);
		this.gate.watch();
		this.self.setState(WorkerState.DRAINING);
		this.gate.update();
		this.gate.watch();
		Thread test = Thread.currentThread();
		await().until(() -> this.looking.stream().anyMatch((thread) -> thread != test));
		then(this.listener).should(never()).pause();
		this.sibling.beat();
		this.sibling.setState(WorkerState.READY);
		// Each in its turn: the method is synchronized
		await().untilAsserted(() -> then(this.listener).should(atLeastOnce()).pause());
	}

	@Test
	void watchEndsWhenTheWorkerServesAndBeginsAgainWhenItDrains() throws IOException {
		this.gate.watch();
		await().until(() -> !this.looking.isEmpty());
		assertThat(this.looking).hasSize(1);
		this.self.setState(WorkerState.READY);
		await().until(() -> this.looking.stream().noneMatch(Thread::isAlive));
		then(this.listener).should(never()).pause();
		this.self.setState(WorkerState.DRAINING);
		this.gate.watch();
		await().until(() -> this.looking.size() == 2);
	}

	@Test
	void twoWatchesShareOneThread() {
		this.gate.watch();
		this.gate.watch();
		await().until(() -> !this.looking.isEmpty());
		this.gate.close();
		await().until(() -> this.looking.stream().noneMatch(Thread::isAlive));
		assertThat(this.looking).hasSize(1);
	}

}
