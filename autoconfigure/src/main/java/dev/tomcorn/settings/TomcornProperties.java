package dev.tomcorn.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.DurationUnit;
import org.springframework.util.unit.DataSize;

/**
 * Configuration properties of Tomcorn, in groups that are bound one by one: the time to
 * bind a record grows with the square of its components. They use no primitive types, so
 * that an empty property, such as an empty environment variable, has its default.
 *
 * @param workers the workers
 * @param listener where they listen
 * @param lifecycle the life of a worker
 * @param recycling when a worker is replaced
 * @param requests limits of requests
 * @param warmUp the warm-up
 * @param preload the copy of the application
 * @param incidents the incidents
 * @param problems the problems of the fleet and the machine
 * @param workerProblems the problems of workers
 * @param fleet the fleet
 * @param metrics how meters are shown
 */
public record TomcornProperties(Workers workers, Listener listener, Lifecycle lifecycle, Recycling recycling,
		Requests requests, WarmUp warmUp, Preload preload, Incidents incidents, Problems problems,
		WorkerProblems workerProblems, Fleet fleet, Metrics metrics) {

	/**
	 * Read the properties of an application.
	 * @param binder the binder
	 * @return the properties
	 */
	static TomcornProperties of(Binder binder) {
		return new TomcornProperties(binder.bindOrCreate("tomcorn", Workers.class),
				binder.bindOrCreate("tomcorn", Listener.class), binder.bindOrCreate("tomcorn", Lifecycle.class),
				binder.bindOrCreate("tomcorn", Recycling.class), binder.bindOrCreate("tomcorn", Requests.class),
				binder.bindOrCreate("tomcorn.warm-up", WarmUp.class),
				binder.bindOrCreate("tomcorn.preload", Preload.class),
				binder.bindOrCreate("tomcorn.incidents", Incidents.class),
				binder.bindOrCreate("tomcorn.problems", Problems.class),
				binder.bindOrCreate("tomcorn.problems", WorkerProblems.class),
				binder.bindOrCreate("tomcorn", Fleet.class), binder.bindOrCreate("tomcorn.metrics", Metrics.class));
	}

	/**
	 * Return the names of the groups, as Spring Cloud knows them.
	 * @return the names of the classes
	 */
	public static List<String> names() {
		return Arrays.stream(TomcornProperties.class.getDeclaredClasses())
			.filter((group) -> group.isAnnotationPresent(ConfigurationProperties.class))
			.map(Class::getName)
			.toList();
	}

	/**
	 * The workers.
	 *
	 * @param workerClass How each worker runs requests: sync (also process), gthread
	 * (also platform), gevent (also virtual), the name of a class that implements
	 * WorkerModel, or the name of a bean that does.
	 * @param workers Number of worker processes, or 'auto' to size by the worker class
	 * and the available CPUs. When not set, the environment variable WEB_CONCURRENCY or
	 * else 1.
	 * @param threads Number of request threads of each gthread worker. When not set, the
	 * value of server.tomcat.threads.max.
	 * @param workerConnections Maximum number of requests that each gevent worker runs at
	 * once.
	 * @param standby Number of further workers that are booted but take no traffic until
	 * another worker is lost or replaced.
	 * @param directory Directory in which workers start, such as the symbolic link of a
	 * deployment. When not set, the directory in which the application was started, by
	 * the shell's name for it.
	 * @param jvmOptions JVM options of the workers only, separated by spaces. {worker}
	 * stands for the worker's index, and {worker+9000} for a number that begins there.
	 */
	@ConfigurationProperties("tomcorn")
	public record Workers(@DefaultValue("gevent") String workerClass, @Nullable String workers,
			@Nullable Integer threads, @DefaultValue("1000") Integer workerConnections,
			@DefaultValue("0") Integer standby, @Nullable Path directory, @Nullable String jvmOptions) {
	}

	/**
	 * Where the workers listen.
	 *
	 * @param bind Addresses to listen on: host:port, [IPv6]:port or :port, unix:/path
	 * with ?mode=, &amp;owner= and &amp;group=, fd://number or fd://name of a socket that
	 * the process was started with. When not set, server.address and server.port.
	 * @param backlog Maximum number of connections that wait in the kernel's queue,
	 * bounded by net.core.somaxconn. When not set, the value of
	 * server.tomcat.accept-count if that is set, or else 2048.
	 * @param reusePort Whether other processes may listen on the same port, by
	 * SO_REUSEPORT.
	 */
	@ConfigurationProperties("tomcorn")
	public record Listener(@DefaultValue List<String> bind, @Nullable Integer backlog,
			@DefaultValue("false") Boolean reusePort) {
	}

	/**
	 * The life of a worker.
	 *
	 * @param firstWorkerAlone Whether the first worker of a start boots alone, so that it
	 * migrates a database before the others begin.
	 * @param deferSecondCompiler Whether the second compiler of the JVM begins in a
	 * worker when its application has started, after 30 seconds at the latest.
	 * @param bootTimeout Time after which a worker that has not become ready is ended; 0
	 * for no limit. For the first worker of a start, only a warning is logged. If a
	 * duration suffix is not specified, seconds will be used.
	 * @param timeout Time after which a worker that shows no sign of life is killed and
	 * replaced; 0 for no limit. If a duration suffix is not specified, seconds will be
	 * used.
	 * @param gracefulTimeout Time that an ending worker may take to finish its requests.
	 * If it is not set, spring.lifecycle.timeout-per-shutdown-phase is used. If a
	 * duration suffix is not specified, seconds will be used.
	 * @param slowStart Time for which a worker that begins to serve gets less than its
	 * share of connections, compared with those that have served for longer; 0 for never.
	 * If a duration suffix is not specified, seconds will be used.
	 * @param reload How a new generation of workers replaces the old one.
	 * @param recycle How workers that have reached a limit are replaced.
	 */
	@ConfigurationProperties("tomcorn")
	public record Lifecycle(@DefaultValue("true") Boolean firstWorkerAlone,
			@DefaultValue("true") Boolean deferSecondCompiler,
			@DefaultValue("2m") @DurationUnit(ChronoUnit.SECONDS) Duration bootTimeout,
			@DefaultValue("30s") @DurationUnit(ChronoUnit.SECONDS) Duration timeout,
			@DefaultValue("30s") @DurationUnit(ChronoUnit.SECONDS) Duration gracefulTimeout,
			@DefaultValue("0s") @DurationUnit(ChronoUnit.SECONDS) Duration slowStart, @DefaultValue Reload reload,
			@DefaultValue Recycle recycle) {
	}

	/**
	 * How a new generation of workers replaces the old one.
	 *
	 * @param maxSurge Maximum number of workers that a reload has running beyond the
	 * usual number.
	 */
	public record Reload(@DefaultValue("1") Integer maxSurge) {
	}

	/**
	 * How workers that have reached a limit are replaced.
	 *
	 * @param maxSurge Maximum number of workers that recycling has running beyond the
	 * usual number.
	 */
	public record Recycle(@DefaultValue("1") Integer maxSurge) {
	}

	/**
	 * When a worker is replaced.
	 *
	 * @param maxRequests Number of requests after which a worker is replaced; 0 for no
	 * limit.
	 * @param maxRequestsJitter Maximum number of requests that is added to max-requests,
	 * at random for each worker.
	 * @param maxLifetime Time after which a worker is replaced; 0 for no limit. If a
	 * duration suffix is not specified, seconds will be used.
	 * @param maxMemory Resident memory above which a worker is replaced. When not set,
	 * there is no limit. If a size suffix is not specified, bytes will be used.
	 * @param maxHeapAfterGc Heap that is still in use after a collection above which a
	 * worker is replaced, as a size such as 600MB or as a share of its maximum heap such
	 * as 85%. When not set, there is no limit.
	 */
	@ConfigurationProperties("tomcorn")
	public record Recycling(@DefaultValue("0") Integer maxRequests, @DefaultValue("0") Integer maxRequestsJitter,
			@DefaultValue("0s") @DurationUnit(ChronoUnit.SECONDS) Duration maxLifetime, @Nullable DataSize maxMemory,
			@Nullable String maxHeapAfterGc) {
	}

	/**
	 * Limits of requests.
	 *
	 * @param requestTimeout Time after which a request is interrupted; 0 for no limit. If
	 * a duration suffix is not specified, seconds will be used.
	 * @param requestTimeoutOverrides Limits for the requests to some paths, in place of
	 * request-timeout; the first match applies.
	 * @param requestTimeoutGrace Time that an interrupted request may take to end before
	 * its worker is replaced. If a duration suffix is not specified, seconds will be
	 * used.
	 * @param slowRequestThreshold Time after which the stack of a request is logged; 0
	 * for never. If a duration suffix is not specified, seconds will be used.
	 */
	@ConfigurationProperties("tomcorn")
	public record Requests(@DefaultValue("0s") @DurationUnit(ChronoUnit.SECONDS) Duration requestTimeout,
			@DefaultValue List<RequestTimeoutOverride> requestTimeoutOverrides,
			@DefaultValue("10s") @DurationUnit(ChronoUnit.SECONDS) Duration requestTimeoutGrace,
			@DefaultValue("0s") @DurationUnit(ChronoUnit.SECONDS) Duration slowRequestThreshold) {
	}

	/**
	 * A limit for the requests to some paths.
	 *
	 * @param path Pattern of the paths within the application, such as /reports/**.
	 * @param timeout Time after which a request is interrupted; 0 for no limit. If a
	 * duration suffix is not specified, seconds will be used.
	 */
	public record RequestTimeoutOverride(@Nullable String path,
			@DurationUnit(ChronoUnit.SECONDS) @Nullable Duration timeout) {
	}

	/**
	 * Requests that a worker sends to itself before it takes traffic.
	 *
	 * @param paths Paths within the application that are requested, with their query
	 * strings.
	 * @param requests Number of requests to each path.
	 * @param concurrency Maximum number of requests at once; the worker class may allow
	 * fewer.
	 * @param timeout Time after which the warm-up is given up and the worker takes
	 * traffic. If a duration suffix is not specified, seconds will be used.
	 */
	@ConfigurationProperties("tomcorn.warm-up")
	public record WarmUp(@DefaultValue List<String> paths, @DefaultValue("100") Integer requests,
			@DefaultValue("1") Integer concurrency,
			@DefaultValue("30s") @DurationUnit(ChronoUnit.SECONDS) Duration timeout) {
	}

	/**
	 * How a copy of the application is kept, so that workers start faster.
	 *
	 * @param enabled Whether the jar is kept, extracted, with an AOT cache that a worker
	 * records while it serves. Workers start from that.
	 * @param directory Directory in which the copy is kept. Only this user may have write
	 * access. When not set, tomcorn among the caches of this user.
	 * @param maxSize Maximum size of that directory; the least recently used copies are
	 * deleted. If a size suffix is not specified, bytes will be used.
	 * @param trainingRequests Number of requests after which a worker that records is
	 * replaced.
	 * @param trainingTime Time after which a worker that records is replaced, at the
	 * latest. If a duration suffix is not specified, seconds will be used.
	 */
	@ConfigurationProperties("tomcorn.preload")
	public record Preload(@DefaultValue("false") Boolean enabled, @Nullable Path directory,
			@DefaultValue("2GB") DataSize maxSize, @DefaultValue("2000") Integer trainingRequests,
			@DefaultValue("2m") @DurationUnit(ChronoUnit.SECONDS) Duration trainingTime) {
	}

	/**
	 * What is kept about workers that failed.
	 *
	 * @param directory Directory of the incident folders. When not set, a private one
	 * among the temporary files.
	 * @param maxCount Maximum number of incident folders; the oldest are deleted. With 0
	 * none is written.
	 * @param maxSize Maximum size of all incident folders together; the oldest are
	 * deleted. If a size suffix is not specified, bytes will be used.
	 * @param heapDump Whether an incident includes a heap dump.
	 * @param flightRecording Whether workers record continuously with the flight
	 * recorder, so that an incident includes the last minutes.
	 */
	@ConfigurationProperties("tomcorn.incidents")
	public record Incidents(@Nullable Path directory, @DefaultValue("20") Integer maxCount,
			@DefaultValue("512MB") DataSize maxSize, @DefaultValue("false") Boolean heapDump,
			@DefaultValue("false") Boolean flightRecording) {
	}

	/**
	 * Thresholds from which a condition of the fleet or the machine counts as a problem.
	 *
	 * @param ignored Kinds of problems that are not reported, such as long-request.
	 * @param queueWait Time that a connection must wait while all workers are at their
	 * limit. If a duration suffix is not specified, seconds will be used.
	 * @param deaths Time for which a death of a worker is reported. If a duration suffix
	 * is not specified, seconds will be used.
	 * @param memoryLimit Percentage of the container's memory that must be in use.
	 * @param cpuTaken Percentage of the CPU that a limit, other virtual machines or other
	 * processes must take.
	 * @param diskFree Size of the free space below which a disk counts as full. If a size
	 * suffix is not specified, bytes will be used.
	 * @param clockJump Time by which the clock of the machine must have jumped. If a
	 * duration suffix is not specified, seconds will be used.
	 * @param endAfter Time for which a problem must be gone before it is over. If a
	 * duration suffix is not specified, seconds will be used.
	 * @param remembered Time for which a problem that is over is still shown. If a
	 * duration suffix is not specified, seconds will be used.
	 */
	@ConfigurationProperties("tomcorn.problems")
	public record Problems(@DefaultValue List<String> ignored,
			@DefaultValue("1s") @DurationUnit(ChronoUnit.SECONDS) Duration queueWait,
			@DefaultValue("10m") @DurationUnit(ChronoUnit.SECONDS) Duration deaths,
			@DefaultValue("95") Integer memoryLimit, @DefaultValue("30") Integer cpuTaken,
			@DefaultValue("64MB") DataSize diskFree,
			@DefaultValue("5s") @DurationUnit(ChronoUnit.SECONDS) Duration clockJump,
			@DefaultValue("10s") @DurationUnit(ChronoUnit.SECONDS) Duration endAfter,
			@DefaultValue("10m") @DurationUnit(ChronoUnit.SECONDS) Duration remembered) {
	}

	/**
	 * Thresholds from which a condition of a worker counts as a problem.
	 *
	 * @param workerStopped Time for which a signal must have stopped a worker. If a
	 * duration suffix is not specified, seconds will be used.
	 * @param workerSilent Time for which a worker must have done no useful work. If a
	 * duration suffix is not specified, seconds will be used.
	 * @param carriersHeld Time for which all carriers of a worker must have been held. If
	 * a duration suffix is not specified, seconds will be used.
	 * @param longRequest Time for which a request must have run that is unusual. If a
	 * duration suffix is not specified, seconds will be used.
	 * @param outOfMemory Number of requests of a worker that must have failed with an
	 * OutOfMemoryError.
	 * @param heapAfterGc Percentage of the heap that must be in use after a collection.
	 * @param fileDescriptors Percentage of the file descriptors of a worker that must be
	 * in use.
	 * @param connectionPool Time for which threads must have waited for a connection to a
	 * database. If a duration suffix is not specified, seconds will be used.
	 */
	@ConfigurationProperties("tomcorn.problems")
	public record WorkerProblems(@DefaultValue("1s") @DurationUnit(ChronoUnit.SECONDS) Duration workerStopped,
			@DefaultValue("5s") @DurationUnit(ChronoUnit.SECONDS) Duration workerSilent,
			@DefaultValue("3s") @DurationUnit(ChronoUnit.SECONDS) Duration carriersHeld,
			@DefaultValue("10s") @DurationUnit(ChronoUnit.SECONDS) Duration longRequest,
			@DefaultValue("1") Integer outOfMemory, @DefaultValue("90") Integer heapAfterGc,
			@DefaultValue("90") Integer fileDescriptors,
			@DefaultValue("5s") @DurationUnit(ChronoUnit.SECONDS) Duration connectionPool) {
	}

	/**
	 * The fleet.
	 *
	 * @param scheduling Workers in which scheduled work runs: methods with the Scheduled
	 * annotation, Quartz, pollers of Spring Integration, Batch jobs at the start.
	 * @param warnings Which warnings about differences from plain Boot are logged in a
	 * fleet, by name. All are logged unless switched off.
	 * @param runDirectory Directory in which the arbiter creates its private directory
	 * for scoreboard and control socket. When not set, /dev/shm if possible, or else the
	 * directory for temporary files.
	 * @param pauseOnWinch Whether the signal WINCH pauses the fleet. It never does with a
	 * terminal.
	 * @param arbiter The supervising process.
	 */
	@ConfigurationProperties("tomcorn")
	public record Fleet(@DefaultValue("all") Scheduling scheduling, @DefaultValue Map<String, Boolean> warnings,
			@Nullable Path runDirectory, @DefaultValue("false") Boolean pauseOnWinch, @DefaultValue Arbiter arbiter) {
	}

	/**
	 * Workers in which methods with the Scheduled annotation run.
	 */
	public enum Scheduling {

		/** Every worker. */
		ALL,

		/** The leader only. */
		LEADER

	}

	/**
	 * The supervising process.
	 *
	 * @param enabled Whether the application runs in worker processes under an arbiter.
	 * When not set, only with more than one worker.
	 */
	public record Arbiter(@Nullable Boolean enabled) {
	}

	/**
	 * How the meters of several workers are shown.
	 *
	 * @param counters How counters and histograms are shown in a scrape: as the sum of
	 * all workers, or by worker.
	 */
	@ConfigurationProperties("tomcorn.metrics")
	public record Metrics(@DefaultValue("sum") Counters counters) {
	}

}
