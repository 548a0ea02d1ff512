package dev.tomcorn.request;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/**
 * The longest time of requests that end at once is in one sample or in the next.
 */
@JCStressTest
@Outcome(id = { "7, .*", ".*, 7" }, expect = Expect.ACCEPTABLE, desc = "in one of the samples")
@Outcome(expect = Expect.FORBIDDEN, desc = "lost")
@State
public class LongestTimeStress {

	private final RequestFigures figures = new RequestFigures(() -> 0);

	@Actor
	public void longOne() {
		this.figures.ended(0, 7, 0);
	}

	@Actor
	public void shortOneAndSample(JJ_Result result) {
		this.figures.ended(0, 3, 0);
		result.r1 = this.figures.takeLongest();
	}

	@Arbiter
	public void next(JJ_Result result) {
		result.r2 = this.figures.takeLongest();
	}

}
