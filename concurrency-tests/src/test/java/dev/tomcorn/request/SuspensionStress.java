package dev.tomcorn.request;

import java.util.concurrent.atomic.AtomicInteger;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;

/**
 * A request whose time ends while it becomes asynchronous has one outcome: its thread is
 * free of the interrupt, and it times out exactly once.
 */
@JCStressTest
@Outcome(id = "false, 1", expect = Expect.ACCEPTABLE, desc = "told once, by its timeout")
@Outcome(expect = Expect.FORBIDDEN, desc = "left over, forgotten or told twice")
@State
public class SuspensionStress {

	private final RequestInFlight request = new RequestsInFlight().begin("GET", "/", "");

	private final AtomicInteger timeouts = new AtomicInteger();

	public SuspensionStress() {
		this.request.suspend(null);
	}

	@Actor
	public void run(ZI_Result result) {
		this.request.resume();
		this.request.suspend(this.timeouts::incrementAndGet);
		result.r1 = Thread.interrupted();
	}

	@Actor
	public void endTime() {
		this.request.endNow();
	}

	@Arbiter
	public void end(ZI_Result result) {
		result.r2 = this.timeouts.get();
	}

}
