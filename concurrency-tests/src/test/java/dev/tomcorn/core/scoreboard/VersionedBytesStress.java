package dev.tomcorn.core.scoreboard;

import java.util.Arrays;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Bytes are read as a whole, and older ones never come after newer ones. A worker's
 * figures, its facts, the notice and the identity use them.
 */
@JCStressTest
@Outcome(id = { "0, 0", "0, 1", "0, 2", "1, 1", "1, 2", "2, 2" }, expect = Expect.ACCEPTABLE, desc = "whole, in order")
@Outcome(id = { "9, .*", ".*, 9" }, expect = Expect.ACCEPTABLE_INTERESTING, desc = "the writer did not get on")
@Outcome(expect = Expect.FORBIDDEN, desc = "torn, or back in time")
@State
public class VersionedBytesStress {

	private final VersionedBytes bytes = new VersionedBytes(TestMemory.bytes(128));

	public VersionedBytesStress() {
		this.bytes.set(filled(24, 0));
	}

	private static byte[] filled(int length, int value) {
		byte[] filled = new byte[length];
		Arrays.fill(filled, (byte) value);
		return filled;
	}

	@Actor
	public void write() {
		this.bytes.set(filled(96, 1));
		this.bytes.set(filled(48, 2));
	}

	@Actor
	public void read(II_Result result) {
		VersionedBytes.Reading first = this.bytes.read(null);
		result.r1 = whole(first);
		result.r2 = whole(this.bytes.read(first));
	}

	private static int whole(VersionedBytes.Reading reading) {
		if (reading == null) {
			return 9;
		}
		byte[] read = reading.bytes();
		int value = (read.length > 0) ? read[0] : -1;
		int length = switch (value) {
			case 0 -> 24;
			case 1 -> 96;
			case 2 -> 48;
			default -> -1;
		};
		return Arrays.equals(read, filled(Math.max(0, length), value)) ? value : -1;
	}

}
