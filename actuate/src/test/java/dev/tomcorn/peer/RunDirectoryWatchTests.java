package dev.tomcorn.peer;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@Execution(ExecutionMode.CONCURRENT)
class RunDirectoryWatchTests {

	private final RunDirectoryWatch watch = new RunDirectoryWatch();

	private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

	@AfterEach
	void stop() {
		this.watch.close();
	}

	private boolean look(AtomicInteger looks, int most) {
		this.threads.add(Thread.currentThread());
		return looks.incrementAndGet() < most;
	}

	@Test
	void allLooksShareOneThreadThatEndsWithTheLast() {
		AtomicInteger once = new AtomicInteger();
		AtomicInteger twice = new AtomicInteger();
		this.watch.add(() -> look(once, 1));
		this.watch.add(() -> look(twice, 2));
		await().until(() -> this.threads.stream().anyMatch((thread) -> !thread.isAlive()));
		assertThat(once).hasValue(1);
		assertThat(twice).hasValue(2);
		assertThat(this.threads).hasSize(1);
		this.watch.add(() -> look(once, 2));
		await().untilAsserted(() -> assertThat(once).as("another thread").hasValue(2));
	}

	@Test
	void lookThatFailsKeepsNoOtherFromItsTurn() {
		AtomicInteger failing = new AtomicInteger();
		AtomicInteger other = new AtomicInteger();
		this.watch.add(() -> {
			failing.incrementAndGet();
			throw new IllegalStateException("on purpose");
		});
		this.watch.add(() -> look(other, Integer.MAX_VALUE));
		await().until(() -> failing.get() > 1 && other.get() > 1);
	}

	@Test
	void onlyTheFirstFailureOfALookIsLoggedAndNotByTheLookingThread() {
		List<Runnable> logged = new CopyOnWriteArrayList<>();
		RunDirectoryWatch failing = new RunDirectoryWatch((writing) -> {
			logged.add(writing);
			throw new OutOfMemoryError("no native thread");
		});
		AtomicInteger looks = new AtomicInteger();
		failing.add(() -> {
			if (looks.incrementAndGet() == 3) {
				return false;
			}
			throw new IllegalStateException("on purpose");
		});
		await().until(() -> looks.get() == 3);
		assertThat(logged).hasSize(1);
		failing.close();
	}

	@Test
	void closedWatchLooksNoMore() {
		this.watch.add(() -> look(new AtomicInteger(), Integer.MAX_VALUE));
		await().until(() -> !this.threads.isEmpty());
		this.watch.close();
		await().until(() -> this.threads.stream().noneMatch(Thread::isAlive));
	}

}
