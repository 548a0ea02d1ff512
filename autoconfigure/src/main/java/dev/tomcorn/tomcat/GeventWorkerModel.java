package dev.tomcorn.tomcat;

import dev.tomcorn.WorkerModel;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.tomcat.util.threads.VirtualThreadExecutor;

/**
 * {@code gevent}: each request on a virtual thread.
 */
final class GeventWorkerModel implements WorkerModel {

	private final int workerConnections;

	/**
	 * Create the worker class.
	 * @param workerConnections maximum number of requests that run at once, 1 or more
	 */
	GeventWorkerModel(int workerConnections) {
		this.workerConnections = workerConnections;
	}

	@Override
	public String name() {
		return "gevent";
	}

	@Override
	public int concurrency() {
		return this.workerConnections;
	}

	@Override
	public boolean virtualThreads() {
		return true;
	}

	@Override
	public void configure(AbstractHttp11Protocol<?> protocol) {
		protocol.setExecutor(new VirtualThreadExecutor("tomcat-handler-"));
	}

}
