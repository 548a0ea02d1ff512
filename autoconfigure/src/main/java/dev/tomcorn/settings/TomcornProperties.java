package dev.tomcorn.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.convert.DurationUnit;
import org.springframework.util.unit.DataSize;

/**
 * Configuration properties of Tomcorn. An empty property, such as an empty environment
 * variable, has its default. This is a bean and no record, because each JVM of a fleet
 * binds it before anything else, and a record of so many components takes three times as
 * long.
 */
@ConfigurationProperties("tomcorn")
public final class TomcornProperties {

	/**
	 * How each worker runs requests: sync (also process), gthread (also platform), gevent
	 * (also virtual), the name of a class that implements WorkerModel, or the name of a
	 * bean that does.
	 */
	private String workerClass = "gevent";

	/**
	 * Number of worker processes, or 'auto' to size by the worker class and the available
	 * CPUs. When not set, the environment variable WEB_CONCURRENCY or else 1.
	 */
	private @Nullable String workers;

	/**
	 * Number of request threads of each gthread worker. When not set, the value of
	 * server.tomcat.threads.max.
	 */
	private @Nullable Integer threads;

	/**
	 * Maximum number of requests that each gevent worker runs at once.
	 */
	private Integer workerConnections = 1000;

	/**
	 * Addresses to listen on: host:port, [IPv6]:port or :port, unix:/path with ?mode=,
	 * &amp;owner= and &amp;group=, fd://number or fd://name of a socket that the process
	 * was started with. When not set, server.address and server.port.
	 */
	private List<String> bind = new ArrayList<>();

	/**
	 * Maximum number of connections that wait in the kernel's queue, bounded by
	 * net.core.somaxconn. When not set, the value of server.tomcat.accept-count if that
	 * is set, or else 2048.
	 */
	private @Nullable Integer backlog;

	/**
	 * Whether other processes may listen on the same port, by SO_REUSEPORT.
	 */
	private Boolean reusePort = false;

	/**
	 * Whether the first worker of a start boots alone, so that it migrates a database
	 * before the others begin.
	 */
	private Boolean firstWorkerAlone = true;

	/**
	 * Whether the second compiler of the JVM begins in a worker when its application has
	 * started, after 30 seconds at the latest.
	 */
	private Boolean deferSecondCompiler = true;

	/**
	 * Time after which a worker that has not become ready is ended; 0 for no limit. For
	 * the first worker of a start, only a warning is logged. If a duration suffix is not
	 * specified, seconds will be used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration bootTimeout = Duration.ofMinutes(2);

	/**
	 * Time after which a worker that shows no sign of life is killed and replaced; 0 for
	 * no limit. If a duration suffix is not specified, seconds will be used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration timeout = Duration.ofSeconds(30);

	/**
	 * Time that an ending worker may take to finish its requests. If it is not set,
	 * spring.lifecycle.timeout-per-shutdown-phase is used. If a duration suffix is not
	 * specified, seconds will be used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration gracefulTimeout = Duration.ofSeconds(30);

	/**
	 * Number of further workers that are booted but take no traffic until another worker
	 * is lost or replaced.
	 */
	private Integer standby = 0;

	/**
	 * Number of requests after which a worker is replaced; 0 for no limit.
	 */
	private Integer maxRequests = 0;

	/**
	 * Maximum number of requests that is added to max-requests, at random for each
	 * worker.
	 */
	private Integer maxRequestsJitter = 0;

	/**
	 * Time after which a worker is replaced; 0 for no limit. If a duration suffix is not
	 * specified, seconds will be used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration maxLifetime = Duration.ofSeconds(0);

	/**
	 * Resident memory above which a worker is replaced. When not set, there is no limit.
	 * If a size suffix is not specified, bytes will be used.
	 */
	private @Nullable DataSize maxMemory;

	/**
	 * Heap that is still in use after a collection above which a worker is replaced, as a
	 * size such as 600MB or as a share of its maximum heap such as 85%. When not set,
	 * there is no limit.
	 */
	private @Nullable String maxHeapAfterGc;

