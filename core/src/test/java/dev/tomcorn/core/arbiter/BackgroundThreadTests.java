package dev.tomcorn.core.arbiter;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link BackgroundThread}.
 */
class BackgroundThreadTests {

	private final BackgroundThread log = BackgroundThread.onDemand("test-log");

	@Test
	void orderIsKeptAndAFailureStopsNothing() {
		List<String> written = new CopyOnWriteArrayList<>();
		this.log.execute(() -> written.add("one"));
		this.log.execute(() -> {
			throw new StackOverflowError("on purpose");
		});
		this.log.execute(() -> written.add(Thread.currentThread().getName()));
		await().until(() -> written.size() == 2);
		assertThat(written).containsExactly("one", "test-log");
	}

	@Test
	void callerDoesNotWaitWhileTheLogHangs() throws InterruptedException {
		CountDownLatch hanging = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		this.log.execute(() -> {
			hanging.countDown();
			try {
				release.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		});
		hanging.await();
		for (int entry = 0; entry < 1000; entry++) {
			this.log.execute(() -> {
			});
		}
		release.countDown();
	}

	@Test
	void whatIsTooMuchIsRefusedAndThePendingRunsBeforeTheEnd() throws InterruptedException {
		CountDownLatch hanging = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		List<String> done = new CopyOnWriteArrayList<>();
		BackgroundThread thread = BackgroundThread.started("test", 1);
		thread.offer(() -> {
			hanging.countDown();
			try {
				release.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		});
		hanging.await();
		assertThat(thread.offer(() -> done.add("pending"))).isTrue();
		assertThat(thread.offer(() -> done.add("too much"))).isFalse();
		release.countDown();
		thread.close();
		assertThat(done).containsExactly("pending");
	}

	@Test
	void taskWithoutAThreadIsPendingOnlyIfItIsInTheQueue() {
		ThreadFactory none = (task) -> {
			throw new OutOfMemoryError("unable to create native thread");
		};
		List<String> done = new CopyOnWriteArrayList<>();
		LinkedBlockingQueue<Runnable> pending = new LinkedBlockingQueue<>(1);
		BackgroundThread thread = new BackgroundThread(0, pending, none);
		assertThat(thread.offer(() -> done.add("pending"))).isTrue();
		assertThat(thread.offer(() -> done.add("too much"))).as("the queue is full").isFalse();
		assertThat(pending).hasSize(1).allSatisfy(Runnable::run);
		assertThat(done).containsExactly("pending");
		BackgroundThread core = new BackgroundThread(1, new LinkedBlockingQueue<>(1), none);
		assertThat(core.offer(() -> done.add("given to no thread"))).isFalse();
	}

	@Test
	void taskForWhichThereIsNoMemoryIsDropped() {
		LinkedBlockingQueue<Runnable> full = new LinkedBlockingQueue<>() {

			private static final long serialVersionUID = 1;

			@Override
			public boolean offer(Runnable task) {
				throw new OutOfMemoryError("Java heap space");
			}

		};
		BackgroundThread thread = new BackgroundThread(0, full, Thread.ofPlatform().daemon().factory());
		assertThat(thread.offer(() -> {
		})).isFalse();
	}

	@Test
	void undeclaredExceptionDoesNotEndTheThread() {
		List<Thread> threads = new CopyOnWriteArrayList<>();
		BackgroundThread thread = BackgroundThread.started("test", 10);
		thread.execute(() -> {
			threads.add(Thread.currentThread());
			throwUndeclared(new IOException("on purpose"));
		});
		thread.execute(() -> threads.add(Thread.currentThread()));
		await().until(() -> threads.size() == 2);
		assertThat(threads.get(1)).isSameAs(threads.get(0));
		thread.close();
	}

	/**
	 * Throw a checked exception as code in Kotlin may.
	 */
	@SuppressWarnings("unchecked")
	private static <E extends Exception> void throwUndeclared(Exception exception) throws E {
		throw (E) exception;
	}

}
