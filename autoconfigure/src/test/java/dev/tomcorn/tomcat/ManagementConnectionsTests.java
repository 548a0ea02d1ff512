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

import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.timeout;

/**
 * Tests for {@link ManagementConnections}.
 */
class ManagementConnectionsTests {

	private static final long LIMIT_MILLIS = 60_000;

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
		then(this.listener).should(timeout(LIMIT_MILLIS).atLeastOnce()).pause();
		// Ends the watch
		self.setState(WorkerState.READY);
	}

}
