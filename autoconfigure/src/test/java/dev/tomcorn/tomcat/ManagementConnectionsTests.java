package dev.tomcorn.tomcat;

import java.io.IOException;
import java.nio.file.Path;

import dev.tomcorn.core.listener.ReceivedListener;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.worker.WorkerProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.awaitility.Awaitility.await;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.atLeastOnce;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;

/**
 * Tests for {@link ManagementConnections}.
 */
class ManagementConnectionsTests {

	private final ReceivedListener listener = mock(ReceivedListener.class);

	@Test
	void portIsLeftToASiblingThatServesOnlyAfterTheDrainHasBegun(@TempDir Path directory) throws IOException {
		Scoreboard scoreboard = Scoreboard.create(directory.resolve("scoreboard"), 4, 1);
		WorkerSlot self = scoreboard.claim(0, 0, 1, 1);
		WorkerSlot sibling = scoreboard.claim(1, 1, 2, 1);
		WorkerProcess process = mock(WorkerProcess.class);
		given(process.scoreboard()).willReturn(scoreboard);
		given(process.slot()).willReturn(self);
		ManagementConnections connections = new ManagementConnections(process);
		self.setState(WorkerState.READY);
		connections.attach(mock(TomcornProtocol.class), this.listener);
		self.setState(WorkerState.DRAINING);
		connections.drain();
		then(this.listener).should(never()).pause();
		sibling.beat();
		sibling.setState(WorkerState.READY);
		// Each in its turn: the method is synchronized
		await().untilAsserted(() -> then(this.listener).should(atLeastOnce()).pause());
		// Ends the watch
		self.setState(WorkerState.READY);
	}

}
