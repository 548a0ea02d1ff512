package dev.tomcorn.tomcat;

import dev.tomcorn.WorkerModel;
import org.apache.coyote.http11.AbstractHttp11Protocol;

/**
 * {@code sync}: one request at a time on one platform thread, one request a connection.
 */
final class SyncWorkerModel implements WorkerModel {

	@Override
	public String name() {
		return "sync";
	}

	@Override
	public int concurrency() {
		return 1;
	}

	@Override
	public boolean keepAlive() {
		return false;
	}

	@Override
	public void configure(AbstractHttp11Protocol<?> protocol) {
		protocol.setExecutor(null);
		protocol.setMaxThreads(1);
		protocol.setMinSpareThreads(1);
	}

}
