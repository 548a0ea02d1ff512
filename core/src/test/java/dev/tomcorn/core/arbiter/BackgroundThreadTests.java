package dev.tomcorn.core.arbiter;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

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

}
