package dev.tomcorn.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.DurationUnit;

/**
 * Configuration properties of Tomcorn.
 *
 * @param workerClass How each worker runs requests: sync (also process), gthread (also
 * platform), gevent (also virtual), the name of a class that implements WorkerModel, or
 * the name of a bean that does.
 * @param workers Number of worker processes, or 'auto' to size by the worker class and
 * the available CPUs. When not set, the environment variable WEB_CONCURRENCY or else 1.
 * @param threads Number of request threads of each gthread worker. When not set, the
 * value of server.tomcat.threads.max.
 * @param workerConnections Maximum number of requests that each gevent worker runs at
 * once.
 * @param backlog Maximum number of connections that wait in the kernel's queue, bounded
 * by net.core.somaxconn. When not set, the value of server.tomcat.accept-count if that is
 * set, or else 2048.
 * @param reusePort Whether other processes may listen on the same port, by SO_REUSEPORT.
 * @param bootTimeout Time after which a worker that has not become ready is killed; 0 for
 * no limit. If a duration suffix is not specified, seconds will be used.
 * @param timeout Time after which a worker that shows no sign of life is killed and
 * replaced; 0 for no limit. If a duration suffix is not specified, seconds will be used.
 * @param gracefulTimeout Time that a worker which is to end may take to finish its
 * requests. If a duration suffix is not specified, seconds will be used.
 * @param runDirectory Directory in which the arbiter creates its private directory for
 * scoreboard and control socket. When not set, /dev/shm if possible, or else the
 * directory for temporary files.
 * @param arbiter The supervising process.
 */
@ConfigurationProperties("tomcorn")
public record TomcornProperties(@DefaultValue("gevent") String workerClass, @Nullable String workers,
		@Nullable Integer threads, @DefaultValue("1000") int workerConnections, @Nullable Integer backlog,
		@DefaultValue("false") boolean reusePort,
		@DefaultValue("2m") @DurationUnit(ChronoUnit.SECONDS) Duration bootTimeout,
		@DefaultValue("30s") @DurationUnit(ChronoUnit.SECONDS) Duration timeout,
		@DefaultValue("30s") @DurationUnit(ChronoUnit.SECONDS) Duration gracefulTimeout, @Nullable Path runDirectory,
		@DefaultValue Arbiter arbiter) {

	/**
	 * The supervising process.
	 *
	 * @param enabled Whether the application runs in worker processes under an arbiter.
	 * When not set, it does if there is more than one worker.
	 */
	public record Arbiter(@Nullable Boolean enabled) {
	}

}