	/**
	 * Time after which a request is interrupted; 0 for no limit. If a duration suffix is
	 * not specified, seconds will be used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration requestTimeout = Duration.ofSeconds(0);

	/**
	 * Limits for the requests to some paths, in place of request-timeout; the first match
	 * applies.
	 */
	private List<RequestTimeoutOverride> requestTimeoutOverrides = new ArrayList<>();

	/**
	 * Time that an interrupted request may take to end before its worker is replaced. If
	 * a duration suffix is not specified, seconds will be used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration requestTimeoutGrace = Duration.ofSeconds(10);

	/**
	 * Time after which the stack of a request is logged; 0 for never. If a duration
	 * suffix is not specified, seconds will be used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration slowRequestThreshold = Duration.ofSeconds(0);

	/**
	 * Requests that a worker sends to itself before it takes traffic.
	 */
	private final WarmUp warmUp = new WarmUp();

	/**
	 * Time for which a worker that begins to serve gets less than its share of
	 * connections, compared with those that have served for longer; 0 for never. If a
	 * duration suffix is not specified, seconds will be used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration slowStart = Duration.ofSeconds(0);

	/**
	 * How a new generation of workers replaces the old one.
	 */
	private final Reload reload = new Reload();

	/**
	 * How workers that have reached a limit are replaced.
	 */
	private final Recycle recycle = new Recycle();

	/**
	 * How a copy of the application is kept, so that workers start faster.
	 */
	private final Preload preload = new Preload();

	/**
	 * What is kept about workers that failed.
	 */
	private final Incidents incidents = new Incidents();

	/**
	 * Thresholds from which a condition counts as a problem of the fleet.
	 */
	private final Problems problems = new Problems();

	/**
	 * Workers in which scheduled work runs: methods with the Scheduled annotation,
	 * Quartz, pollers of Spring Integration, Batch jobs at the start.
	 */
	private Scheduling scheduling = Scheduling.ALL;

	/**
	 * How the meters of several workers are shown.
	 */
	private final Metrics metrics = new Metrics();

	/**
	 * Directory in which workers start, such as the symbolic link of a deployment. When
	 * not set, the directory in which the application was started, by the shell's name
	 * for it.
	 */
	private @Nullable Path directory;

	/**
	 * JVM options of the workers only, separated by spaces. {worker} stands for the
	 * worker's index, and {worker+9000} for a number that begins there.
	 */
	private @Nullable String jvmOptions;

	/**
	 * Directory in which the arbiter creates its private directory for scoreboard and
	 * control socket. When not set, /dev/shm if possible, or else the directory for
	 * temporary files.
	 */
	private @Nullable Path runDirectory;

	/**
	 * Whether the signal WINCH pauses the fleet. It never does with a terminal.
	 */
	private Boolean pauseOnWinch = false;

	/**
	 * Which warnings about differences from plain Boot are logged in a fleet, by name.
	 * All are logged unless switched off.
	 */
	private Map<String, Boolean> warnings = new LinkedHashMap<>();

	/**
	 * The supervising process.
	 */
	private final Arbiter arbiter = new Arbiter();

	public String getWorkerClass() {
		return this.workerClass;
	}

	public void setWorkerClass(String workerClass) {
		this.workerClass = workerClass;
	}

	public @Nullable String getWorkers() {
		return this.workers;
	}

	public void setWorkers(@Nullable String workers) {
		this.workers = workers;
	}

	public @Nullable Integer getThreads() {
		return this.threads;
	}

	public void setThreads(@Nullable Integer threads) {
		this.threads = threads;
	}

	public Integer getWorkerConnections() {
		return this.workerConnections;
	}

	public void setWorkerConnections(Integer workerConnections) {
		this.workerConnections = workerConnections;
	}

	public List<String> getBind() {
		return this.bind;
	}

	public void setBind(List<String> bind) {
		this.bind = bind;
	}

	public @Nullable Integer getBacklog() {
		return this.backlog;
	}

	public void setBacklog(@Nullable Integer backlog) {
		this.backlog = backlog;
	}

	public Boolean getReusePort() {
		return this.reusePort;
	}

	public void setReusePort(Boolean reusePort) {
		this.reusePort = reusePort;
	}

	public Boolean getFirstWorkerAlone() {
		return this.firstWorkerAlone;
	}

	public void setFirstWorkerAlone(Boolean firstWorkerAlone) {
		this.firstWorkerAlone = firstWorkerAlone;
	}

