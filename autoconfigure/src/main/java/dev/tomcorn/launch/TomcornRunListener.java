package dev.tomcorn.launch;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import dev.tomcorn.core.listener.SharedListener;
import dev.tomcorn.core.process.EndLimit;
import dev.tomcorn.core.process.Predecessor;
import dev.tomcorn.core.process.SecondCompiler;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.scoreboard.FleetLocks;
import dev.tomcorn.logs.KnownFailures;
import dev.tomcorn.logs.ProcessLogs;
import dev.tomcorn.logs.ProcessName;
import dev.tomcorn.logs.TelemetryInstance;
import dev.tomcorn.random.FleetSecret;
import dev.tomcorn.random.GeneratedPassword;
import dev.tomcorn.random.RandomProperties;
import dev.tomcorn.settings.BindSettings;
import dev.tomcorn.settings.TomcornSettings;
import dev.tomcorn.worker.OnSupervised;
import dev.tomcorn.worker.WorkerProcess;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringApplicationRunListener;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.event.ApplicationStartingEvent;
import org.springframework.boot.context.event.SpringApplicationEvent;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * {@link SpringApplicationRunListener} that gives this JVM its role when the environment
 * is prepared and there is no context yet: a worker, an arbiter or neither.
 */
final class TomcornRunListener implements SpringApplicationRunListener, Ordered {

	private static final Log logger = LogFactory.getLog(TomcornRunListener.class);

	private static final Log launchLogger = LogFactory.getLog("dev.tomcorn.launch");

	private static final Duration EXIT_LIMIT = Duration.ofSeconds(5);

	static final String LATE_SETTINGS_BEAN = "tomcornLateSettings";

	private final SpringApplication application;

	private final List<String> arguments;

	private final LaunchSignals signals = LaunchSignals.begin();

	private final @Nullable SecondCompiler secondCompiler = heldInWorker();

	private final FileWriters fileWriters;

	private final @Nullable ComposeServices composeServices;

	private final @Nullable Preinitialization preinitialization;

	private final List<SpringApplicationEvent> events = new ArrayList<>();

	private @Nullable Launch launch;

	private @Nullable WorkerProcess workerProcess;

	private @Nullable LateSettings lateSettings;

	private @Nullable KnownFailures knownFailures;

	private Runnable booted = () -> {
	};

	TomcornRunListener(SpringApplication application, String[] arguments) {
		this.application = application;
		this.arguments = List.of(arguments);
		this.fileWriters = FileWriters.takeFrom(application);
		this.composeServices = ComposeServices.of(application);
		this.preinitialization = Preinitialization.of(application);
	}

	/**
	 * Hold the second compiler back until the application has started. This JVM is
	 * already known to be a worker.
	 */
	private static @Nullable SecondCompiler heldInWorker() {
		boolean held = SecondCompiler.isDeferred(System.getenv())
				&& WorkerIdentity.fromEnvironment(System.getenv(), parentPid()) != null && SharedListener.isInherited();
		return held ? SecondCompiler.hold() : null;
	}

	@Override
	public void starting(ConfigurableBootstrapContext bootstrapContext) {
		if (ShellCommand.MODE.equalsIgnoreCase(System.getProperty("jarmode"))) {
			// Without Boot's launcher, the application would start
			ShellCommand.main(arguments());
		}
		this.events.add(new ApplicationStartingEvent(bootstrapContext, this.application, arguments()));
	}

	private String[] arguments() {
		return this.arguments.toArray(String[]::new);
	}

	@Override
	public void environmentPrepared(ConfigurableBootstrapContext bootstrapContext,
			ConfigurableEnvironment environment) {
		Launch launch = Launches.decide(bootstrapContext, this.application, environment);
		this.launch = launch;
		if (this.preinitialization != null && launch.role() != Launch.Role.ARBITER) {
			this.preinitialization.begin();
		}
		this.events
			.add(new ApplicationEnvironmentPreparedEvent(bootstrapContext, this.application, arguments(), environment));
		if (new LogsEnvironmentPostProcessor(bootstrapContext).tellAgain(launch, environment)) {
			setUpLogsAgain();
		}
		ProcessName name = LogsEnvironmentPostProcessor.nameOf(launch, environment);
		if (name != null) {
			ProcessLogs.nameLines(name);
		}
		ApplicationDefaults.add(launch, environment);
		launchLogger.debug("This JVM is %s: %s".formatted(launch.role(), launch.reason()));
		tell(launch.message());
		switch (launch.role()) {
			case SOLO -> runAlone(launch, environment);
			case WORKER -> join(Objects.requireNonNull(launch.identity()), environment, bootstrapContext);
			case ORPHAN -> {
				logger.warn("Ending before the application is loaded: the arbiter that spawned this worker is gone");
				System.exit(0);
			}
			case ARBITER -> supervise(environment);
		}
		this.signals.release();
	}

	/**
	 * Set up the logs again. A later listener has changed the role of this JVM after the
	 * logs were set up.
	 */
	private void setUpLogsAgain() {
		for (ApplicationListener<?> listener : this.application.getListeners()) {
			if (listener instanceof LoggingApplicationListener logs) {
				LoggingSystem.get(this.application.getClassLoader()).cleanUp();
				this.events.forEach(logs::onApplicationEvent);
			}
		}
	}

	/**
	 * Another application that a worker's application has started does not write the
	 * fleet's files.
	 */
	private void runAlone(Launch launch, ConfigurableEnvironment environment) {
		if (!launch.configured()) {
			BindSettings.leaveOut(environment);
		}
		if (launch.identity() == null) {
			this.fileWriters.giveBackTo(this.application, this.events);
		}
		if (launch.configured() && launch.served()) {
			this.lateSettings = LateSettings.ofSolo(environment);
		}
	}

