package dev.tomcorn.fault;

import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Requests that cause a deadlock.
 */
@RestController
class DeadlockController {

	/**
	 * Bring two platform threads into a deadlock, and answer.
	 */
	@GetMapping("/deadlock")
	void deadlock() {
		Object left = new Object();
		Object right = new Object();
		CyclicBarrier bothHoldOne = new CyclicBarrier(2);
		Thread.ofPlatform().daemon().name("deadlock-left").start(() -> lockBoth(left, right, bothHoldOne));
		Thread.ofPlatform().daemon().name("deadlock-right").start(() -> lockBoth(right, left, bothHoldOne));
	}

	private static void lockBoth(Object first, Object second, CyclicBarrier bothHoldOne) {
		synchronized (first) {
			try {
				bothHoldOne.await();
			}
			catch (InterruptedException | BrokenBarrierException ex) {
				return;
			}
			synchronized (second) {
				throw new IllegalStateException("That was no deadlock");
			}
		}
	}

}
