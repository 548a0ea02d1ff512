package dev.tomcorn.core.scoreboard;

import java.util.List;

import dev.tomcorn.core.scoreboard.WorkerRecord.InFlight;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A row of a worker's record is read as one request, also while another request takes the
 * row.
 */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "none, between two")
@Outcome(id = { "1", "2" }, expect = Expect.ACCEPTABLE, desc = "one of them, whole")
@Outcome(id = "3", expect = Expect.ACCEPTABLE, desc = "the second one with its stack")
@Outcome(expect = Expect.FORBIDDEN, desc = "a mixture")
@State
public class RequestRowStress {

	private static final String FIRST = "/first".repeat(20);

	private static final String SECOND = "/the/second".repeat(15);

	private static final List<String> STACK = List.of("Second.run(Second.java:2)");

	private final WorkerRecord record = TestMemory.record();

	/**
	 * The first row, so that a reader reaches it at once.
	 */
	private final int row = this.record.begin(0, "GET", FIRST, 1);

	@Actor
	public void write() {
		this.record.end(this.row);
		// The same number goes to the same row
		int next = this.record.begin(0, "DELETE", SECOND, 2);
		this.record.stack(next, STACK);
	}

	@Actor
	public void read(I_Result result) {
		List<InFlight> requests = this.record.inFlight();
		result.r1 = requests.isEmpty() ? 0 : which(requests.getFirst());
	}

	private static int which(InFlight request) {
		if (request.began() == 1) {
			return is(request, "GET", FIRST) && request.stack().isEmpty() ? 1 : -1;
		}
		if (request.began() != 2 || !is(request, "DELETE", SECOND)) {
			return -1;
		}
		return request.stack().isEmpty() ? 2 : request.stack().equals(STACK) ? 3 : -1;
	}

	private static boolean is(InFlight request, String method, String path) {
		return request.method().equals(method) && request.path().equals(path);
	}

}
