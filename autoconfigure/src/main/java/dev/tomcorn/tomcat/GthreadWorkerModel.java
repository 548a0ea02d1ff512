package dev.tomcorn.tomcat;

import dev.tomcorn.WorkerModel;
import org.apache.coyote.http11.AbstractHttp11Protocol;

/**
 * {@code gthread}: requests on a bounded pool of platform threads.
 */
final class GthreadWorkerModel implements WorkerModel {

	private final int threads;

	/**
	 * Create the worker class.
	 * @param threads number of threads, 1 or more
	 */
	GthreadWorkerModel(int threads) {
		this.threads = threads;
	}

	@Override
	public String name() {
		return "gthread";
	}

	@Override
	public int concurrency() {
		return this.threads;
	}

	@Override
	public void configure(AbstractHttp11Protocol<?> protocol) {
		protocol.setExecutor(null);
		protocol.setMaxThreads(this.threads);
		protocol.setMinSpareThreads(Math.min(protocol.getMinSpareThreads(), this.threads));
	}

}
