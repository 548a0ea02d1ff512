package dev.tomcorn.launch;

import dev.tomcorn.core.arbiter.FleetEvent;
import dev.tomcorn.core.arbiter.FleetListener;
import dev.tomcorn.core.process.NativeHeap;

/**
 * What an arbiter does once its first worker boots, which is what everybody waits for: it
 * loads the classes that it may need at some time. When a worker is ready, it gives the
 * memory back that its own start has taken.
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
			System.gc();
			NativeHeap.giveBack();
		}
	}

}
