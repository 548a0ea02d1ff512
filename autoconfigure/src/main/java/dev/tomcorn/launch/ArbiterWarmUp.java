package dev.tomcorn.launch;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongSupplier;

import dev.tomcorn.core.arbiter.FleetEvent;
import dev.tomcorn.core.arbiter.FleetListener;
import dev.tomcorn.core.arbiter.Placement;
import dev.tomcorn.core.process.JavaHeap;
import dev.tomcorn.core.process.NativeHeap;

/**
 * Prepares the arbiter for later without delaying the start. While the first worker
 * boots, it loads the classes that the arbiter may need later. When all workers are
 * ready, it returns the memory that the arbiter's own start has used.
 */
final class ArbiterWarmUp implements FleetListener {

	/**
	 * After this time, not all workers need to be ready: some may never be.
	 */
	private static final Duration LIMIT = Duration.ofMinutes(1);

	private boolean loaded;

	private final Set<Integer> ready = new HashSet<>();

	private final Runnable returnMemory;

	private final LongSupplier nanoTime;

	private final long createdAt;

	private int workers;

	private boolean returned;

	ArbiterWarmUp() {
		this(() -> {
			JavaHeap.giveBack();
			JavaHeap.keepLittle();
			NativeHeap.giveBack();
		}, System::nanoTime);
	}

	/**
	 * Create a listener.
	 * @param returnMemory returns memory to the system
	 * @param nanoTime the clock
	 */
	ArbiterWarmUp(Runnable returnMemory, LongSupplier nanoTime) {
		this.returnMemory = returnMemory;
		this.nanoTime = nanoTime;
		this.createdAt = nanoTime.getAsLong();
	}

	@Override
	public void onFleetEvent(FleetEvent event) {
		switch (event) {
			case FleetEvent.Started(int number) -> this.workers = number;
			case FleetEvent.Scaled(int _, int to) -> this.workers = to;
			case FleetEvent.WorkerReady(Placement placement, long _, Duration _) -> this.ready.add(placement.index());
			case FleetEvent.WorkerSpawned _ when !this.loaded -> {
				this.loaded = true;
				ArbiterClasses.load();
			}
			default -> {
			}
		}
		// Not earlier: the collection stops the arbiter, which has others to spawn
		if (!this.returned && !this.ready.isEmpty() && (this.ready.size() >= this.workers || isLate())) {
			this.returned = true;
			this.returnMemory.run();
		}
	}

	private boolean isLate() {
		return this.nanoTime.getAsLong() - this.createdAt > LIMIT.toNanos();
	}

}
