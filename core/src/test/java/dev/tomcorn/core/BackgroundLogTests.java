package dev.tomcorn.core;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import dev.tomcorn.core.arbiter.ArbiterLog;
import dev.tomcorn.core.arbiter.Command.Level;

import static org.assertj.core.api.Assertions.assertThat;

class BackgroundLogTests {

	private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

	@Test
	void linesAreWrittenInOrderTheLastOnesToo() {
		try (BackgroundLog log = new BackgroundLog((level, message) -> this.lines.add(message))) {
			for (int number = 0; number < 1000; number++) {
				log.log(Level.INFO, "line " + number);
			}
		}
		// It is closed after at most two seconds, and goes on with the rest
		Awaitility.await().until(() -> this.lines.size() == 1000);
		assertThat(this.lines).startsWith("line 0").endsWith("line 999");
	}

	@Test
	void whatAWorkerReportsMovesNoCursor() {
		try (BackgroundLog log = new BackgroundLog((level, message) -> this.lines.add(message))) {
			log.log(Level.WARN, "Worker 0 did not boot:\n\tNo bean \u001B[2J\u202E");
		}
		Awaitility.await()
			.untilAsserted(() -> assertThat(this.lines).containsExactly("Worker 0 did not boot:\n\tNo bean ?[2J?"));
	}

	@Test
	void logThatHangsHoldsUpNobodyAndWhatIsMissingIsCounted() throws InterruptedException {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		ArbiterLog hanging = (level, message) -> {
			entered.countDown();
			await(goOn);
			this.lines.add(message);
		};
		try (BackgroundLog log = new BackgroundLog(hanging)) {
			log.log(Level.INFO, "first");
			entered.await();
			for (int number = 0; number < 10_007; number++) {
				log.log(Level.INFO, "line");
			}
			assertThat(this.lines).isEmpty();
			goOn.countDown();
		}
		Awaitility.await().until(() -> this.lines.size() == 1 + 10_000 + 1);
		assertThat(this.lines).contains("7 lines are missing here: the log was too slow");
	}

	@Test
	void logThatFailsIsTriedAgain() {
		ArbiterLog failing = (level, message) -> {
			this.lines.add(message);
			throw new IllegalStateException("disk full");
		};
		try (BackgroundLog log = new BackgroundLog(failing)) {
			log.log(Level.INFO, "first");
			log.log(Level.INFO, "second");
		}
		Awaitility.await().untilAsserted(() -> assertThat(this.lines).containsExactly("first", "second"));
	}

	private static void await(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
