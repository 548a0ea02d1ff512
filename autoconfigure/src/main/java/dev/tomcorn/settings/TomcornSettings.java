package dev.tomcorn.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import dev.tomcorn.core.arbiter.ArbiterSettings;
import dev.tomcorn.core.incident.IncidentSettings;
import dev.tomcorn.core.listener.BindAddress;
import dev.tomcorn.core.problem.ProblemSettings;
import dev.tomcorn.core.process.JvmOptions;
import dev.tomcorn.core.release.PreloadSettings;
import dev.tomcorn.request.RequestLimits;
import dev.tomcorn.warnings.FleetWarnings;
import dev.tomcorn.worker.RecycleLimits;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * The validated properties, with names resolved and with the defaults that depend on
 * other properties.
 *
 * @param workerClass canonical name of the worker class, or the user's value for a custom
 * one
 * @param workerClassSet whether the user chose the worker class
 * @param threads number of request threads of a gthread worker
 * @param workerConnections maximum number of requests that a gevent worker runs at once
 * @param bind where to listen; empty for {@code server.address} and {@code server.port}
 * @param backlog connections that wait in the kernel's queue
 * @param reusePort whether other processes may listen on the same port
 * @param arbiter the supervision policy, with the number of workers
 * @param firstWorkerAlone whether the first worker of a start boots alone
 * @param deferSecondCompiler whether a JVM's second compiler waits until the application
 * has started
 * @param requestLimits limits on the time of a request
 * @param recycleLimits limits after which a worker is replaced
 * @param warmUp how a worker warms up
 * @param preload how a copy of the application is kept
 * @param incidents what is kept about workers that failed
 * @param problems thresholds of problems
 * @param directory where workers start, or {@code null} for the directory of this process
 * @param jvmOptions JVM options of the workers only
 * @param runDirectory where the run directory is created, or {@code null} for the default
 * @param pauseOnWinch whether the signal WINCH pauses the fleet
 * @param arbiterEnabled the user's choice about supervision, if any
 */