	public Boolean getDeferSecondCompiler() {
		return this.deferSecondCompiler;
	}

	public void setDeferSecondCompiler(Boolean deferSecondCompiler) {
		this.deferSecondCompiler = deferSecondCompiler;
	}

	public Duration getBootTimeout() {
		return this.bootTimeout;
	}

	public void setBootTimeout(Duration bootTimeout) {
		this.bootTimeout = bootTimeout;
	}

	public Duration getTimeout() {
		return this.timeout;
	}

	public void setTimeout(Duration timeout) {
		this.timeout = timeout;
	}

	public Duration getGracefulTimeout() {
		return this.gracefulTimeout;
	}

	public void setGracefulTimeout(Duration gracefulTimeout) {
		this.gracefulTimeout = gracefulTimeout;
	}

	public Integer getStandby() {
		return this.standby;
	}

	public void setStandby(Integer standby) {
		this.standby = standby;
	}

	public Integer getMaxRequests() {
		return this.maxRequests;
	}

	public void setMaxRequests(Integer maxRequests) {
		this.maxRequests = maxRequests;
	}

	public Integer getMaxRequestsJitter() {
		return this.maxRequestsJitter;
	}

	public void setMaxRequestsJitter(Integer maxRequestsJitter) {
		this.maxRequestsJitter = maxRequestsJitter;
	}

	public Duration getMaxLifetime() {
		return this.maxLifetime;
	}

	public void setMaxLifetime(Duration maxLifetime) {
		this.maxLifetime = maxLifetime;
	}

	public @Nullable DataSize getMaxMemory() {
		return this.maxMemory;
	}

	public void setMaxMemory(@Nullable DataSize maxMemory) {
		this.maxMemory = maxMemory;
	}

	public @Nullable String getMaxHeapAfterGc() {
		return this.maxHeapAfterGc;
	}

	public void setMaxHeapAfterGc(@Nullable String maxHeapAfterGc) {
		this.maxHeapAfterGc = maxHeapAfterGc;
	}

	public Duration getRequestTimeout() {
		return this.requestTimeout;
	}

	public void setRequestTimeout(Duration requestTimeout) {
		this.requestTimeout = requestTimeout;
	}

	public List<RequestTimeoutOverride> getRequestTimeoutOverrides() {
		return this.requestTimeoutOverrides;
	}

	public void setRequestTimeoutOverrides(List<RequestTimeoutOverride> requestTimeoutOverrides) {
		this.requestTimeoutOverrides = requestTimeoutOverrides;
	}

	public Duration getRequestTimeoutGrace() {
		return this.requestTimeoutGrace;
	}

	public void setRequestTimeoutGrace(Duration requestTimeoutGrace) {
		this.requestTimeoutGrace = requestTimeoutGrace;
	}

	public Duration getSlowRequestThreshold() {
		return this.slowRequestThreshold;
	}

	public void setSlowRequestThreshold(Duration slowRequestThreshold) {
		this.slowRequestThreshold = slowRequestThreshold;
	}

	public WarmUp getWarmUp() {
		return this.warmUp;
	}

	public Duration getSlowStart() {
		return this.slowStart;
	}

	public void setSlowStart(Duration slowStart) {
		this.slowStart = slowStart;
	}

	public Reload getReload() {
		return this.reload;
	}

	public Recycle getRecycle() {
		return this.recycle;
	}

	public Preload getPreload() {
		return this.preload;
	}

	public Incidents getIncidents() {
		return this.incidents;
	}

	public Problems getProblems() {
		return this.problems;
	}

	public Scheduling getScheduling() {
		return this.scheduling;
	}

	public void setScheduling(Scheduling scheduling) {
		this.scheduling = scheduling;
	}

	public Metrics getMetrics() {
		return this.metrics;
	}

	public @Nullable Path getDirectory() {
		return this.directory;
	}

	public void setDirectory(@Nullable Path directory) {
		this.directory = directory;
	}

	public @Nullable String getJvmOptions() {
		return this.jvmOptions;
	}

	public void setJvmOptions(@Nullable String jvmOptions) {
		this.jvmOptions = jvmOptions;
	}

	public @Nullable Path getRunDirectory() {
		return this.runDirectory;
	}

