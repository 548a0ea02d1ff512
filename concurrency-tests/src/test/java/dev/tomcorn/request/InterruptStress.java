package dev.tomcorn.request;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * An interrupt for a request never affects the later work of its thread.
 */
@JCStressTest
@Outcome(id = { "false, false", "false, true" }, expect = Expect.ACCEPTABLE, desc = "in time, or not at all")
@Outcome(expect = Expect.FORBIDDEN, desc = "left over")
@State
public class InterruptStress {

	private final RequestInFlight request = new RequestsInFlight().begin("GET", "/", "");

	public InterruptStress() {
		this.request.suspend(null);
	}

	@Actor
	public void run(ZZ_Result result) {
		this.request.resume();
		this.request.end();
		result.r1 = Thread.interrupted();
	}

	@Actor
	public void interrupt(ZZ_Result result) {
		result.r2 = this.request.endNow() != null;
	}

}
