package dev.tomcorn.launch;

import dev.tomcorn.core.arbiter.FleetEvent;
import dev.tomcorn.core.arbiter.FleetListener;
import dev.tomcorn.core.process.JavaHeap;
import dev.tomcorn.core.process.NativeHeap;

/**
 * Prepares the arbiter for later without delaying the start. While the first worker
 * boots, it loads the classes that the arbiter may need later. When all workers are
 * ready, it returns the memory that the arbiter's own start has used.
 */
final class ArbiterWarmUp implements FleetListener {

	private boolean loaded;

	/**
	 * How many workers are still to become ready.
	 */
	private int missing;

	@Override
	public void onFleetEvent(FleetEvent event) {
		if (event instanceof FleetEvent.Started(int workers)) {
			this.missing = workers;
		}
		if (event instanceof FleetEvent.WorkerSpawned && !this.loaded) {
			this.loaded = true;
			ArbiterClasses.load();
		}
		// Not earlier: the collection stops the arbiter, which has others to spawn
		if (event instanceof FleetEvent.WorkerReady && --this.missing == 0) {
			JavaHeap.giveBack();
			NativeHeap.giveBack();
		}
	}

}
