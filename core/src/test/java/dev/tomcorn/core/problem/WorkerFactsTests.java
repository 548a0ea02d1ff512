package dev.tomcorn.core.problem;

import java.util.Arrays;
import java.util.Random;

import dev.tomcorn.core.problem.WorkerFacts.Carriers;
import dev.tomcorn.core.problem.WorkerFacts.LongRequest;
import dev.tomcorn.core.problem.WorkerFacts.Pool;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class WorkerFactsTests {

	private static final WorkerFacts ALL = new WorkerFacts(new LongRequest("GET", "/größer", 1, "A.java:3", 5.5),
			new Carriers(2, 3, "B.java:4", 4, 5), "deadlock of 2 threads", 6, "direct memory", 12, 7,
			new Pool("p", 8, 9, 10, 11));

	@Test
	void factsAreReadAsTheyWereWritten() {
		assertThat(WorkerFacts.ofBytes(ALL.toBytes())).isEqualTo(ALL);
		assertThat(WorkerFacts.ofBytes(WorkerFacts.NONE.toBytes())).isEqualTo(WorkerFacts.NONE);
	}

	@Test
	void factsOfLongTextsFitIntoAMessage() {
		String longest = "→".repeat(100_000);
		WorkerFacts facts = new WorkerFacts(new LongRequest(longest, longest, 1, longest, 1),
				new Carriers(1, 1, longest, 1, 1), longest, 1, longest, 1, 1, new Pool(longest, 1, 1, 1, 1));
		assertThat(facts.toBytes()).hasSizeLessThan(8192 - 1);
	}

	@Test
	void whatIsTruncatedOrGarbageIsNothingOrSomeFacts() {
		byte[] bytes = ALL.toBytes();
		for (int length = 0; length < bytes.length; length++) {
			assertThat(WorkerFacts.ofBytes(Arrays.copyOf(bytes, length))).isEqualTo(WorkerFacts.NONE);
		}
		Random random = new Random(1);
		for (int attempt = 0; attempt < 5000; attempt++) {
			byte[] garbage = bytes.clone();
			garbage[random.nextInt(garbage.length)] = (byte) random.nextInt();
			assertThat(WorkerFacts.ofBytes(garbage)).isNotNull();
		}
	}

}
