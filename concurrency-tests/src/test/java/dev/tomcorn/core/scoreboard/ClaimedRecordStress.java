package dev.tomcorn.core.scoreboard;

import java.lang.foreign.MemorySegment;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IL_Result;

/**
 * A reader of a worker's record never takes data of another worker for it while that
 * worker claims the record.
 */
@JCStressTest
@Outcome(id = { "0, ", "0, old", "1, ", "1, old" }, expect = Expect.ACCEPTABLE, desc = "the old worker's, or nothing")
@Outcome(expect = Expect.FORBIDDEN, desc = "the new worker's")
@State
public class ClaimedRecordStress {

	private final MemorySegment memory = TestMemory.bytes(WorkerRecord.SIZE);

	private final WorkerRecord old;

	public ClaimedRecordStress() {
		new WorkerRecord(this.memory).claim(1);
		this.old = new WorkerRecord(this.memory);
		this.old.begin(1, "GET", "/old", 1);
		this.old.setNote(WorkerRecord.Note.EXIT_CALLER, "old");
	}

	@Actor
	public void claim() {
		new WorkerRecord(this.memory).claim(2);
		WorkerRecord other = new WorkerRecord(this.memory);
		other.begin(1, "GET", "/new", 2);
		other.setNote(WorkerRecord.Note.EXIT_CALLER, "new");
	}

	@Actor
	public void read(IL_Result result) {
		result.r1 = this.old.inFlight().stream().mapToInt((request) -> (int) request.began()).sum();
		result.r2 = this.old.note(WorkerRecord.Note.EXIT_CALLER);
	}

}
