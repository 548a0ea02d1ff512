package dev.tomcorn.worker;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@ExtendWith(OutputCaptureExtension.class)
@Isolated("Every watch of this process sees its deadlock")
class DeadlockWatchTests {

	private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

	private final List<String> found = new CopyOnWriteArrayList<>();

	private final AtomicLong now = new AtomicLong();

	private final DeadlockWatch watch = new DeadlockWatch(this.threads, this.found::add, Runnable::run, this.now::get);

	private final List<Thread> deadlocked = new ArrayList<>();

	@AfterEach
	void resolve() throws InterruptedException {
		for (Thread thread : this.deadlocked) {
			thread.interrupt();
			assertThat(thread.join(Duration.ofMinutes(2))).as("%s has ended", thread).isTrue();
		}
	}

	private void deadlock(Thread.Builder left, Thread.Builder right) {
		ReentrantLock one = new ReentrantLock();
		ReentrantLock two = new ReentrantLock();
		CyclicBarrier barrier = new CyclicBarrier(2);
		this.deadlocked.add(left.start(() -> lockBoth(one, two, barrier)));
		this.deadlocked.add(right.start(() -> lockBoth(two, one, barrier)));
		// In this order, since a thread in the queue of a lock waits for nothing else
		await().until(() -> one.hasQueuedThreads() && two.hasQueuedThreads()
				&& this.deadlocked.stream().allMatch((thread) -> thread.getState() == Thread.State.WAITING));
	}

	private static void lockBoth(Lock first, Lock second, CyclicBarrier barrier) {
		first.lock();
		try {
			barrier.await();
			second.lockInterruptibly();
		}
		catch (Exception ex) {
			// The test is over
		}
		finally {
			first.unlock();
		}
	}

	@Test
	void deadlockIsReportedOnceWhenFoundTwice(CapturedOutput output) {
		deadlock(Thread.ofPlatform().name("left"), Thread.ofPlatform().name("right"));
		this.watch.check();
		assertThat(this.found).isEmpty();
		this.watch.check();
		assertThat(this.found).hasSize(1)
			.first()
			.asString()
			.matches("deadlock of 2 threads: (left, right|right, left)");
		assertThat(output).contains("ERROR", "\"left\" waits for <", "of \"right\"", "\"right\" waits for <",
				"lockBoth(DeadlockWatchTests.java", "- holds <java.util.concurrent.locks.ReentrantLock");
		this.watch.check();
		this.watch.check();
		assertThat(this.found).hasSize(1);
	}

	@Test
	void deadlockThatIsGoneIsNotReported() throws InterruptedException {
		deadlock(Thread.ofPlatform(), Thread.ofPlatform());
		this.watch.check();
		resolve();
		this.watch.check();
		this.watch.check();
		assertThat(this.found).isEmpty();
	}

	@Test
	void threadsThatOnlyWaitAreNoDeadlock() {
		this.watch.check();
		this.watch.check();
		assertThat(this.found).isEmpty();
	}

	@Test
	void virtualThreadsAreNotSeen() {
		deadlock(Thread.ofVirtual(), Thread.ofVirtual());
		this.watch.check();
		this.watch.check();
		assertThat(this.found).isEmpty();
	}

	@Test
	void itLooksOnceInFiveSeconds() {
		deadlock(Thread.ofPlatform(), Thread.ofPlatform());
		for (int quarters = 1; quarters < 40; quarters++) {
			this.now.addAndGet(Duration.ofMillis(250).toNanos());
			this.watch.checkIfDue();
			assertThat(this.found).as("after %d quarters of a second", quarters).isEmpty();
		}
		this.now.addAndGet(Duration.ofMillis(250).toNanos());
		this.watch.checkIfDue();
		assertThat(this.found).as("found twice in a row").hasSize(1);
	}

	/**
	 * The log may be blocked by the deadlock.
	 */
	@Test
	void watchGoesOnWhileTheLogHangs() {
		deadlock(Thread.ofPlatform(), Thread.ofPlatform());
		List<Runnable> hanging = new ArrayList<>();
		DeadlockWatch patient = new DeadlockWatch(this.threads, this.found::add, hanging::add, this.now::get);
		patient.check();
		patient.check();
		assertThat(this.found).hasSize(1);
		assertThat(hanging).hasSize(1);
	}

	@Test
	void stacksAreLoggedAndItIsToldAgainWhenItCannotBeTold() {
		deadlock(Thread.ofPlatform(), Thread.ofPlatform());
		List<Runnable> logged = new ArrayList<>();
		DeadlockWatch failing = new DeadlockWatch(this.threads, (line) -> {
			this.found.add(line);
			throw new OutOfMemoryError("no native thread");
		}, logged::add, this.now::get);
		lookTwice(failing);
		assertThat(this.found).hasSize(1);
		assertThat(logged).as("the stacks, and that the look failed").hasSize(2);
		lookTwice(failing);
		assertThat(this.found).hasSize(3);
		assertThat(logged).as("logged again").hasSize(2);
	}

	@Test
	void lookDoesNotFailOrLogWhenNoThreadCanStart(CapturedOutput output) {
		deadlock(Thread.ofPlatform(), Thread.ofPlatform());
		DeadlockWatch failing = new DeadlockWatch(this.threads, this.found::add, (writing) -> {
			throw new OutOfMemoryError("no native thread");
		}, this.now::get);
		lookTwice(failing);
		assertThat(this.found).hasSize(1);
		assertThat(output).doesNotContain("Cannot look for deadlocks");
	}

	private void lookTwice(DeadlockWatch looking) {
		for (int look = 0; look < 2; look++) {
			this.now.addAndGet(Duration.ofSeconds(5).toNanos());
			looking.checkIfDue();
		}
	}

}