	public void setRunDirectory(@Nullable Path runDirectory) {
		this.runDirectory = runDirectory;
	}

	public Boolean getPauseOnWinch() {
		return this.pauseOnWinch;
	}

	public void setPauseOnWinch(Boolean pauseOnWinch) {
		this.pauseOnWinch = pauseOnWinch;
	}

	public Map<String, Boolean> getWarnings() {
		return this.warnings;
	}

	public void setWarnings(Map<String, Boolean> warnings) {
		this.warnings = warnings;
	}

	public Arbiter getArbiter() {
		return this.arbiter;
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
	 */
	public static final class WarmUp {

		/**
		 * Paths within the application that are requested, with their query strings.
		 */
		private List<String> paths = new ArrayList<>();

		/**
		 * Number of requests to each path.
		 */
		private Integer requests = 100;

		/**
		 * Maximum number of requests at once; the worker class may allow fewer.
		 */
		private Integer concurrency = 1;

		/**
		 * Time after which the warm-up is given up and the worker takes traffic. If a
		 * duration suffix is not specified, seconds will be used.
		 */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration timeout = Duration.ofSeconds(30);

		public List<String> getPaths() {
			return this.paths;
		}

		public void setPaths(List<String> paths) {
			this.paths = paths;
		}

		public Integer getRequests() {
			return this.requests;
		}

		public void setRequests(Integer requests) {
			this.requests = requests;
		}

		public Integer getConcurrency() {
			return this.concurrency;
		}

		public void setConcurrency(Integer concurrency) {
			this.concurrency = concurrency;
		}

		public Duration getTimeout() {
			return this.timeout;
		}

		public void setTimeout(Duration timeout) {
			this.timeout = timeout;
		}

	}

	/**
	 * How a new generation of workers replaces the old one.
	 */
	public static final class Reload {

		/**
		 * Maximum number of workers that a reload has running beyond the usual number.
		 */
		private Integer maxSurge = 1;

		public Integer getMaxSurge() {
			return this.maxSurge;
		}

		public void setMaxSurge(Integer maxSurge) {
			this.maxSurge = maxSurge;
		}

	}

	/**
	 * How workers that have reached a limit are replaced.
	 */
	public static final class Recycle {

		/**
		 * Maximum number of workers that recycling has running beyond the usual number.
		 */
		private Integer maxSurge = 1;

		public Integer getMaxSurge() {
			return this.maxSurge;
		}

		public void setMaxSurge(Integer maxSurge) {
			this.maxSurge = maxSurge;
		}

	}

	/**
	 * How a copy of the application is kept, so that workers start faster.
	 */
	public static final class Preload {

		/**
		 * Whether the jar is kept, extracted, with an AOT cache that a worker records
		 * while it serves. Workers start from that.
		 */
		private Boolean enabled = false;

		/**
		 * Directory in which the copy is kept. Only this user may have write access. When
		 * not set, tomcorn among the caches of this user.
		 */
		private @Nullable Path directory;

		/**
		 * Maximum size of that directory; the least recently used copies are deleted. If
		 * a size suffix is not specified, bytes will be used.
		 */
		private DataSize maxSize = DataSize.ofGigabytes(2);

		/**
		 * Number of requests after which a worker that records is replaced.
		 */
		private Integer trainingRequests = 2000;

		/**
		 * Time after which a worker that records is replaced, at the latest. If a
		 * duration suffix is not specified, seconds will be used.
		 */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration trainingTime = Duration.ofMinutes(2);

		public Boolean getEnabled() {
			return this.enabled;
		}

		public void setEnabled(Boolean enabled) {
			this.enabled = enabled;
		}

		public @Nullable Path getDirectory() {
			return this.directory;
		}

		public void setDirectory(@Nullable Path directory) {
			this.directory = directory;
		}

		public DataSize getMaxSize() {
			return this.maxSize;
		}

		public void setMaxSize(DataSize maxSize) {
			this.maxSize = maxSize;
		}

		public Integer getTrainingRequests() {
			return this.trainingRequests;
		}

		public void setTrainingRequests(Integer trainingRequests) {
			this.trainingRequests = trainingRequests;
		}

		public Duration getTrainingTime() {
			return this.trainingTime;
		}

		public void setTrainingTime(Duration trainingTime) {
			this.trainingTime = trainingTime;
		}

	}

	/**
	 * What is kept about workers that failed.
	 */
	public static final class Incidents {

		/**
		 * Directory of the incident folders. When not set, a private one among the
		 * temporary files.
		 */
		private @Nullable Path directory;

		/**
		 * Maximum number of incident folders; the oldest are deleted. With 0 none is
		 * written.
		 */
		private Integer maxCount = 20;

		/**
		 * Maximum size of all incident folders together; the oldest are deleted. If a
		 * size suffix is not specified, bytes will be used.
		 */
		private DataSize maxSize = DataSize.ofMegabytes(512);

		/**
		 * Whether an incident includes a heap dump.
		 */
		private Boolean heapDump = false;

		/**
		 * Whether workers record continuously with the flight recorder, so that an
		 * incident includes the last minutes.
		 */
		private Boolean flightRecording = false;

		public @Nullable Path getDirectory() {
			return this.directory;
		}

		public void setDirectory(@Nullable Path directory) {
			this.directory = directory;
		}

		public Integer getMaxCount() {
			return this.maxCount;
		}

		public void setMaxCount(Integer maxCount) {
			this.maxCount = maxCount;
		}

		public DataSize getMaxSize() {
			return this.maxSize;
		}

		public void setMaxSize(DataSize maxSize) {
			this.maxSize = maxSize;
		}

		public Boolean getHeapDump() {
			return this.heapDump;
		}

		public void setHeapDump(Boolean heapDump) {
			this.heapDump = heapDump;
		}

		public Boolean getFlightRecording() {
			return this.flightRecording;
		}

		public void setFlightRecording(Boolean flightRecording) {
			this.flightRecording = flightRecording;
		}

	}

	/**
	 * Thresholds from which a condition counts as a problem of the fleet.
	 */
	public static final class Problems {

		/**
		 * Kinds of problems that are not reported, such as long-request.
		 */
		private List<String> ignored = new ArrayList<>();

		/**
		 * Time for which a signal must have stopped a worker. If a duration suffix is not
		 * specified, seconds will be used.
		 */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration workerStopped = Duration.ofSeconds(1);

		/**
		 * Time for which a worker must have done no useful work. If a duration suffix is
		 * not specified, seconds will be used.
		 */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration workerSilent = Duration.ofSeconds(5);

		/**
		 * Time for which all carriers of a worker must have been held. If a duration
		 * suffix is not specified, seconds will be used.
		 */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration carriersHeld = Duration.ofSeconds(3);

		/**
		 * Time for which a request must have run that is unusual. If a duration suffix is
		 * not specified, seconds will be used.
		 */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration longRequest = Duration.ofSeconds(10);

		/**
		 * Time that a connection must wait while all workers are at their limit. If a
		 * duration suffix is not specified, seconds will be used.
		 */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration queueWait = Duration.ofSeconds(1);

		/**
		 * Time for which a death of a worker is reported. If a duration suffix is not
		 * specified, seconds will be used.
		 */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration deaths = Duration.ofMinutes(10);

		/**
		 * Number of requests of a worker that must have failed with an OutOfMemoryError.
		 */
		private Integer outOfMemory = 1;

		/**
		 * Percentage of the heap that must be in use after a collection.
		 */
		private Integer heapAfterGc = 90;

		/**
		 * Percentage of the file descriptors of a worker that must be in use.
		 */
		private Integer fileDescriptors = 90;

		/**
		 * Percentage of the container's memory that must be in use.
		 */
		private Integer memoryLimit = 95;

		/**
		 * Percentage of the CPU that a limit, other virtual machines or other processes
		 * must take.
		 */
		private Integer cpuTaken = 30;

		/**
		 * Time for which threads must have waited for a connection to a database. If a
		 * duration suffix is not specified, seconds will be used.
		 */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration connectionPool = Duration.ofSeconds(5);

		/**
		 * Size of the free space below which a disk counts as full. If a size suffix is
		 * not specified, bytes will be used.
		 */
		private DataSize diskFree = DataSize.ofMegabytes(64);

		/**
		 * Time by which the clock of the machine must have jumped. If a duration suffix
		 * is not specified, seconds will be used.
		 */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration clockJump = Duration.ofSeconds(5);

		/**
		 * Time for which a problem must be gone before it is over. If a duration suffix
		 * is not specified, seconds will be used.
		 */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration endAfter = Duration.ofSeconds(10);

		/**
		 * Time for which a problem that is over is still shown. If a duration suffix is
		 * not specified, seconds will be used.
		 */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration remembered = Duration.ofMinutes(10);

		public List<String> getIgnored() {
			return this.ignored;
		}

		public void setIgnored(List<String> ignored) {
			this.ignored = ignored;
		}

		public Duration getWorkerStopped() {
			return this.workerStopped;
		}

		public void setWorkerStopped(Duration workerStopped) {
			this.workerStopped = workerStopped;
		}

		public Duration getWorkerSilent() {
			return this.workerSilent;
		}

		public void setWorkerSilent(Duration workerSilent) {
			this.workerSilent = workerSilent;
		}

		public Duration getCarriersHeld() {
			return this.carriersHeld;
		}

		public void setCarriersHeld(Duration carriersHeld) {
			this.carriersHeld = carriersHeld;
		}

		public Duration getLongRequest() {
			return this.longRequest;
		}

		public void setLongRequest(Duration longRequest) {
			this.longRequest = longRequest;
		}

		public Duration getQueueWait() {
			return this.queueWait;
		}

		public void setQueueWait(Duration queueWait) {
			this.queueWait = queueWait;
		}

		public Duration getDeaths() {
			return this.deaths;
		}

		public void setDeaths(Duration deaths) {
			this.deaths = deaths;
		}

		public Integer getOutOfMemory() {
			return this.outOfMemory;
		}

		public void setOutOfMemory(Integer outOfMemory) {
			this.outOfMemory = outOfMemory;
		}

		public Integer getHeapAfterGc() {
			return this.heapAfterGc;
		}

		public void setHeapAfterGc(Integer heapAfterGc) {
			this.heapAfterGc = heapAfterGc;
		}

		public Integer getFileDescriptors() {
			return this.fileDescriptors;
		}

		public void setFileDescriptors(Integer fileDescriptors) {
			this.fileDescriptors = fileDescriptors;
		}

		public Integer getMemoryLimit() {
			return this.memoryLimit;
		}

		public void setMemoryLimit(Integer memoryLimit) {
			this.memoryLimit = memoryLimit;
		}

		public Integer getCpuTaken() {
			return this.cpuTaken;
		}

		public void setCpuTaken(Integer cpuTaken) {
			this.cpuTaken = cpuTaken;
		}

		public Duration getConnectionPool() {
			return this.connectionPool;
		}

		public void setConnectionPool(Duration connectionPool) {
			this.connectionPool = connectionPool;
		}

		public DataSize getDiskFree() {
			return this.diskFree;
		}

		public void setDiskFree(DataSize diskFree) {
			this.diskFree = diskFree;
		}

		public Duration getClockJump() {
			return this.clockJump;
		}

		public void setClockJump(Duration clockJump) {
			this.clockJump = clockJump;
		}

		public Duration getEndAfter() {
			return this.endAfter;
		}

		public void setEndAfter(Duration endAfter) {
			this.endAfter = endAfter;
		}

		public Duration getRemembered() {
			return this.remembered;
		}

		public void setRemembered(Duration remembered) {
			this.remembered = remembered;
		}

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
	 * How the meters of several workers are shown.
	 */
	public static final class Metrics {

		/**
		 * How counters and histograms are shown in a scrape: as the sum of all workers,
		 * or by worker.
		 */
		private Counters counters = Counters.SUM;

		public Counters getCounters() {
			return this.counters;
		}

		public void setCounters(Counters counters) {
			this.counters = counters;
		}

	}

	/**
	 * The supervising process.
	 */
	public static final class Arbiter {

		/**
		 * Whether the application runs in worker processes under an arbiter. When not
		 * set, only with more than one worker.
		 */
		private @Nullable Boolean enabled;

		public @Nullable Boolean getEnabled() {
			return this.enabled;
		}

		public void setEnabled(@Nullable Boolean enabled) {
			this.enabled = enabled;
		}

	}

}
