package dev.tomcorn.launch;

import dev.tomcorn.core.arbiter.FleetEvent;
import dev.tomcorn.core.arbiter.FleetListener;
import dev.tomcorn.core.process.JavaHeap;
import dev.tomcorn.core.process.NativeHeap;

/**
 * Prepares the arbiter for later without delaying the start. While the first worker
 * boots, it loads the classes that the arbiter may need later. When the first worker is
 * ready, it returns the memory that the arbiter's own start has used.
 */
final class ArbiterWarmUp implements FleetListener {

	private boolean loaded;

	private boolean ready;

	@Override
	public void onFleetEvent(FleetEvent event) {
		if (event instanceof FleetEvent.WorkerSpawned && !this.loaded) {
			this.loaded = true;
			ArbiterClasses.load();
		}
		if (event instanceof FleetEvent.WorkerReady && !this.ready) {
			this.ready = true;
			JavaHeap.giveBack();
			NativeHeap.giveBack();
		}
	}

}
