package dev.tomcorn.core.arbiter;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * A problem of a fleet, current or just ended. Times are milliseconds of the epoch.
 *
 * @param kind what it is
 * @param worker the index of the worker, {@link #FLEET} if it is about the fleet
 * @param pid the worker's process id, 0 if it is not about a worker
 * @param since when it began
 * @param endedAt when it ended, 0 while it goes on
 * @param text what is wrong and why, in a sentence without a full stop
 * @param evidence how it was found, or empty
 * @param remedy what to do about it, in a sentence with a full stop
 */
public record Problem(ProblemKind kind, int worker, long pid, long since, long endedAt, String text, String evidence,
		String remedy) {

	/**
	 * Index of problems that are not about a worker.
	 */
	public static final int FLEET = -1;

	/**
	 * Most problems in a report, ended ones included.
	 */
	public static final int MAX = 12;

	/**
	 * Most ended problems in a report.
	 */
	public static final int MAX_OVER = 4;

	/**
	 * Longest sentence, in characters. All problems of a report together fit into its
	 * shared memory.
	 */
	static final int MAX_TEXT = 240;

	private static final int MAX_BESIDE = 160;

	public Problem {
		text = limited(text, MAX_TEXT);
		evidence = limited(evidence, MAX_BESIDE);
		remedy = limited(remedy, MAX_BESIDE);
	}

	private static String limited(String text, int most) {
		String line = PrintableText.line(text);
		return (line.length() <= most) ? line : line.substring(0, most - 1) + "…";
	}

	/**
	 * Return whether the problem has not ended.
	 * @return whether it is current
	 */
	public boolean ongoing() {
		return this.endedAt == 0;
	}

	/**
	 * Return whether this is a later reading of the same problem.
	 */
	boolean isSame(Problem other) {
		// A problem about deaths names the last worker
		boolean sameWorker = this.kind == ProblemKind.WORKER_DEATHS
				|| (this.worker == other.worker && this.pid == other.pid);
		return this.kind == other.kind && sameWorker
				&& (this.since == other.since || (this.kind.follows() && ongoing() && other.ongoing()));
	}

	void write(DataOutputStream out) throws IOException {
		out.writeUTF(this.kind.key());
		out.writeInt(this.worker);
		out.writeLong(this.pid);
		out.writeLong(this.since);
		out.writeLong(this.endedAt);
		out.writeUTF(this.text);
		out.writeUTF(this.evidence);
		out.writeUTF(this.remedy);
	}

	/**
	 * Read a problem.
	 * @return the problem, or {@code null} if it is of a kind that only a newer version
	 * knows
	 */
	static @Nullable Problem read(DataInputStream in) throws IOException {
		Optional<ProblemKind> kind = ProblemKind.of(in.readUTF());
		int worker = in.readInt();
		long pid = in.readLong();
		long since = in.readLong();
		long endedAt = in.readLong();
		String text = in.readUTF();
		String evidence = in.readUTF();
		String remedy = in.readUTF();
		return kind.map((known) -> new Problem(known, worker, pid, since, endedAt, text, evidence, remedy))
			.orElse(null);
	}

}
