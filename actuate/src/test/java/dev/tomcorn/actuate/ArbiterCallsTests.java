package dev.tomcorn.actuate;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.Operation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link ArbiterCalls}, with an arbiter that answers when the test says so.
 */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(60)
class ArbiterCallsTests {

	private static final Operation RELOAD = new Operation.Reload(true);

	private static final Answer DONE = new Answer(Answer.Outcome.SUCCEEDED, "done");

	private final List<CompletableFuture<Answer>> asked = new CopyOnWriteArrayList<>();

	private volatile boolean silent;

	private volatile boolean ending;

	private final ArbiterCalls calls = new ArbiterCalls((operation) -> {
		CompletableFuture<Answer> answer = new CompletableFuture<>();
		this.asked.add(answer);
		return answer;
	}, () -> this.silent, () -> this.ending);

	@Test
	void arbiterThatShowsNoSignOfLifeIsNotAsked() {
		this.silent = true;
		assertThatExceptionOfType(ArbiterCalls.UnavailableException.class)
			.isThrownBy(() -> this.calls.askAndAwaitEnd(RELOAD))
			.withMessage("The arbiter shows no sign of life: it was not asked");
		assertThatExceptionOfType(ArbiterCalls.UnavailableException.class)
			.isThrownBy(() -> this.calls.ask(RELOAD, Duration.ofHours(1)));
		assertThat(this.asked).isEmpty();
	}

	@Test
	void clientsOfAnArbiterThatFreezesWaitNoLonger() throws Exception {
		try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
			Future<Answer> end = executor.submit(() -> this.calls.askAndAwaitEnd(RELOAD));
			Future<Answer> soon = executor.submit(() -> this.calls.ask(RELOAD, Duration.ofHours(1)));
			await().until(() -> this.asked.size() == 2);
			this.silent = true;
			for (Future<Answer> waiting : List.of(end, soon)) {
				await().until(waiting::isDone);
				assertThat(waiting.exceptionNow()).isInstanceOf(ArbiterCalls.UnavailableException.class)
					.hasMessage("The arbiter shows no sign of life any more; what was asked for may still be done");
			}
			assertThat(this.asked).allMatch(CompletableFuture::isCancelled);
		}
	}

	@Test
	void moreClientsThanMayWaitAreToldSoAtOnce() throws Exception {
		try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
			List<Future<Answer>> waiting = IntStream.range(0, ArbiterCalls.MAX_WAITING)
				.mapToObj((number) -> executor.submit(() -> this.calls.askAndAwaitEnd(RELOAD)))
				.toList();
			await().until(() -> this.asked.size() == waiting.size());
			for (int number = 0; number < 20; number++) {
				assertThatExceptionOfType(ArbiterCalls.UnavailableException.class)
					.isThrownBy(() -> this.calls.askAndAwaitEnd(RELOAD))
					.withMessageContaining("4 clients of this worker wait for the arbiter already");
			}
			assertThat(this.asked).hasSize(waiting.size());
			this.asked.forEach((answer) -> answer.complete(DONE));
			for (Future<Answer> answered : waiting) {
				assertThat(answered.get()).isEqualTo(DONE);
			}
			Future<Answer> next = executor.submit(() -> this.calls.askAndAwaitEnd(RELOAD));
			await().until(() -> this.asked.size() > waiting.size());
			this.asked.getLast().complete(DONE);
			assertThat(next.get()).isEqualTo(DONE);
		}
	}

	@Test
	void workerThatEndsTellsThatTheRestGoesOn() throws Exception {
		this.ending = true;
		assertThat(this.calls.askAndAwaitEnd(RELOAD))
			.isEqualTo(new Answer(Answer.Outcome.STARTED, "Still in progress; the worker that was asked ends first"));
	}

	@Test
	void answerThatDoesNotComeInTimeIsNotWaitedFor() {
		assertThatExceptionOfType(ArbiterCalls.UnavailableException.class)
			.isThrownBy(() -> this.calls.ask(RELOAD, Duration.ofSeconds(1)))
			.withMessage("The arbiter has not answered within 1 s; what was asked for may still be done");
	}

}
