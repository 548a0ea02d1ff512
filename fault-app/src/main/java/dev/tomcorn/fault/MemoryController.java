package dev.tomcorn.fault;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.tomcorn.Worker;
import org.jspecify.annotations.Nullable;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Requests that use up the heap.
 */
@RestController
class MemoryController {

	/**
	 * Small enough to be an ordinary object for every collector.
	 */
	private static final int CHUNK = 64 * 1024;

	private static final int CHUNKS_PER_MEGABYTE = 16;

	private static final Duration ROUND = Duration.ofMillis(100);

	private final Worker worker;

	private final Queue<byte[]> leaked = new ConcurrentLinkedQueue<>();

	private final AtomicBoolean spiraling = new AtomicBoolean();

	private volatile @Nullable Object sink;

	MemoryController(Worker worker) {
		this.worker = worker;
	}

	/**
	 * Keep some memory for good.
	 */
	@GetMapping("/memory/leak")
	ServedBy leak(@RequestParam(defaultValue = "10") int mb) {
		for (int chunk = 0; chunk < mb * CHUNKS_PER_MEGABYTE; chunk++) {
			this.leaked.add(new byte[CHUNK]);
		}
		return ServedBy.currentThreadOf(this.worker);
	}

	/**
	 * Use some memory as long as the request takes.
	 */
	@GetMapping("/memory/load")
	ServedBy load(@RequestParam int mb) {
		List<byte[]> used = new ArrayList<>();
		for (int chunk = 0; chunk < mb * CHUNKS_PER_MEGABYTE; chunk++) {
			used.add(new byte[CHUNK]);
		}
		this.sink = used;
		this.sink = null;
		return ServedBy.currentThreadOf(this.worker);
	}

	/**
	 * Allocate garbage without end.
	 */
	@GetMapping("/memory/churn")
	ServedBy churn(@RequestParam(defaultValue = "5") int seconds) {
		long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
		while (System.nanoTime() < end) {
			this.sink = new byte[1024];
		}
		return ServedBy.currentThreadOf(this.worker);
	}

	/**
	 * Make the JVM do little but collect garbage, without running out of memory. It takes
	 * a few seconds with {@code -Xmx128m -XX:+UseParallelGC}.
	 */
	@GetMapping("/memory/spiral")
	ServedBy spiral(@RequestParam(defaultValue = "0.96") double share) {
		if (this.spiraling.compareAndSet(false, true)) {
			Thread.ofPlatform().daemon().name("spiral").start(new GarbageLoad(share));
		}
		return ServedBy.currentThreadOf(this.worker);
	}

	/**
	 * Keep many small objects, a few more each round for as long as collections take less
	 * than a share of the time, and allocate much garbage.
	 */
	private final class GarbageLoad implements Runnable {

		private final List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans();

		private final double goal;

		private @Nullable Node kept;

		GarbageLoad(double goal) {
			this.goal = goal;
		}

		private record Node(@Nullable Node next) {
		}

		@Override
		public void run() {
			while (true) {
				double share = churn();
				if (share < this.goal) {
					keep(Runtime.getRuntime().maxMemory() / 16 / ((share < 0.5) ? 50 : (share < 0.8) ? 500 : 5000));
				}
			}
		}

		private double churn() {
			long start = System.nanoTime();
			long collectedAtStart = collectionMillis();
			while (System.nanoTime() - start < ROUND.toNanos()) {
				MemoryController.this.sink = new byte[1024];
			}
			return (collectionMillis() - collectedAtStart) * 1e6 / (System.nanoTime() - start);
		}

		private long collectionMillis() {
			return this.collectors.stream().mapToLong(GarbageCollectorMXBean::getCollectionTime).sum();
		}

		private void keep(long count) {
			for (long node = 0; node < count; node++) {
				this.kept = new Node(this.kept);
			}
		}

	}

}