	private static void tell(LaunchMessage message) {
		switch (message) {
			case LaunchMessage.None _ -> {
			}
			case LaunchMessage.Line(boolean warning, String text) -> {
				if (warning) {
					launchLogger.warn(text);
				}
				else {
					launchLogger.info(text);
				}
			}
			case LaunchMessage.Refusal(String problem, String action) ->
				throw new SupervisionUnavailableException(problem, action);
			case LaunchMessage.Failure(RuntimeException cause) -> throw cause;
		}
	}

	private void supervise(ConfigurableEnvironment environment) {
		Predecessor predecessor = Predecessor.fromEnvironment(System.getenv(), parentPid());
		int exitCode = new ArbiterLauncher(environment, this.arguments, this.application.getMainApplicationClass(),
				predecessor, this.signals.kept())
			.run(this.fileWriters);
		// The exit may hang, because it logs and no process may read the log
		EndLimit.haltAfter(EXIT_LIMIT, exitCode);
		System.exit(exitCode);
	}

	@Override
	public void failed(@Nullable ConfigurableApplicationContext context, Throwable exception) {
		this.signals.release();
		String report = BootFailure.describe(context, exception);
		KnownFailures failures = this.knownFailures;
		if (failures != null) {
			failures.seen(exception);
			failures.keep();
		}
		WorkerIdentity identity = WorkerIdentity.fromEnvironment(System.getenv(), parentPid());
		if (this.workerProcess != null) {
			this.workerProcess.bootFailed(report);
		}
		else if (identity != null && SharedListener.isInherited()) {
			// It failed before it joined: its configuration is unreadable or invalid
			WorkerProcess.bootFailed(identity, report);
		}
	}

	static long parentPid() {
		return ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(-1L);
	}

	private void join(WorkerIdentity identity, ConfigurableEnvironment environment,
			ConfigurableBootstrapContext bootstrapContext) {
		try {
			// Already open, unless that failed. Opening twice would release the locks
			FleetLocks opened = bootstrapContext.isRegistered(FleetLocks.class) ? bootstrapContext.get(FleetLocks.class)
					: null;
			FleetLocks locks = (opened != null) ? opened
					: FleetLocks.open(WorkerIdentity.locks(identity.runDirectory()), identity.arbiterPid());
			WorkerProcess process = WorkerProcess.join(identity, locks);
			this.workerProcess = process;
			if (this.composeServices != null) {
				this.composeServices.join(locks, environment);
			}
			KnownFailures failures = KnownFailures.of(identity.runDirectory(), identity.placement());
			this.knownFailures = failures;
			this.booted = ProcessLogs.leaveOutKnownStacks(failures);
			ArbiterOnlySettings.adopt(environment, System.getenv());
			TelemetryInstance.addDefault(environment,
					environment.getProperty("tomcorn.worker.label", "" + identity.placement().index()),
					System.getenv());
			share(environment);
			TomcornSettings settings = TomcornSettings.of(environment);
			process.configure(settings.arbiter(), settings.incidents());
			List<String> changes = ArbiterOnlySettings.changes(environment, System.getenv());
			if (!changes.isEmpty()) {
				logger.warn("Changed without effect until the arbiter is restarted or, unless an address or a port has "
						+ "changed, replaced (USR2): " + String.join(", ", changes));
			}
			this.lateSettings = LateSettings.ofWorker(environment, settings);
		}
		catch (IOException ex) {
			throw new IllegalStateException("This worker cannot join its arbiter", ex);
		}
		if (identity.placement().age() > 1) {
			// By default only the first worker shows the banner
			DefaultProperty.add(environment, "spring.main.banner-mode", "off");
		}
	}

	/**
	 * Share the fleet's random values with this worker's properties.
	 */
	private void share(ConfigurableEnvironment environment) {
		FleetSecret secret = (this.workerProcess != null) ? FleetSecret.of(this.workerProcess.scoreboard()) : null;
		if (secret != null) {
			RandomProperties.share(environment, secret);
		}
	}

	@Override
	public void contextPrepared(ConfigurableApplicationContext context) {
		if (this.workerProcess != null) {
			context.getBeanFactory().registerSingleton(OnSupervised.WORKER_PROCESS_BEAN, this.workerProcess);
			context.getBeanFactory()
				.addBeanPostProcessor(new GeneratedPassword(this.workerProcess, context.getBeanFactory()));
			// After @PropertySource has added its sources, before they are read
			context.addBeanFactoryPostProcessor((_) -> share(context.getEnvironment()));
		}
		if (this.lateSettings != null) {
			context.getBeanFactory().registerSingleton(LATE_SETTINGS_BEAN, this.lateSettings);
		}
		if (this.launch != null && this.launch.served() && (this.workerProcess != null || this.launch.configured())) {
			context.getBeanFactory().addBeanPostProcessor(new OtherServers(this.workerProcess != null));
		}
	}

	/**
	 * The runners of the application come next, which may compute something.
	 */
	@Override
	public void started(ConfigurableApplicationContext context, @Nullable Duration timeTaken) {
		if (this.secondCompiler != null) {
			this.secondCompiler.release();
		}
	}

	@Override
	public void ready(ConfigurableApplicationContext context, @Nullable Duration timeTaken) {
		this.booted.run();
	}

	@Override
	public int getOrder() {
		// After the listener that loads application.yml and sets up logging
		return 10;
	}

}
