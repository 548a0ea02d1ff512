package dev.tomcorn.request;

import java.util.List;

import dev.tomcorn.core.incident.ApplicationFrames;
import dev.tomcorn.core.scoreboard.TestMemory;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/**
 * A request that comes while no row is free is shown at the next reading, also when the
 * reading before has just freed a row.
 */
@JCStressTest
@Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "shown")
@Outcome(expect = Expect.FORBIDDEN, desc = "never shown")
@State
public class CrowdedRowsStress {

	private final RequestsInFlight requests = new RequestsInFlight(TestMemory.record(),
			new ApplicationFrames(List.of()));

	private final SlowRequests slowRequests = new SlowRequests(this.requests);

	private volatile RequestInFlight request;

	public CrowdedRowsStress() {
		this.requests.rows().crowd();
	}

	@Actor
	public void begin() {
		this.request = this.requests.begin("GET", "/", "");
	}

	@Actor
	public void update() {
		this.slowRequests.update();
	}

	@Arbiter
	public void next(Z_Result result) {
		this.slowRequests.update();
		result.r1 = this.request.hasRow();
	}

}