public record TomcornSettings(String workerClass, boolean workerClassSet, int threads, int workerConnections,
		List<BindAddress> bind, int backlog, boolean reusePort, ArbiterSettings arbiter, boolean firstWorkerAlone,
		boolean deferSecondCompiler, RequestLimits requestLimits, RecycleLimits recycleLimits, WarmUpSettings warmUp,
		PreloadSettings preload, IncidentSettings incidents, ProblemSettings problems, @Nullable Path directory,
		List<String> jvmOptions, @Nullable Path runDirectory, boolean pauseOnWinch, @Nullable Boolean arbiterEnabled) {

	private static final String SYNC = "sync";

	private static final String GTHREAD = "gthread";

	private static final String GEVENT = "gevent";

	private static final Map<String, String> ALIASES = Map.of("process", SYNC, "platform", GTHREAD, "virtual", GEVENT);

	private static final int MAX_THREADS = 10_000;

	private static final int MAX_WORKER_CONNECTIONS = 1_000_000;

	private static final int MAX_BACKLOG = 65_535;

	private static final int DEFAULT_BACKLOG = 2048;

	private static final Duration MIN_TIMEOUT = Duration.ofSeconds(2);

	/**
	 * Options that take the next word as an argument or start something else.
	 */
	private static final Set<String> NO_JVM_OPTIONS = Set.of("-", "--", "-jar", "-cp", "-classpath", "--class-path",
			"-m", "--module", "-p", "--module-path", "--add-opens", "--add-exports", "--add-modules", "--add-reads",
			"--patch-module", "--enable-native-access", "--limit-modules", "--upgrade-module-path");

	/**
	 * Long, because a heap dump is slow. The worker's requests wait meanwhile.
	 */
	private static final Duration HEAP_DUMP_RECORD_LIMIT = Duration.ofSeconds(75);

	private static final Duration FLIGHT_RECORDING_RECORD_LIMIT = Duration.ofSeconds(20);

	/**
	 * Read the settings of an application.
	 * @throws InvalidSettingException if a property has an invalid value
	 */
	public static TomcornSettings of(Environment environment) {
		return of(Binder.get(environment).bindOrCreate("tomcorn", TomcornProperties.class), environment);
	}

	private static TomcornSettings of(TomcornProperties properties, Environment environment) {
		Binder binder = Binder.get(environment);
		checkWarnings(properties.getWarnings().keySet());
		String workerClass = canonicalName(
				StringUtils.hasText(properties.getWorkerClass()) ? properties.getWorkerClass() : GEVENT);
		Duration gracefulTimeout = ShutdownTimeouts.gracefulTimeout(properties, binder);
		int workers = workers(properties, workerClass, environment);
		ArbiterSettings arbiter = new ArbiterSettings(workers, standby(properties.getStandby(), workers),
				SettingChecks.inRange("tomcorn.reload.max-surge", properties.getReload().getMaxSurge(),
						ArbiterSettings.MAX_WORKERS),
				SettingChecks.inRange("tomcorn.recycle.max-surge", properties.getRecycle().getMaxSurge(),
						ArbiterSettings.MAX_WORKERS),
				SettingChecks.inRange("tomcorn.boot-timeout", properties.getBootTimeout()),
				timeout(properties.getTimeout()), gracefulTimeout, ShutdownTimeouts.closeTimeout(binder),
				recordLimit(properties.getIncidents()));
		int threads = (properties.getThreads() != null)
				? SettingChecks.inRange("tomcorn.threads", properties.getThreads(), MAX_THREADS)
				: Math.clamp(binder.bind("server.tomcat.threads.max", Integer.class).orElse(200), 1, MAX_THREADS);
		int backlog = (properties.getBacklog() != null)
				? SettingChecks.inRange("tomcorn.backlog", properties.getBacklog(), MAX_BACKLOG)
				: Math.clamp(binder.bind("server.tomcat.accept-count", Integer.class).orElse(DEFAULT_BACKLOG), 1,
						MAX_BACKLOG);
		return new TomcornSettings(workerClass, isSet(binder, "tomcorn.worker-class"), threads,
				SettingChecks.inRange("tomcorn.worker-connections", properties.getWorkerConnections(),
						MAX_WORKER_CONNECTIONS),
				BindSettings.of(environment), backlog, properties.getReusePort(), arbiter,
				properties.getFirstWorkerAlone(), properties.getDeferSecondCompiler(), Limits.ofRequests(properties),
				Limits.ofWorkers(properties), WarmUpSettings.of(properties), preload(properties.getPreload()),
				incidents(properties), ProblemThresholds.of(properties.getProblems()),
				// The arbiter checks that it exists: a developer's machine may not have
				// it
				SettingChecks.absolute("tomcorn.directory", properties.getDirectory()),
				jvmOptions(properties, environment), properties.getRunDirectory(), properties.getPauseOnWinch(),
				properties.getArbiter().getEnabled());
	}

	/**
	 * Reject unknown names, since a mistyped name would switch nothing off.
	 */
	private static void checkWarnings(Set<String> names) {
		for (String name : names) {
			// An environment variable has no dashes
			if (FleetWarnings.names().stream().noneMatch((known) -> uniform(known).equals(uniform(name)))) {
				throw new InvalidSettingException("tomcorn.warnings." + name, "set",
						"one of the warnings " + String.join(", ", new TreeSet<>(FleetWarnings.names())));
			}
		}
	}

	private static String uniform(String name) {
		return name.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
	}

	private static List<String> jvmOptions(TomcornProperties properties, Environment environment) {
		// One text, as on a command line, where commas do not separate; or a list
		List<String> options = (properties.getJvmOptions() != null) ? JvmOptions.split(properties.getJvmOptions())
				: Binder.get(environment).bind("tomcorn.jvm-options", Bindable.listOf(String.class)).orElse(List.of());
		for (String option : options) {
			if (!option.startsWith("-") || NO_JVM_OPTIONS.contains(option)) {
				throw new InvalidSettingException("tomcorn.jvm-options", option,
						"JVM options, each one word that begins with '-', such as -Dname=value or "
								+ "--add-opens=module/package=other, and none that selects what to start");
			}
		}
		return options;
	}

	private static int standby(int standby, int workers) {
		if (standby < 0 || workers + standby > ArbiterSettings.MAX_WORKERS) {
			throw new InvalidSettingException("tomcorn.standby", Integer.toString(standby),
					"a number from 0 to %d, so that there are at most %d workers in all"
						.formatted(ArbiterSettings.MAX_WORKERS - workers, ArbiterSettings.MAX_WORKERS));
		}
		return standby;
	}

	private static Duration recordLimit(TomcornProperties.Incidents incidents) {
		if (incidents.getHeapDump()) {
			return HEAP_DUMP_RECORD_LIMIT;
		}
		return incidents.getFlightRecording() ? FLIGHT_RECORDING_RECORD_LIMIT : ArbiterSettings.RECORD_LIMIT;
	}

	private static PreloadSettings preload(TomcornProperties.Preload preload) {
		return new PreloadSettings(preload.getEnabled(),
				SettingChecks.absolute("tomcorn.preload.directory", preload.getDirectory()),
				SettingChecks.positive("tomcorn.preload.max-size", preload.getMaxSize()),
				SettingChecks.inRange("tomcorn.preload.training-requests", preload.getTrainingRequests(),
						Integer.MAX_VALUE),
				SettingChecks.inRange("tomcorn.preload.training-time", preload.getTrainingTime()));
	}

	private static IncidentSettings incidents(TomcornProperties properties) {
		TomcornProperties.Incidents incidents = properties.getIncidents();
		return new IncidentSettings(incidents.getDirectory(),
				SettingChecks.fromZero("tomcorn.incidents.max-count", incidents.getMaxCount()),
				SettingChecks.positive("tomcorn.incidents.max-size", incidents.getMaxSize()), incidents.getHeapDump(),
				incidents.getFlightRecording());
	}

	/**
	 * Return the first of the names of a worker class.
	 * @param workerClass one of its names
	 * @return its first name, or the name of a custom class
	 */
	public static String canonicalName(String workerClass) {
		return ALIASES.getOrDefault(workerClass, workerClass);
	}

	/**
	 * Return whether the worker class is sync.
	 * @return whether it is
	 */
	public boolean isSync() {
		return SYNC.equals(this.workerClass);
	}

	/**
	 * Return whether the worker class is gthread.
	 * @return whether it is
	 */
	public boolean isGthread() {
		return GTHREAD.equals(this.workerClass);
	}

	/**
	 * Return whether the worker class is gevent.
	 * @return whether it is
	 */
	public boolean isGevent() {
		return GEVENT.equals(this.workerClass);
	}

	/**
	 * Return the configured number of workers.
	 * @return their number
	 */
	public int workers() {
		return this.arbiter.workers();
	}

	private static int workers(TomcornProperties properties, String workerClass, Environment environment) {
		String property = "tomcorn.workers";
		String value = properties.getWorkers();
		if (!StringUtils.hasText(value)) {
			property = "WEB_CONCURRENCY";
			value = environment.getProperty(property);
		}
		if (!StringUtils.hasText(value)) {
			// An empty variable counts as not set
			return 1;
		}
		value = value.trim();
		if ("auto".equals(value)) {
			int cpus = Runtime.getRuntime().availableProcessors();
			// With sync only processes run in parallel, so this is Gunicorn's rule
			return Math.min(SYNC.equals(workerClass) ? 2 * cpus + 1 : cpus, ArbiterSettings.MAX_WORKERS);
		}
		try {
			return SettingChecks.inRange(property, Integer.parseInt(value), ArbiterSettings.MAX_WORKERS);
		}
		catch (NumberFormatException ex) {
			throw new InvalidSettingException(property, value,
					"a number from 1 to " + ArbiterSettings.MAX_WORKERS + ", or 'auto'");
		}
	}

	/**
	 * Check the limit: one close to the interval of the heartbeats would kill healthy
	 * workers.
	 */
	private static Duration timeout(Duration value) {
		if (!value.isZero() && value.compareTo(MIN_TIMEOUT) < 0) {
			throw new InvalidSettingException("tomcorn.timeout", value.toString(), "0, or 2 seconds or more");
		}
		return SettingChecks.inRange("tomcorn.timeout", value);
	}

	/**
	 * Return whether a property has a value.
	 * @param binder the binder
	 * @param property name of the property
	 * @return whether it has one
	 */
	public static boolean isSet(Binder binder, String property) {
		return StringUtils.hasText(binder.bind(property, String.class).orElse(""));
	}

}
