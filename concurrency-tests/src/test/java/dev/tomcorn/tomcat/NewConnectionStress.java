package dev.tomcorn.tomcat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicLong;

import dev.tomcorn.core.scoreboard.TestMemory;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IZ_Result;

/**
 * A new connection whose first bytes come while the acceptor stops to wait for them is
 * counted out once, and removed.
 */
@JCStressTest
@Outcome(id = "0, true", expect = Expect.ACCEPTABLE, desc = "once")
@Outcome(expect = Expect.FORBIDDEN, desc = "twice, never, or held as silent")
@State
public class NewConnectionStress {

	/**
	 * One for all: it is only a key here.
	 */
	private static final SocketChannel CONNECTION = open();

	private final WorkerSlot slot = TestMemory.slot();

	private final AtomicLong now = new AtomicLong();

	private final NewConnections connections = new NewConnections(this.slot, 1, (connection) -> false,
			(connection) -> false, this.now::get);

	public NewConnectionStress() {
		this.connections.taken(CONNECTION);
		this.now.set(NewConnections.EXPECT_REQUEST.toNanos());
	}

	private static SocketChannel open() {
		try {
			return SocketChannel.open();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Actor
	public void expire() {
		this.connections.expire();
	}

	@Actor
	public void arrive() {
		this.connections.arrived(CONNECTION);
	}

	@Arbiter
	public void end(IZ_Result result) {
		result.r1 = this.slot.busy();
		result.r2 = this.connections.isEmpty();
	}

}
