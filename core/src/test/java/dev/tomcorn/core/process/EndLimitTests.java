package dev.tomcorn.core.process;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

class EndLimitTests {

	private static final Consumer<Runnable> EXHAUSTED = (task) -> {
		throw new OutOfMemoryError("unable to create native thread");
	};

	@Test
	void anotherKindOfThreadWaitsWhereThereIsNoneOfTheFirst() {
		CompletableFuture<Boolean> virtual = new CompletableFuture<>();
		EndLimit.start(List.of(EXHAUSTED, Thread.ofVirtual()::start),
				() -> virtual.complete(Thread.currentThread().isVirtual()));
		assertThat(virtual).succeedsWithin(Duration.ofSeconds(30)).isEqualTo(true);
	}

	@Test
	void endGoesOnWhereThereIsNoThreadAtAll() {
		assertThatNoException().isThrownBy(() -> EndLimit.start(List.of(EXHAUSTED, EXHAUSTED), () -> {
		}));
	}

}
